package platform

import (
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
)

// Quota is how many requests a principal may make in a window. No requests at all mean that there is no limit.
type Quota struct {
	Requests      int
	WindowSeconds int
}

// Usage is what a principal has left after a request.
type Usage struct {
	Allowed    bool
	Left       int
	Full       time.Duration // until the whole quota is there again
	RetryAfter time.Duration // until the next request is allowed, where this one is not
}

// Limiter counts the requests of principals. A store that several instances share may be put in its place.
type Limiter interface {
	Take(principal string) (Usage, error)
}

// RateLimit refuses the requests of principals beyond their quota. When the limiter fails, requests pass: the limit guards
// the service and must not be what takes it down.
type RateLimit struct {
	quota    Quota
	limiter  Limiter
	errors   prometheus.Counter
	complain rate.Sometimes // a warning each second, however many requests there are
	metrics  *Metrics
	log      *slog.Logger
}

// NewRateLimit counts in memory.
func NewRateLimit(quota Quota, metrics *Metrics, log *slog.Logger) (*RateLimit, error) {
	limiter, err := newMemoryLimiter(quota)
	if err != nil {
		return nil, err
	}
	return newRateLimit(quota, limiter, metrics, log), nil
}

func newRateLimit(quota Quota, limiter Limiter, metrics *Metrics, log *slog.Logger) *RateLimit {
	return &RateLimit{
		quota: quota, limiter: limiter, metrics: metrics, log: log, complain: rate.Sometimes{Interval: time.Second},
		errors: metrics.counters("app_rate_limiter_errors_total", "Requests that passed since the rate limiter failed.").
			WithLabelValues(),
	}
}

// principal is whom a quota belongs to: the peer of the connection, and never a header, which anybody can write.
// Authentication plugs in here: return the subject of the verified token instead.
func principal(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// check tells the client what is left, and fails with a problem when that is nothing.
func (l *RateLimit) check(w http.ResponseWriter, r *http.Request) error {
	usage, ok := l.take(r)
	if !ok {
		return nil
	}
	w.Header().Set("Ratelimit-Policy", fmt.Sprintf(`"default";q=%d;w=%d`, l.quota.Requests, l.quota.WindowSeconds))
	w.Header().Set("Ratelimit", fmt.Sprintf(`"default";r=%d;t=%d`, usage.Left, wholeSeconds(usage.Full)))
	if usage.Allowed {
		return nil
	}
	l.metrics.Shed(ShedRateLimited)
	problem := NewProblem(http.StatusTooManyRequests,
		fmt.Sprintf("The quota of %d requests in %d seconds is used up.", l.quota.Requests, l.quota.WindowSeconds))
	problem.Type = "https://iana.org/assignments/http-problem-types#quota-exceeded"
	return problem.After(max(1, wholeSeconds(usage.RetryAfter)))
}

// take counts a request, unless the limiter fails.
func (l *RateLimit) take(r *http.Request) (usage Usage, ok bool) {
	usage, err := l.limiter.Take(principal(r))
	if err != nil {
		l.errors.Inc()
		l.complain.Do(func() {
			l.log.WarnContext(r.Context(), "the rate limiter fails; requests pass", "error", err.Error())
		})
	}
	return usage, err == nil
}

func wholeSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// maxPrincipals bounds the memory; beyond it the principal that was quiet for longest begins anew.
const maxPrincipals = 10_000

// memoryLimiter gives each principal a bucket that holds the quota and fills again evenly within the window.
type memoryLimiter struct {
	quota   Quota
	mu      sync.Mutex // two first requests of a principal share one bucket
	buckets *lru.Cache[string, *rate.Limiter]
}

func newMemoryLimiter(quota Quota) (*memoryLimiter, error) {
	buckets, err := lru.New[string, *rate.Limiter](maxPrincipals)
	if err != nil {
		return nil, fmt.Errorf("make room for the principals: %w", err)
	}
	return &memoryLimiter{quota: quota, buckets: buckets}, nil
}

func (m *memoryLimiter) Take(principal string) (Usage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	perSecond := float64(m.quota.Requests) / float64(m.quota.WindowSeconds)
	bucket, ok := m.buckets.Get(principal)
	if !ok {
		bucket = rate.NewLimiter(rate.Limit(perSecond), m.quota.Requests)
		m.buckets.Add(principal, bucket)
	}
	now := time.Now()
	allowed, tokens := bucket.AllowN(now, 1), bucket.TokensAt(now)
	seconds := func(missing float64) time.Duration { return time.Duration(missing / perSecond * float64(time.Second)) }
	return Usage{
		Allowed: allowed, Left: int(max(0, tokens)),
		Full: seconds(float64(m.quota.Requests) - tokens), RetryAfter: seconds(1 - tokens),
	}, nil
}
