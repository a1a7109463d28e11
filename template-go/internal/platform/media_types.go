package platform

import (
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const jsonMediaType = "application/json"

// declares tells whether the request says that its body is of a media type, with whatever parameters.
func declares(r *http.Request, mediaType string) bool {
	field := r.Header.Get("Content-Type")
	if field == mediaType { // as most clients write it
		return true
	}
	declared, _, err := mime.ParseMediaType(field)
	return declared == mediaType && (err == nil || errors.Is(err, mime.ErrInvalidMediaParameter))
}

// checkMediaTypes holds what the request says of its body, and of the answer it wants, to the operation.
func (op *operation) checkMediaTypes(r *http.Request) error {
	if op.body != nil && r.ContentLength != 0 && !declares(r, op.mediaType) {
		return NewProblem(http.StatusUnsupportedMediaType, "The request body must be "+op.mediaType+".")
	}
	if !acceptsJSON(r.Header.Values("Accept")) {
		return NewProblem(http.StatusNotAcceptable, "This operation answers with application/json.")
	}
	return nil
}

// acceptsJSON reads an Accept field. One that is absent, empty or cannot be parsed accepts anything.
func acceptsJSON(fields []string) bool {
	refused := false
	for one := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		if strings.TrimSpace(one) == "" {
			continue
		}
		mediaRange, parameters, err := mime.ParseMediaType(one)
		weight, known := weightOf(parameters)
		if err != nil || !known || !strings.Contains(mediaRange, "/") {
			return true
		}
		if weight > 0 && slices.Contains([]string{"*/*", "application/*", jsonMediaType}, mediaRange) {
			return true
		}
		refused = true
	}
	return !refused
}

// weightOf is the quality value of a media range, 1 where it has none.
func weightOf(parameters map[string]string) (weight float64, known bool) {
	text, ok := parameters["q"]
	if !ok {
		return 1, true
	}
	weight, err := strconv.ParseFloat(text, 64)
	return weight, err == nil && decimal.MatchString(text) && weight <= 1
}
