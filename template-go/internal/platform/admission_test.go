package platform

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

func newAdmission(running, queued int, patience time.Duration) *Admission {
	config := &Config{MaxInFlight: running, MaxQueued: queued, QueueTimeoutMS: int(patience.Milliseconds())}
	return NewAdmission(config, NewMetrics())
}

// mustEnter takes a slot that is free.
func mustEnter(t *testing.T, a *Admission) (leave func()) {
	t.Helper()
	leave, err := a.Enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return leave
}

func isShed(err error) bool {
	problem, ok := errors.AsType[*ProblemError](err)
	return ok && problem.Status == 503 && problem.retryAfter == 1
}

func TestNoMoreThanTheLimitRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(3, 100, time.Hour)
		var most int64
		var lock sync.Mutex
		for range 50 {
			go func() {
				defer mustEnter(t, a)()
				lock.Lock()
				most = max(most, a.running.Load())
				lock.Unlock()
				time.Sleep(time.Second)
			}()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		equal(t, "most at once", most, 3)
		equal(t, "running at the end", a.running.Load(), 0)
		equal(t, "queued at the end", a.queued.Load(), 0)
	})
}

func TestFirstComeFirstServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(1, 10, time.Hour)
		leave := mustEnter(t, a)
		var order []int
		for i := range 5 {
			go func() {
				defer mustEnter(t, a)()
				order = append(order, i) // one at a time runs here
			}()
			synctest.Wait()
		}
		leave()
		synctest.Wait()
		for i, served := range order {
			equal(t, "place in the queue", served, i)
		}
		equal(t, "number served", len(order), 5)
	})
}

func TestAFullQueueShedsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(1, 1, time.Hour)
		leave := mustEnter(t, a)
		go func() { defer mustEnter(t, a)() }()
		synctest.Wait()
		begun := time.Now()
		_, err := a.Enter(t.Context())
		if !isShed(err) || time.Since(begun) != 0 {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		equal(t, "shed", testutil.ToFloat64(a.metrics.shed.WithLabelValues(ShedQueueFull)), 1)
		leave()
		synctest.Wait()
	})
}

func TestWaitingEndsAfterTheTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(1, 1, 200*time.Millisecond)
		defer mustEnter(t, a)()
		begun := time.Now()
		_, err := a.Enter(t.Context())
		if !isShed(err) || time.Since(begun) != 200*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		equal(t, "shed", testutil.ToFloat64(a.metrics.shed.WithLabelValues(ShedQueueTimeout)), 1)
		equal(t, "queued", a.queued.Load(), 0)
	})
}

func TestAClientThatLeavesGivesUpItsPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(1, 1, time.Hour)
		leave := mustEnter(t, a)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, err := a.Enter(ctx)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("a client that left is told %v", err)
			}
		}()
		synctest.Wait()
		equal(t, "queued", a.queued.Load(), 1)
		cancel()
		synctest.Wait()
		equal(t, "queued", a.queued.Load(), 0)
		leave()
		mustEnter(t, a)()
	})
}
