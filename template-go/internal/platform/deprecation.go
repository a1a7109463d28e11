package platform

import (
	"maps"
	"net/http"
	"strconv"
	"time"
)

// farewell is what the answers of a deprecated operation say: since when it is (RFC 9745) and when it ends (RFC 8594). The
// contract dates both, x-deprecated-at and x-sunset, as YYYY-MM-DD; what is no date is not said.
func farewell(op *operationDocument) http.Header {
	header := make(http.Header)
	if !op.Deprecated {
		return header
	}
	if since, ok := day(op.Since); ok {
		header.Set("Deprecation", "@"+strconv.FormatInt(since.Unix(), 10))
	}
	if end, ok := day(op.Sunset); ok {
		header.Set("Sunset", end.Format(http.TimeFormat))
	}
	return header
}

// day also takes what becomes of an unquoted date, which YAML reads as a moment.
func day(text string) (at time.Time, ok bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// sayFarewell adds it to an answer, whatever the answer is going to be.
func (op *operation) sayFarewell(w http.ResponseWriter) { maps.Copy(w.Header(), op.farewell) }
