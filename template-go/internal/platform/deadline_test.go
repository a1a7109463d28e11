package platform

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheDeadlineEndsTheWork(t *testing.T) {
	t.Parallel()
	for sent, after := range map[string]time.Duration{
		"": 2500 * time.Millisecond, "9999": 2500 * time.Millisecond, "1": time.Millisecond, "700": 700 * time.Millisecond,
		"0": 2500 * time.Millisecond, "-1": 2500 * time.Millisecond, "+1": 2500 * time.Millisecond,
		"1.5": 2500 * time.Millisecond, "3600001": 2500 * time.Millisecond, "soon": 2500 * time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, func(_ http.ResponseWriter, r *http.Request) error {
				<-r.Context().Done()
				return errors.New("interrupted")
			}, "APP_REQUEST_TIMEOUT_SECONDS=2.5")
			begun := time.Now()
			r := request(t, http.MethodGet, "/things/1", "")
			r.Header.Set(timeoutHeader, sent)
			w := f.do(r)
			equal(t, "time for "+sent, time.Since(begun), after)
			equal(t, "detail", problemOf(t, w).Detail, "The request did not finish in time.")
			equal(t, "status", w.Code, http.StatusServiceUnavailable)
			equal(t, "seconds to wait", w.Header().Get("Retry-After"), "1")
		})
	}
}

// slowReader is a body that takes a minute.
type slowReader struct{ io.Reader }

func (s slowReader) Read(p []byte) (int, error) {
	time.Sleep(time.Minute)
	return s.Reader.Read(p)
}

func TestASlowBodyHoldsNoSlotAndCostsNoTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, echo, "APP_MAX_IN_FLIGHT=1", "APP_MAX_QUEUED=0", "APP_REQUEST_TIMEOUT_SECONDS=1")
		slow := request(t, http.MethodPost, "/things", padded(27))
		slow.Body = io.NopCloser(slowReader{slow.Body})
		slow.Header.Set(timeoutHeader, "100")
		answered := make(chan int)
		go func() { answered <- f.do(slow).Code }()
		synctest.Wait()
		equal(t, "status of another", f.do(request(t, http.MethodPost, "/things", padded(27))).Code, http.StatusOK)
		equal(t, "status of the slow one", <-answered, http.StatusOK)
	})
}
