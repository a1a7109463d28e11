package platform

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// samplers are what makes requests go without spans or, since one is set, with those of the SDK: nobody may see a
// difference.
func samplers() map[string]string {
	return map[string]string{"without spans": "", "with spans": "parentbased_always_on"}
}

// The tests that take one set the environment, so they run alone.
const samplerKey = "OTEL_TRACES_SAMPLER"

func TestTheCallersTraceGoesOn(t *testing.T) {
	const caller, id = "00f067aa0ba902b7", "4bf92f3577b34da6a3ce929d0e0e4736"
	for name, sampler := range samplers() {
		t.Run(name, func(t *testing.T) {
			t.Setenv(samplerKey, sampler)
			for field, want := range map[string]string{
				"00-" + id + "-" + caller + "-01": id + " 01",
				"00-" + id + "-" + caller + "-00": id + " 00",
				"":                                "new 01",
				"nonsense":                        "new 01",
				"00-" + strings.Repeat("0", 32) + "-" + caller + "-01": "new 01",
			} {
				passed := make(http.Header)
				var f *fixture
				f = newFixture(t, func(_ http.ResponseWriter, r *http.Request) error {
					call, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://other/", http.NoBody)
					if err != nil {
						return err
					}
					next := roundTripper(func(sent *http.Request) (*http.Response, error) {
						passed = sent.Header
						return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
					})
					answer, err := f.public.Telemetry.InstrumentClient(next).RoundTrip(call)
					if err != nil {
						return err
					}
					return answer.Body.Close()
				})
				r := request(t, http.MethodGet, "/things/1", "")
				r.Header.Set("Traceparent", field)
				r.Header.Set("Tracestate", "vendor=1")
				w := f.do(r)
				parts := strings.Split(passed.Get("Traceparent"), "-")
				line := f.log.lines(t, "request")[0]
				trace := line["trace_id"].(string)
				equal(t, "trace id in the answer", w.Header().Get("X-Trace-Id"), trace)
				equal(t, "trace id passed on", parts[1], trace)
				equal(t, "span passed on", parts[2], line["span_id"].(string))
				equal(t, "span is the caller's", parts[2] == caller, false)
				if trace != id {
					equal(t, "shape of the trace id", regexp.MustCompile("^[0-9a-f]{32}$").MatchString(trace), true)
					trace = "new"
				}
				equal(t, "of "+field, trace+" "+parts[3], want)
				state := ""
				if trace == id {
					state = "vendor=1"
				}
				equal(t, "state of "+field, passed.Get("Tracestate"), state)
			}
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSpansHaveIDsOfTheirOwn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	seen := make(map[any]bool)
	for range 100 {
		f.do(request(t, http.MethodGet, "/things/1", ""))
	}
	for _, line := range f.log.lines(t, "request") {
		seen[line["trace_id"]], seen[line["span_id"]] = true, true
	}
	equal(t, "different ids", len(seen), 200)
}

func TestDurationsHaveFewLabels(t *testing.T) {
	for name, sampler := range samplers() {
		t.Run(name, func(t *testing.T) {
			t.Setenv(samplerKey, sampler)
			f := newFixture(t, ok)
			for _, one := range []struct{ method, target string }{
				{http.MethodGet, "/things/1"},
				{http.MethodGet, "/things/2"},
				{http.MethodGet, "/things"},
				{http.MethodPut, "/things"},
				{http.MethodGet, "/nothing"},
				{"BREW", "/things"},
				{"PURGE", "/things"},
				{http.MethodGet, "/livez"},
			} {
				f.do(request(t, one.method, one.target, ""))
			}
			equal(t, "series", f.counts(t), strings.Join([]string{
				`{http_request_method="GET",http_response_status_code="200",http_route="/livez"} 1`,
				`{http_request_method="GET",http_response_status_code="200",http_route="/things/{id}"} 2`,
				`{http_request_method="GET",http_response_status_code="404"} 1`,
				`{http_request_method="GET",http_response_status_code="422",http_route="/things"} 1`,
				`{http_request_method="PUT",http_response_status_code="405"} 1`,
				`{http_request_method="_OTHER",http_response_status_code="405"} 2`,
			}, "\n"))
		})
	}
}

func TestOneThatPanicsIsMeasured(t *testing.T) {
	for name, sampler := range samplers() {
		t.Run(name, func(t *testing.T) {
			t.Setenv(samplerKey, sampler)
			f := newFixture(t, func(http.ResponseWriter, *http.Request) error { panic("no") })
			f.do(request(t, http.MethodGet, "/things/1", ""))
			equal(t, "series", f.counts(t),
				`{http_request_method="GET",http_response_status_code="500",http_route="/things/{id}"} 1`)
		})
	}
}

// counts are how many requests each series of the duration has; the bounds of its buckets are checked on the way.
func (f *fixture) counts(t *testing.T) string {
	t.Helper()
	w := httptest.NewRecorder()
	f.metrics.Handler().ServeHTTP(w, request(t, http.MethodGet, "/metrics", ""))
	var found []string
	bounds := 0
	for line := range strings.Lines(w.Body.String()) {
		line = strings.TrimSpace(line)
		if series, ok := strings.CutPrefix(line, "http_server_request_duration_seconds_count"); ok {
			found = append(found, series)
		}
		if strings.HasPrefix(line, "http_server_request_duration_seconds_bucket") {
			bounds++
		}
	}
	slices.Sort(found)
	if bounds != 15*len(found) {
		found = append(found, "with other buckets")
	}
	return strings.Join(found, "\n")
}
