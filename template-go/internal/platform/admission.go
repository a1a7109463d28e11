package platform

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// Admission lets a bounded number of requests run, keeps a bounded number waiting (first come, first served) for a bounded
// time, and sheds the rest at once: an overloaded service that answers few requests well beats one that answers none.
type Admission struct {
	slots     *semaphore.Weighted
	maxQueued int64
	patience  time.Duration
	running   atomic.Int64
	queued    atomic.Int64
	metrics   *Metrics
}

// NewAdmission takes its limits from the configuration.
func NewAdmission(config *Config, metrics *Metrics) *Admission {
	a := &Admission{
		slots:     semaphore.NewWeighted(int64(config.MaxInFlight)),
		maxQueued: int64(config.MaxQueued),
		patience:  time.Duration(config.QueueTimeoutMS) * time.Millisecond,
		metrics:   metrics,
	}
	metrics.Gauge("app_requests_in_flight", "Requests that run.",
		func() float64 { return float64(a.running.Load()) })
	metrics.Gauge("app_requests_queued", "Requests that wait for a slot.",
		func() float64 { return float64(a.queued.Load()) })
	return a
}

// Enter waits for a slot. On success leave must be called exactly once.
// It fails with a problem when the request is shed, or with the cause of ctx's end.
func (a *Admission) Enter(ctx context.Context) (leave func(), err error) {
	if !a.slots.TryAcquire(1) {
		if err := a.wait(ctx); err != nil {
			return nil, err
		}
	}
	a.running.Add(1)
	return func() {
		a.running.Add(-1)
		a.slots.Release(1)
	}, nil
}

func (a *Admission) wait(ctx context.Context) error {
	defer a.queued.Add(-1)
	if a.queued.Add(1) > a.maxQueued {
		a.metrics.Shed(ShedQueueFull)
		return atCapacity()
	}
	waiting, cancel := context.WithTimeout(ctx, a.patience)
	defer cancel()
	if a.slots.Acquire(waiting, 1) == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	a.metrics.Shed(ShedQueueTimeout)
	return atCapacity()
}
