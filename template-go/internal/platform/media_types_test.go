package platform

import (
	"net/http"
	"strings"
	"testing"
)

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	for mediaType, status := range map[string]int{
		"application/json": 200, "application/json; charset=latin-1": 200, "Application/JSON;x": 200,
		"": 415, "text/plain": 415, "application/jsonx": 415, "application/merge-patch+json": 415, ";": 415,
	} {
		for _, length := range []int64{0, -1} { // declared, and chunked
			r := request(t, http.MethodPost, "/things", `{"name": "a", "sizes": [1]}`)
			r.Header.Set("Content-Type", mediaType)
			r.ContentLength += length * (r.ContentLength + 1)
			equal(t, "status of "+mediaType, f.do(r).Code, status)
		}
	}
	r := request(t, http.MethodPost, "/things", "")
	equal(t, "an empty body of no type", problemOf(t, f.do(r)).Detail, "The request body is empty.")
}

func TestEachOperationHasItsOwnMediaType(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	for mediaType, status := range map[string]int{
		"application/merge-patch+json": 200, "application/merge-patch+json;x=y": 200, "application/json": 415, "": 415,
	} {
		r := request(t, http.MethodPatch, "/things/1", "{}")
		r.Header.Set("Content-Type", mediaType)
		w := f.do(r)
		equal(t, "status of "+mediaType, w.Code, status)
		if status == http.StatusUnsupportedMediaType {
			equal(t, "detail", problemOf(t, w).Detail, "The request body must be application/merge-patch+json.")
		}
	}
}

func TestWhatTheCallerAccepts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	for accept, status := range map[string]int{
		"": 200, " ": 200, ",": 200, "*/*": 200, "application/*": 200, "application/json": 200, "Application/JSON": 200,
		"text/html, application/json;q=0.001": 200, "application/json;q=0, */*": 200, "application/json; charset=x": 200,
		"json": 200, "application/json;q=2": 200, "text/html;q=x": 200, "text/html;q=1e-1": 200, "text/html;;": 200,
		"text/html": 406, "application/json;q=0": 406, "*/*;q=0.000": 406, "text/*, application/xml;q=1": 406,
		"application/problem+json": 406, ", text/html,": 406,
	} {
		r := request(t, http.MethodGet, "/things/1", "")
		r.Header.Set("Accept", accept)
		w := f.do(r)
		equal(t, "status of "+accept, w.Code, status)
		if status == http.StatusNotAcceptable {
			equal(t, "title", problemOf(t, w).Title, "Not Acceptable")
			equal(t, "detail", problemOf(t, w).Detail, "This operation answers with application/json.")
		}
	}
	r := request(t, http.MethodGet, "/livez", "")
	r.Header.Set("Accept", "text/plain")
	equal(t, "a probe", f.do(r).Code, http.StatusOK)
}

func TestTheOrderOfRefusals(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok, "APP_MAX_BODY_BYTES=1024")
	r := request(t, http.MethodPost, "/things", strings.Repeat("x", 1025))
	for _, step := range []struct {
		status int
		mend   func()
	}{
		{413, func() { r = request(t, http.MethodPost, "/things", "x") }},
		{415, func() { r.Header.Set("Content-Type", jsonMediaType) }},
		{406, func() { r.Header.Del("Accept") }},
		{400, nil},
	} {
		if step.status > http.StatusNotAcceptable {
			r.Header.Set("Content-Type", "text/plain")
		}
		if step.status >= http.StatusNotAcceptable {
			r.Header.Set("Accept", "text/html")
		}
		equal(t, "status", f.do(r).Code, step.status)
		if step.mend != nil {
			step.mend()
		}
	}
}
