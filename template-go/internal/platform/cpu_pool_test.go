package platform

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestTheResultOfAJob(t *testing.T) {
	t.Parallel()
	pool := NewCPUPool(1, 0, NewMetrics())
	defer pool.Close()
	failure := errors.New("failure")
	for range 3 { // a worker takes the next job only after a moment, and without a queue there is no place to wait
		n, err := Compute(t.Context(), pool, func(context.Context) (int, error) { return 7, failure })
		if isShed(err) {
			continue
		}
		if n != 7 || !errors.Is(err, failure) {
			t.Errorf("result is %d, %v", n, err)
		}
	}
}

// busyPool has all its workers in jobs that take a minute of the bubble's time.
func busyPool(t *testing.T, workers, queue int) *CPUPool {
	t.Helper()
	pool := NewCPUPool(workers, queue, NewMetrics())
	synctest.Wait()
	for range workers {
		go func() {
			if _, err := Compute(t.Context(), pool, minute); err != nil {
				t.Error(err)
			}
		}()
	}
	synctest.Wait()
	equal(t, "busy", pool.busy.Load(), int64(workers))
	return pool
}

func minute(context.Context) (int, error) {
	time.Sleep(time.Minute)
	return 1, nil
}

func TestJobsRunInParallelUpToTheWorkers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		pool := busyPool(t, 4, 1)
		if _, err := Compute(t.Context(), pool, minute); err != nil { // waits for its turn
			t.Error(err)
		}
		equal(t, "time", time.Since(begun), 2*time.Minute)
		pool.Close()
	})
}

func TestAFullQueueSheds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := busyPool(t, 1, 1)
		go func() { _, _ = Compute(t.Context(), pool, minute) }()
		synctest.Wait()
		if _, err := Compute(t.Context(), pool, minute); !isShed(err) {
			t.Errorf("a full queue answers %v", err)
		}
		equal(t, "shed", testutil.ToFloat64(pool.metrics.shed.WithLabelValues(ShedCPUQueueFull)), 1)
		time.Sleep(time.Hour)
		pool.Close()
	})
}

func TestACallerLeavesWithItsContextAndItsJobIsNotBegun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := busyPool(t, 1, 1)
		ctx, cancel := withDeadline(t.Context(), time.Second)
		defer cancel()
		_, err := Compute(ctx, pool, func(context.Context) (int, error) {
			t.Error("nobody waits for this job")
			return 0, nil
		})
		if !errors.Is(err, errDeadline) {
			t.Errorf("the caller leaves with %v", err)
		}
		time.Sleep(time.Hour)
		pool.Close()
	})
}

func TestJobsLeaveRoomForRequests(t *testing.T) {
	t.Setenv("GOMAXPROCS", "")
	workers := runtime.GOMAXPROCS(0)
	t.Cleanup(runtime.SetDefaultGOMAXPROCS)
	pool := NewCPUPool(workers, 1, NewMetrics())
	defer pool.Close()
	equal(t, "at once before the first job", runtime.GOMAXPROCS(0), workers)
	for range 2 {
		if _, err := Compute(t.Context(), pool, func(context.Context) (int, error) { return 1, nil }); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "at once", runtime.GOMAXPROCS(0), workers+1)
}

func TestAPanicIsAnErrorOfItsJobAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := NewCPUPool(1, 1, NewMetrics())
		_, err := Compute(t.Context(), pool, func(context.Context) (int, error) { panic("boom") })
		if err == nil || !strings.Contains(err.Error(), "boom") || !strings.Contains(err.Error(), "cpu_pool_test.go") {
			t.Errorf("a panic became %v", err)
		}
		if n, err := Compute(t.Context(), pool, minute); n != 1 || err != nil {
			t.Errorf("the next job gave %d, %v", n, err)
		}
		pool.Close()
	})
}
