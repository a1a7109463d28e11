package platform

import (
	"net/http"
	"testing"
)

func TestEntityTags(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]struct{ strong, weak bool }{
		`"1"`: {true, true}, `"0", "1"`: {true, true}, `"0" ,, "1",`: {true, true}, "*": {true, true}, ` "1" `: {true, true},
		`W/"1"`: {false, true}, `W/"0", W/"1"`: {false, true}, `W/"1", "1"`: {true, true},
		`"2"`: {}, `""`: {}, "": {}, "1": {}, `"1`: {}, `1"`: {}, `"1" "1"`: {}, `w/"1"`: {}, `W/ "1"`: {}, `*, "1"`: {},
		`"a b", "1"`: {}, `"1", x`: {}, `'1'`: {}, `"0,"1"`: {},
	} {
		r := request(t, http.MethodGet, "/", "")
		r.Header.Set("If-Match", field)
		r.Header.Set("If-None-Match", field)
		matches, said := ETag(`"1"`).Meant(r)
		equal(t, "If-Match: "+field, matches, want.strong)
		equal(t, "said: "+field, said, true)
		equal(t, "If-None-Match: "+field, ETag(`"1"`).Known(r), want.weak)
	}
	r := request(t, http.MethodGet, "/", "")
	r.Header["If-Match"] = []string{`"0"`, `"1"`}
	matches, _ := ETag(`"1"`).Meant(r)
	equal(t, "two fields", matches, true)
	matches, said := ETag(`"1"`).Meant(request(t, http.MethodGet, "/", ""))
	equal(t, "no field", matches || said, false)
}
