package platform

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestWatchFollowsTheCheckAndLogsChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		health, log := &Health{}, &output{}
		health.started.Store(true)
		var broken atomic.Bool
		check := func(context.Context) error {
			if broken.Load() {
				return errors.New("gone")
			}
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		go health.Watch(ctx, time.Second, check, log.logger())
		for _, c := range []struct {
			broken bool
			status string
		}{{false, "ok"}, {true, "unavailable"}, {true, "unavailable"}, {false, "ok"}} {
			broken.Store(c.broken)
			time.Sleep(1100 * time.Millisecond)
			equal(t, "status", health.Status(), c.status)
		}
		cancel()
		synctest.Wait()
		equal(t, "times it went", len(log.lines(t, "unavailable")), 1)
		equal(t, "times it came", len(log.lines(t, "available")), 2)
	})
}

func TestACheckThatHangsIsAFailedOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		health := &Health{}
		begun := time.Now()
		health.Check(t.Context(), func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}, silent())
		equal(t, "time", time.Since(begun), time.Second)
		equal(t, "unfit", health.fitness.Load(), unfit)
	})
}
