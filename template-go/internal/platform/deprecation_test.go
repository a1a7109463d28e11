package platform

import (
	"net/http"
	"testing"
)

func TestADeprecatedOperationSaysSo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	for _, accept := range []string{"", "text/html"} { // whatever the answer is
		r := request(t, http.MethodGet, "/things/1", "")
		r.Header.Set("Accept", accept)
		header := f.do(r).Header()
		equal(t, "Deprecation", header.Get("Deprecation"), "@1795478400")
		equal(t, "Sunset", header.Get("Sunset"), "Wed, 30 Jun 2027 00:00:00 GMT")
	}
	for _, r := range []*http.Request{
		request(t, http.MethodGet, "/things?name=a", ""), // not deprecated
		request(t, http.MethodPatch, "/things/1", ""),    // deprecated at no date
	} {
		for _, name := range []string{"Deprecation", "Sunset"} {
			equal(t, name, f.do(r).Header().Get(name), "")
		}
	}
}
