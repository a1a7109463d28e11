package platform

import (
	"net/http"
	"regexp"
	"strings"
)

// quoted is a quoted string of a header field, to its end where the closing quote is missing.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*(?:"|\\?$)`)

// Prefers tells whether the request states a preference (RFC 7240), with whatever parameters; names have no case.
func Prefers(r *http.Request, name string) bool {
	fields := quoted.ReplaceAllString(strings.Join(r.Header.Values("Prefer"), ","), "")
	for one := range strings.SplitSeq(fields, ",") {
		one, _, _ = strings.Cut(one, ";")
		if strings.EqualFold(strings.Trim(one, " \t"), name) {
			return true
		}
	}
	return false
}
