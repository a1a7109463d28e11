package platform

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// supplier is a dependency whose behaviour a test chooses.
type supplier struct {
	*Dependency

	url      string
	attempts atomic.Int64
	log      *output
}

func newSupplier(t *testing.T, handler http.HandlerFunc, agreement Agreement) *supplier {
	t.Helper()
	s := &supplier{log: &output{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.attempts.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	metrics := NewMetrics()
	telemetry, err := NewTelemetry(t.Context(), Build{}, metrics, silent())
	if err != nil {
		t.Fatal(err)
	}
	outbound := NewOutbound(Build{Version: "1.2.3"}, metrics, telemetry, s.log.logger())
	t.Cleanup(outbound.Close)
	agreement.Timeout, agreement.AtOnce = max(agreement.Timeout, 200*time.Millisecond), max(agreement.AtOnce, 1)
	s.Dependency, s.url = outbound.Dependency("supplier-1", agreement), server.URL
	return s
}

// call returns the outcome, and holds the error to not telling the URL.
func (s *supplier) call(ctx context.Context, t *testing.T) Outcome {
	t.Helper()
	err := s.Get(ctx, s.url+"/price?key=canary", func(body []byte) error {
		if string(body) != "good" {
			return errors.New("not as agreed")
		}
		return nil
	})
	if err == nil {
		return Success
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("the error tells the URL: %v", err)
	}
	failure, ok := errors.AsType[*OutboundError](err)
	if !ok {
		t.Fatalf("the error is %v", err)
	}
	return failure.Outcome
}

func (s *supplier) count(outcome Outcome) float64 {
	return testutil.ToFloat64(s.outbound.requests.WithLabelValues("supplier-1", string(outcome)))
}

func (s *supplier) healthy() bool {
	return s.outbound.Checks()["supplier-1"](context.Background()) == nil
}

func good(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "good") }

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// hang ends with the connection, as a server does that looks at its context.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func reset(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestOutcomesAndAttempts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler  http.HandlerFunc
		outcome  Outcome
		attempts int64
	}{
		"good":      {good, Success, 1},
		"not found": {status(404), Unavailable, 1},
		"failing":   {status(500), Unavailable, 1},
		"redirect":  {http.RedirectHandler("/elsewhere", http.StatusFound).ServeHTTP, Unavailable, 1},
		"bad proxy": {status(502), Unavailable, 3},
		"starting":  {status(503), Unavailable, 3},
		"slow":      {status(504), Unavailable, 3},
		"reset":     {reset, Unavailable, 3},
		"nonsense":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "bad") }, Invalid, 1},
		"endless": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat(" ", maxAnswerBytes+1))
		}, Invalid, 1},
		"hanging": {hang, Timeout, 1},
		"dripping": {func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).Flush()
			hang(w, r)
		}, Timeout, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSupplier(t, c.handler, Agreement{Timeout: time.Second})
			equal(t, "outcome", s.call(t.Context(), t), c.outcome)
			equal(t, "attempts", s.attempts.Load(), c.attempts)
			equal(t, "counted", s.count(c.outcome), 1)
			equal(t, "retries", testutil.ToFloat64(s.outbound.retries.WithLabelValues("supplier-1")), float64(c.attempts-1))
		})
	}
}

func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	token := &Secret{}
	value := "very-secret"
	token.value.Store(&value)
	heads := make(chan http.Header, 1)
	s := newSupplier(t, func(w http.ResponseWriter, r *http.Request) {
		heads <- r.Header
		good(w, r)
	}, Agreement{Timeout: time.Hour, Token: token})
	f := newFixture(t, func(w http.ResponseWriter, r *http.Request) error {
		equal(t, "outcome", s.call(r.Context(), t), Success)
		return ok(w, r)
	}, "APP_REQUEST_TIMEOUT_SECONDS=5")
	r := request(t, http.MethodGet, "/things/1", "")
	r.Header.Set("Traceparent", traceParent)
	r.Header.Set("Baggage", "canary=1")
	f.do(r)
	head := <-heads
	for name, want := range map[string]string{
		"Authorization": "Bearer very-secret", "Accept": "application/json", "User-Agent": ServiceName + "/1.2.3",
		"Baggage": "",
	} {
		equal(t, name, head.Get(name), want)
	}
	if trace := head.Get("Traceparent"); !strings.HasPrefix(trace, traceParent[:36]) || trace == traceParent {
		t.Errorf("the trace is continued as %q", trace)
	}
	left, err := time.ParseDuration(head.Get(timeoutHeader) + "ms")
	if err != nil || left > 4900*time.Millisecond || left < 4*time.Second {
		t.Errorf("the time left is %v, %v", left, err)
	}
}

// TestACallEndsBeforeItsRequestAndNeedsSomeTime does not look at how much time is left: TestWhatIsSent does.
func TestACallEndsBeforeItsRequestAndNeedsSomeTime(t *testing.T) {
	t.Parallel()
	s := newSupplier(t, hang, Agreement{Timeout: time.Hour})
	for within, attempts := range map[time.Duration]int64{400 * time.Millisecond: 1, 90 * time.Millisecond: 0} {
		s.attempts.Store(0)
		ctx, cancel := context.WithTimeout(t.Context(), within)
		equal(t, "outcome", s.call(ctx, t), Timeout)
		equal(t, "attempts", s.attempts.Load(), attempts)
		cancel()
	}
}

func TestACallerThatLeavesTakesTheCallAlong(t *testing.T) {
	t.Parallel()
	begun, ended := make(chan struct{}), make(chan struct{})
	s := newSupplier(t, func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		hang(w, r)
		close(ended)
	}, Agreement{Timeout: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	equal(t, "outcome", s.call(ctx, t), Cancelled)
	<-ended
	equal(t, "failures", s.breaker.Counts().TotalFailures, 0)
}
