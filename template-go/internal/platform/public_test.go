package platform

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func TestUnknownRoutesAndMethods(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/", 404, ""},
		{"GET", "/metrics", 404, ""},
		{"GET", "/things/", 404, ""},
		{"GET", "//things", 404, ""},
		{"POST", "/x/../things", 404, ""},
		{"GET", "/things/a/b", 404, ""},
		{"GET", "/things/a%2Fb", 200, ""},
		{"OPTIONS", "*", 404, ""},
		{"DELETE", "/things", 405, "GET, HEAD, POST"},
		{"BREW", "/things", 405, "GET, HEAD, POST"},
		{"POST", "/things/1", 405, "GET, HEAD, PATCH"},
		{"TRACE", "/livez", 405, "GET, HEAD"},
		{"GET", "/livez?" + strings.Repeat("x", maxRequestLine), 414, ""},
		{"GET", "/" + strings.Repeat("x", maxRequestLine), 414, ""},
	} {
		w := f.do(request(t, c.method, c.path, ""))
		equal(t, "status of "+c.method+" "+c.path[:min(80, len(c.path))], w.Code, c.status)
		equal(t, "methods allowed", w.Header().Get("Allow"), c.allow)
		if c.status != http.StatusOK {
			problemOf(t, w)
		}
	}
}

func TestALargeHeadIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	for size, status := range map[int]int{maxHeadBytes - 200: 200, maxHeadBytes: 431} {
		r := request(t, http.MethodGet, "/things/1", "")
		for i := range 4 {
			r.Header.Set("X-Filler-"+strconv.Itoa(i), strings.Repeat("x", size/4))
		}
		equal(t, "status", f.do(r).Code, status)
	}
	equal(t, "title", NewProblem(http.StatusRequestURITooLong, "").Title, "URI Too Long")
}

func TestAProblemTellsItsRequest(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(http.ResponseWriter, *http.Request) error { return NewProblem(http.StatusNotFound, "No.") })
	r := request(t, http.MethodGet, "/things/a%20b?token=secret", "")
	r.Header.Set("Traceparent", traceParent)
	w := f.do(r)
	problem := problemOf(t, w)
	equal(t, "type", problem.Type, "about:blank")
	equal(t, "title", problem.Title, "Not Found")
	equal(t, "detail", problem.Detail, "No.")
	equal(t, "instance", problem.Instance, "/things/a%20b")
	equal(t, "trace id", problem.TraceID, "0af7651916cd43dd8448eb211c80319c")
	equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"), "nosniff")
}

func TestTitlesAreThoseOfRFC9110(t *testing.T) {
	t.Parallel()
	equal(t, "413", NewProblem(413, "").Title, "Content Too Large")
	equal(t, "422", NewProblem(422, "").Title, "Unprocessable Content")
	equal(t, "503", NewProblem(503, "").Title, "Service Unavailable")
}

func TestAMalformedTraceIsReplaced(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	seen := make(map[string]bool)
	zeros := "00-" + strings.Repeat("0", 32) + "-" + strings.Repeat("0", 16) + "-01"
	for _, header := range []string{"", "x", "00-0-0-01", zeros} {
		r := request(t, http.MethodGet, "/things/1", "")
		r.Header.Set("Traceparent", header)
		seen[f.do(r).Header().Get("X-Trace-Id")] = true
	}
	equal(t, "number of trace ids", len(seen), 4)
	delete(seen, strings.Repeat("0", 32))
	equal(t, "number of valid trace ids", len(seen), 4)
}

func TestFaultsOfOursStayInTheLog(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]Handler{
		"error": func(http.ResponseWriter, *http.Request) error { return errors.New("the secret is gone") },
		"panic": func(http.ResponseWriter, *http.Request) error { panic("the secret is gone") },
	} {
		f := newFixture(t, handler)
		w := f.do(request(t, http.MethodGet, "/things/1", ""))
		problem := problemOf(t, w)
		equal(t, name, problem.Detail, "Something went wrong on our side; the trace id finds it in our logs.")
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: the answer is %s", name, w.Body)
		}
		lines := f.log.lines(t, "request failed")
		if len(lines) != 1 || lines[0]["trace_id"] != problem.TraceID ||
			!strings.Contains(lines[0]["error"].(string), "secret") {
			t.Errorf("%s: the log has %v", name, lines)
		}
		equal(t, "status in the access line", f.log.lines(t, "request")[0]["status"], any(500.0))
	}
}

func TestAPanicInAnAnswerBreaksItOff(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusOK)
		panic("half-way")
	})
	defer func() {
		equal(t, "panic", recover(), any(http.ErrAbortHandler))
		equal(t, "lines", len(f.log.lines(t, "request failed")), 1)
	}()
	f.do(request(t, http.MethodGet, "/things/1", ""))
}

func TestOneAccessLineWithoutSecrets(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	r := request(t, http.MethodGet, "/things?name=a&token=canary", "")
	r.Header.Set("Authorization", "Bearer canary")
	r.Header.Set("Traceparent", traceParent)
	w := f.do(r)
	for _, probe := range []string{"/livez", "/readyz"} {
		equal(t, probe, f.do(request(t, http.MethodGet, probe, "")).Body.String(), `{"status":"ok"}`)
	}
	lines := f.log.lines(t, "request")
	if len(lines) != 1 {
		t.Fatalf("access lines: %v", lines)
	}
	for key, want := range map[string]any{
		"level": "info", "service": ServiceName, "version": "1.2.3", "method": "GET", "route": "/things", "status": 200.0,
		"bytes": float64(w.Body.Len()), "trace_id": "0af7651916cd43dd8448eb211c80319c",
	} {
		equal(t, key, lines[0][key], want)
	}
	if _, isNumber := lines[0]["duration_ms"].(float64); !isNumber || strings.Contains(f.log.bytes.String(), "canary") {
		t.Errorf("access line: %v", lines[0])
	}
}

func TestHeadCarriesNoBytes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	equal(t, "status", f.do(request(t, http.MethodHead, "/things/1", "")).Code, http.StatusOK)
	equal(t, "bytes", f.log.lines(t, "request")[0]["bytes"], any(0.0))
}

func TestMetricsHaveFewSeries(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	for i := range 100 {
		path := "/nowhere/" + strings.Repeat("x", i)
		r := request(t, "M"+strings.Repeat("X", i), path, "")
		r.Host = strings.Repeat("h", i+1) + ".example"
		f.do(r)
	}
	f.do(request(t, http.MethodGet, "/things/1", ""))
	w := f.metricsPage(t)
	equal(t, "series of unknown requests",
		strings.Count(w, `duration_seconds_count{http_request_method="_OTHER",http_response_status_code="404"} 100`), 1)
	equal(t, "series of the route", strings.Count(w,
		`duration_seconds_count{http_request_method="GET",http_response_status_code="200",http_route="/things/{id}"} 1`), 1)
	equal(t, "series in all", strings.Count(w, "http_server_request_duration_seconds_count"), 2)
	for _, name := range []string{
		"app_requests_in_flight 0", "app_requests_queued 0", `app_requests_shed_total{reason="queue_timeout"} 0`,
		"go_goroutines", "process_resident_memory_bytes", `le="0.075"`,
	} {
		if !strings.Contains(w, name) {
			t.Errorf("metrics lack %s", name)
		}
	}
}

func (f *fixture) metricsPage(t *testing.T) string {
	t.Helper()
	admin := NewAdminHandler(f.public.Health, f.metrics, Build{}, nil, silent())
	served := &fixture{handler: admin}
	return served.do(request(t, http.MethodGet, "/metrics", "")).Body.String()
}

func TestNothingIsServedBeforeTheStart(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	f.public.Health.started.Store(false)
	w := f.do(request(t, http.MethodGet, "/things/1", ""))
	equal(t, "status", w.Code, http.StatusServiceUnavailable)
	equal(t, "seconds to wait", w.Header().Get("Retry-After"), "1")
	equal(t, "readiness", f.do(request(t, http.MethodGet, "/readyz", "")).Code, http.StatusServiceUnavailable)
	equal(t, "liveness", f.do(request(t, http.MethodGet, "/livez", "")).Code, http.StatusOK)
}

func TestOverloadIsShedAndProbesAreNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(w http.ResponseWriter, r *http.Request) error {
			time.Sleep(time.Minute)
			return ok(w, r)
		}, "APP_MAX_IN_FLIGHT=1", "APP_MAX_QUEUED=0", "APP_REQUEST_TIMEOUT_SECONDS=3600")
		go f.do(request(t, http.MethodGet, "/things/1", ""))
		synctest.Wait()
		w := f.do(request(t, http.MethodGet, "/things/2", ""))
		problem := problemOf(t, w)
		equal(t, "type", problem.Type, "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity")
		equal(t, "detail", problem.Detail, "The service is at capacity; try again later.")
		equal(t, "seconds to wait", w.Header().Get("Retry-After"), "1")
		equal(t, "readiness", f.do(request(t, http.MethodGet, "/readyz", "")).Code, http.StatusOK)
		time.Sleep(time.Hour)
		equal(t, "after the load", f.do(request(t, http.MethodGet, "/things/3", "")).Code, http.StatusOK)
	})
}

func TestAClientThatLeavesIsNoFault(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(_ http.ResponseWriter, r *http.Request) error {
		return r.Context().Err()
	})
	r := request(t, http.MethodGet, "/things/1", "")
	ctx, cancel := withDeadline(r.Context(), time.Hour)
	cancel()
	f.do(r.WithContext(ctx))
	equal(t, "status in the log", f.log.lines(t, "request")[0]["status"], any(499.0))
	equal(t, "errors in the log", len(f.log.lines(t, "request failed")), 0)
}
