package platform

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// background runs jobs one at a time, and lets as many wait.
func background(t *testing.T, queue int) (*Background, *output) {
	t.Helper()
	log := &output{}
	pool := NewCPUPool(1, queue, NewMetrics())
	t.Cleanup(pool.Close)
	synctest.Wait()
	return NewBackground(pool, log.logger()), log
}

func launch(t *testing.T, b *Background, run func(context.Context) (int, error)) JobID {
	t.Helper()
	id, err := Launch(t.Context(), b, func(ctx context.Context, _ JobID) (int, error) { return run(ctx) })
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func stateOf(t *testing.T, b *Background, id JobID) JobState {
	t.Helper()
	state, result, found := Find[int](b, id)
	equal(t, "found", found, true)
	equal(t, "has a result", result != nil, state == JobDone)
	return state
}

func jobsIn(b *Background) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.jobs)
}

func TestTheLifeOfAJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, log := background(t, 2)
		first := launch(t, b, minute)
		second := launch(t, b, func(context.Context) (int, error) { return 0, errors.New("no") })
		synctest.Wait()
		equal(t, "first", stateOf(t, b, first), JobRunning)
		equal(t, "second", stateOf(t, b, second), JobQueued)
		time.Sleep(2 * time.Minute)
		equal(t, "first", stateOf(t, b, first), JobDone)
		equal(t, "second", stateOf(t, b, second), JobFailed)
		equal(t, "failures in the log", log.lines(t, "background job failed")[0]["id"], any(string(second)))
		_, _, found := Find[string](b, first)
		equal(t, "found by another type", found, false)
		_, _, found = Find[int](b, "x")
		equal(t, "found by another id", found, false)
		equal(t, "left at the stop", b.finish(t.Context()), 0)
	})
}

func TestAJobOutlivesItsRequestAndAPanicIsItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, _ := background(t, 2)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		lasting, err := Launch(ctx, b, func(ctx context.Context, _ JobID) (int, error) {
			time.Sleep(time.Minute)
			return 1, ctx.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		broken := launch(t, b, func(context.Context) (int, error) { panic("boom") })
		time.Sleep(time.Hour)
		equal(t, "a job without a deadline", stateOf(t, b, lasting), JobDone)
		equal(t, "a panic", stateOf(t, b, broken), JobFailed)
	})
}

func TestTheQueueOfJobsIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, _ := background(t, 1)
		launch(t, b, minute)
		synctest.Wait()
		launch(t, b, minute)
		if _, err := Launch(t.Context(), b, func(context.Context, JobID) (int, error) { return 0, nil }); !isShed(err) {
			t.Errorf("a full queue answers %v", err)
		}
		time.Sleep(time.Hour)
		equal(t, "jobs", jobsIn(b), 2)
	})
}

func TestTheOldestResultGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, _ := background(t, keptJobs+2)
		oldest := launch(t, b, minute)
		for range keptJobs {
			launch(t, b, func(context.Context) (int, error) { return 1, nil })
		}
		last := launch(t, b, minute)
		time.Sleep(time.Minute + time.Second)
		equal(t, "jobs", jobsIn(b), keptJobs+1) // one is still running
		_, _, found := Find[int](b, oldest)
		equal(t, "the oldest is found", found, false)
		equal(t, "the last", stateOf(t, b, last), JobRunning)
		time.Sleep(time.Hour)
		equal(t, "jobs", jobsIn(b), keptJobs)
	})
}

func TestTheStopWaitsForJobs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, log := background(t, 2)
		launch(t, b, minute)
		launch(t, b, func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		})
		launch(t, b, minute)
		limited, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		equal(t, "left", b.finish(limited), 2)
		lines := log.lines(t, "background job cut by the end of the service")
		equal(t, "lines", len(lines), 2)
		for _, line := range lines {
			equal(t, "level", line["level"], any("error"))
			equal(t, "age", line["age_seconds"], any(90.0))
		}
		if _, err := Launch(t.Context(), b, func(context.Context, JobID) (int, error) { return 0, nil }); !isShed(err) {
			t.Errorf("after the stop a job gave %v", err)
		}
	})
}

func TestJobsThatAreCutAreALoss(t *testing.T) {
	t.Parallel()
	for limit, lost := range map[string]bool{"0.1": true, "20": false} {
		r := run(t, ok, "APP_SHUTDOWN_SECONDS="+limit)
		release := make(chan struct{})
		launch(t, r.background, func(ctx context.Context) (int, error) {
			select {
			case <-release:
			case <-ctx.Done():
			}
			return 0, ctx.Err()
		})
		r.signals <- syscall.SIGTERM
		if !lost {
			close(release)
		}
		err := <-r.ended
		equal(t, "loss", err != nil, lost)
		equal(t, "lines", len(r.log.lines(t, "background job cut by the end of the service")) == 1, lost)
	}
}
