package platform

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// ETag is a strong validator (RFC 9110, section 8.8.3), quotation marks included.
type ETag string

// One entity tag, and a whole field of them. What is not of that form matches nothing.
var (
	entityTag  = regexp.MustCompile(`(?:W/)?"[^\x00-\x20"\x7f]*"`)
	entityTags = regexp.MustCompile(
		`^[ \t,]*` + entityTag.String() + `(?:[ \t]*,[ \t,]*` + entityTag.String() + `)*[ \t,]*$`)
)

const (
	anyTag     = "*"
	weakPrefix = "W/"
)

// Meant tells whether a change is meant for this state of a resource (If-Match: a weak tag never is the same), and
// whether the request says so at all.
func (e ETag) Meant(r *http.Request) (matches, said bool) {
	fields := r.Header.Values("If-Match")
	return e.in(fields, false), len(fields) > 0
}

// Known tells whether the caller has this state of a resource already (If-None-Match: a weak tag is as good).
func (e ETag) Known(r *http.Request) bool { return e.in(r.Header.Values("If-None-Match"), true) }

func (e ETag) in(fields []string, weak bool) bool {
	if len(fields) == 0 { // as most requests have it
		return false
	}
	field := strings.Trim(strings.Join(fields, ","), " \t")
	if field == anyTag {
		return true
	}
	if !entityTags.MatchString(field) {
		return false
	}
	return slices.ContainsFunc(entityTag.FindAllString(field, -1), func(tag string) bool {
		if weak {
			tag = strings.TrimPrefix(tag, weakPrefix)
		}
		return tag == string(e)
	})
}
