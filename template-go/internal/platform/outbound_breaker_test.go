package platform

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

func TestTheBreakerOpensAndCloses(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	broken.Store(true)
	s := newSupplier(t, func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		good(w, r)
	}, Agreement{})
	for range failuresToOpen {
		equal(t, "healthy", s.healthy(), true)
		equal(t, "outcome", s.call(t.Context(), t), Unavailable)
	}
	for range 3 {
		equal(t, "outcome", s.call(t.Context(), t), Rejected)
	}
	equal(t, "attempts", s.attempts.Load(), failuresToOpen)
	equal(t, "healthy", s.healthy(), false)
	opened := s.log.lines(t, "circuit opened")
	if len(opened) != 1 || opened[0]["level"] != "warning" || opened[0]["dependency"] != "supplier-1" {
		t.Errorf("the log has %v", opened)
	}
	broken.Store(false)
	for s.call(t.Context(), t) == Rejected {
		time.Sleep(openFor / 20)
	}
	equal(t, "attempts", s.attempts.Load(), failuresToOpen+1)
	equal(t, "healthy", s.healthy(), true)
	closed := s.log.lines(t, "circuit closed")
	if len(closed) != 1 || closed[0]["level"] != "info" || closed[0]["dependency"] != "supplier-1" {
		t.Errorf("the log has %v", closed)
	}
}

func TestTheBulkheadRejectsAtOnce(t *testing.T) {
	t.Parallel()
	inside, release := make(chan struct{}), make(chan struct{})
	s := newSupplier(t, func(w http.ResponseWriter, r *http.Request) {
		inside <- struct{}{}
		<-release
		good(w, r)
	}, Agreement{Timeout: time.Hour, AtOnce: 2})
	outcomes := make(chan Outcome)
	for range 2 {
		go func() { outcomes <- s.call(t.Context(), t) }()
		<-inside
	}
	for range 2 * failuresToOpen {
		equal(t, "outcome", s.call(t.Context(), t), Rejected)
	}
	close(release)
	for range 2 {
		equal(t, "outcome", <-outcomes, Success)
	}
	equal(t, "healthy", s.healthy(), true)
}

func TestTheRetryBudget(t *testing.T) {
	t.Parallel()
	budget, retries := newRetryBudget(), 0
	const calls = 200
	for range calls {
		budget.deposit()
		for budget.withdraw() {
			retries++
		}
	}
	if retries > 2+calls/10 || retries < calls/10 {
		t.Errorf("%d retries in %d calls", retries, calls)
	}
	for range calls {
		budget.deposit()
	}
	for retries = 0; budget.withdraw(); retries++ {
		continue
	}
	equal(t, "retries after a long time of peace", retries, int(mostTokens))
}
