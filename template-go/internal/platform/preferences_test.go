package platform

import (
	"net/http"
	"testing"
)

func TestPreferences(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]bool{
		"respond-async": true, "Respond-Async": true, "respond-async, wait=10": true, "wait=10,respond-async": true,
		" respond-async ; x=1": true, `handling="a, b"; y, respond-async;x="c,d"`: true, `a="\"", respond-async`: true,
		"": false, "respond-asynchronously": false, "wait=respond-async": false, "x; respond-async": false,
		`a="b, respond-async"`: false, `a="b, respond-async`: false, "respond-async=no": false,
		`a="\", respond-async"`: false,
	} {
		r := request(t, http.MethodPost, "/", "")
		r.Header.Set("Prefer", field)
		equal(t, field, Prefers(r, "respond-async"), want)
	}
	r := request(t, http.MethodPost, "/", "")
	r.Header["Prefer"] = []string{"wait=1", "respond-async"}
	equal(t, "two fields", Prefers(r, "respond-async"), true)
}
