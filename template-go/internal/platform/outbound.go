package platform

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/semaphore"
)

// Outcome is how a call to another service ended, the label of app_outbound_requests_total.
type Outcome string

// The outcomes of a call. Rejected ones were not sent; cancelled ones were given up by whoever made them.
const (
	Success     Outcome = "success"
	Unavailable Outcome = "unavailable"
	Invalid     Outcome = "invalid"
	Timeout     Outcome = "timeout"
	Rejected    Outcome = "rejected"
	Cancelled   Outcome = "cancelled"
)

// OutboundError says how a call failed. Its text never holds the URL.
type OutboundError struct {
	Outcome Outcome

	cause error
	again bool // another attempt may succeed, and cannot do harm
}

func (e *OutboundError) Error() string { return fmt.Sprintf("%s: %v", e.Outcome, e.cause) }

func (e *OutboundError) Unwrap() error { return e.cause }

// Outbound is the one HTTP client of the service, for all whom it calls.
type Outbound struct {
	client       *http.Client
	agent        string
	requests     *prometheus.CounterVec
	retries      *prometheus.CounterVec
	metrics      *Metrics
	log          *slog.Logger
	dependencies []*Dependency
}

const (
	connectTimeout  = time.Second
	idleConnections = 64 // to each dependency
	idleLifetime    = 30 * time.Second
)

// NewOutbound follows no redirect and no proxy of the environment: a call goes where the configuration says.
func NewOutbound(build Build, metrics *Metrics, telemetry *Telemetry, log *slog.Logger) *Outbound {
	transport := &http.Transport{
		DialContext:            (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:    connectTimeout,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    idleConnections,
		IdleConnTimeout:        idleLifetime,
		MaxResponseHeaderBytes: maxHeadBytes,
	}
	return &Outbound{
		client: &http.Client{
			Transport:     telemetry.InstrumentClient(transport),
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		agent:    ServiceName + "/" + build.Version,
		requests: metrics.counters("app_outbound_requests_total", "Calls to other services.", "dependency", "outcome"),
		retries:  metrics.counters("app_outbound_retries_total", "Attempts beyond a call's first.", "dependency"),
		metrics:  metrics,
		log:      log,
	}
}

// Close gives the idle connections back.
func (o *Outbound) Close() { o.client.CloseIdleConnections() }

// Checks tell by a dependency's name whether it is asked at the moment. They call nobody.
func (o *Outbound) Checks() map[string]func(context.Context) error {
	checks := make(map[string]func(context.Context) error)
	for _, d := range o.dependencies {
		checks[d.name] = func(context.Context) error {
			if d.shut() {
				return gobreaker.ErrOpenState
			}
			return nil
		}
	}
	return checks
}

// Agreement is how another service is called.
type Agreement struct {
	Timeout time.Duration // for a call in all, retries and pauses included
	AtOnce  int           // calls, so that one that hangs does not take all of our slots
	Token   *Secret       // sent as a bearer token, when it is set
}

// Dependency is another service behind a bulkhead, a circuit breaker, retries and a time limit.
type Dependency struct {
	Agreement

	name     string
	outbound *Outbound
	places   *semaphore.Weighted
	breaker  *gobreaker.CircuitBreaker[struct{}]
	budget   *retryBudget
}

// Dependency begins to call another service. The name goes into answers, metrics and logs; the URL never does.
func (o *Outbound) Dependency(name string, agreement Agreement) *Dependency {
	d := &Dependency{
		Agreement: agreement, name: name, outbound: o, places: semaphore.NewWeighted(int64(agreement.AtOnce)),
		breaker: newBreaker(name, o.log), budget: newRetryBudget(),
	}
	o.dependencies = append(o.dependencies, d)
	for _, outcome := range []Outcome{Success, Unavailable, Invalid, Timeout, Rejected, Cancelled} {
		o.requests.WithLabelValues(name, string(outcome)) // an alert needs the zero before the first one
	}
	o.retries.WithLabelValues(name)
	o.metrics.gauge("app_circuit_open", "Whether a dependency is not asked since it failed too often.",
		prometheus.Labels{"dependency": name}, func() float64 {
			if d.shut() {
				return 1
			}
			return 0
		})
	return d
}

// Get asks a URL. Read takes the body of the answer and says whether it is as agreed. The error is an *OutboundError.
func (d *Dependency) Get(ctx context.Context, url string, read func(body []byte) error) error {
	outcome := Success
	err := d.get(ctx, url, read)
	if failure, ok := errors.AsType[*OutboundError](err); ok {
		outcome = failure.Outcome
		d.outbound.log.DebugContext(ctx, "call failed", "dependency", d.name, "error", err.Error())
	}
	d.outbound.requests.WithLabelValues(d.name, string(outcome)).Inc()
	return err
}

func (d *Dependency) get(ctx context.Context, url string, read func(body []byte) error) error {
	limited, cancel := context.WithTimeout(ctx, d.patience(ctx))
	defer cancel()
	if limited.Err() != nil {
		return failed(limited, limited.Err())
	}
	if !d.places.TryAcquire(1) {
		return &OutboundError{Outcome: Rejected, cause: errors.New("as many calls as agreed are under way")}
	}
	defer d.places.Release(1)
	failure := error(&OutboundError{Outcome: Rejected, cause: gobreaker.ErrOpenState}) // unless the breaker lets us try
	_, _ = d.breaker.Execute(func() (struct{}, error) {
		failure = d.attempts(limited, url, read)
		return struct{}{}, failure
	})
	return failure
}

func (d *Dependency) shut() bool { return d.breaker.State() != gobreaker.StateClosed }

// answerReserve is what we need ourselves to answer in time after a call has taken as long as it may.
const answerReserve = 100 * time.Millisecond

func (d *Dependency) patience(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return min(d.Timeout, time.Until(deadline)-answerReserve)
	}
	return d.Timeout
}
