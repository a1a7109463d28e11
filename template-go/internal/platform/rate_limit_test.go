package platform

import (
	"errors"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// limited is a fixture with a quota of three requests a minute.
func limited(t *testing.T, limiter Limiter) *fixture {
	t.Helper()
	f := newFixture(t, ok)
	quota := Quota{Requests: 3, WindowSeconds: 60}
	if limiter == nil {
		memory, err := newMemoryLimiter(quota)
		if err != nil {
			t.Fatal(err)
		}
		limiter = memory
	}
	f.public.RateLimit = newRateLimit(quota, limiter, f.metrics, f.public.Log)
	return f
}

func TestTheQuotaIsAPrincipalsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := limited(t, nil)
		for i, left := range []string{`"default";r=2;t=20`, `"default";r=1;t=40`, `"default";r=0;t=60`} {
			r := request(t, http.MethodGet, "/things/1", "")
			r.Header.Set("X-Forwarded-For", strconv.Itoa(i))
			w := f.do(r)
			equal(t, "status", w.Code, http.StatusOK)
			equal(t, "policy", w.Header().Get("Ratelimit-Policy"), `"default";q=3;w=60`)
			equal(t, "left", w.Header().Get("Ratelimit"), left)
		}
		w := f.do(request(t, http.MethodPost, "/things", "not even looked at"))
		problem := problemOf(t, w)
		equal(t, "status", w.Code, http.StatusTooManyRequests)
		equal(t, "type", problem.Type, "https://iana.org/assignments/http-problem-types#quota-exceeded")
		equal(t, "title", problem.Title, "Too Many Requests")
		equal(t, "detail", problem.Detail, "The quota of 3 requests in 60 seconds is used up.")
		equal(t, "seconds to wait", w.Header().Get("Retry-After"), "20")
		equal(t, "left", w.Header().Get("Ratelimit"), `"default";r=0;t=60`)
		equal(t, "policy", w.Header().Get("Ratelimit-Policy"), `"default";q=3;w=60`)
		equal(t, "shed", testutil.ToFloat64(f.metrics.shed.WithLabelValues(ShedRateLimited)), 1)

		other := request(t, http.MethodGet, "/things/1", "")
		other.RemoteAddr = "[2001:db8::1]:1"
		equal(t, "status of another", f.do(other).Code, http.StatusOK)
		for _, path := range []string{"/livez", "/readyz", "/openapi.json", "/openapi.yaml"} {
			w := f.do(request(t, http.MethodGet, path, ""))
			equal(t, "status of "+path, w.Code, http.StatusOK)
			equal(t, "quota of "+path, w.Header().Get("Ratelimit"), "")
		}
		time.Sleep(20 * time.Second)
		equal(t, "status later", f.do(request(t, http.MethodGet, "/things/1", "")).Code, http.StatusOK)
	})
}

type failingLimiter struct{}

func (failingLimiter) Take(string) (Usage, error) { return Usage{}, errors.New("store is gone") }

func TestALimiterThatFailsLetsRequestsPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := limited(t, failingLimiter{})
		for range 10 {
			w := f.do(request(t, http.MethodGet, "/things/1", ""))
			equal(t, "status", w.Code, http.StatusOK)
			equal(t, "quota", w.Header().Get("Ratelimit"), "")
		}
		equal(t, "errors", testutil.ToFloat64(f.public.RateLimit.errors), 10)
		equal(t, "warnings", len(f.log.lines(t, "the rate limiter fails; requests pass")), 1)
		time.Sleep(time.Second)
		f.do(request(t, http.MethodGet, "/things/1", ""))
		equal(t, "warnings", len(f.log.lines(t, "the rate limiter fails; requests pass")), 2)
	})
}

func TestPrincipalsAreBounded(t *testing.T) {
	t.Parallel()
	limiter, err := newMemoryLimiter(Quota{Requests: 1, WindowSeconds: 3600})
	if err != nil {
		t.Fatal(err)
	}
	allowed := func(principal string) bool {
		usage, err := limiter.Take(principal)
		return err == nil && usage.Allowed
	}
	equal(t, "first request", allowed("first"), true)
	equal(t, "second request", allowed("first"), false)
	for i := range maxPrincipals {
		allowed(strconv.Itoa(i))
	}
	equal(t, "principals", limiter.buckets.Len(), maxPrincipals)
	equal(t, "request of one that was forgotten", allowed("first"), true)
}
