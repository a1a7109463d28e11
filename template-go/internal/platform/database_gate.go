package platform

import (
	"context"
	"sync/atomic"
	"time"
)

// gate lets as many in as there are connections, first come, first served. The wait has a limit of its own, far below the
// deadline, so that a database that hangs does not collect all requests.
type gate struct {
	places   chan struct{} // who waits to send is served in turn, and needs no context of its own as for a semaphore
	patience time.Duration
	inside   atomic.Int64
	waiting  atomic.Int64
}

func newGate(places int, patience time.Duration) *gate {
	return &gate{places: make(chan struct{}, places), patience: patience}
}

// enter fails with errBusy, or with ctx. On success leave must be called exactly once.
func (g *gate) enter(ctx context.Context) error {
	select {
	case g.places <- struct{}{}:
	default:
		if err := g.wait(ctx); err != nil {
			return err
		}
	}
	g.inside.Add(1)
	return nil
}

func (g *gate) wait(ctx context.Context) error {
	defer g.waiting.Add(-1)
	g.waiting.Add(1)
	limit := time.NewTimer(g.patience)
	defer limit.Stop()
	select {
	case g.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-limit.C:
		return &databaseError{doing: "wait for the database", cause: errBusy}
	}
}

func (g *gate) leave() {
	g.inside.Add(-1)
	<-g.places
}

// measure shows gates as one pool.
func measure(metrics *Metrics, size int, gates ...*gate) {
	sum := func(read func(*gate) int64) func() float64 {
		return func() (all float64) {
			for _, g := range gates {
				all += float64(read(g))
			}
			return all
		}
	}
	metrics.Gauge("app_db_pool_in_use", "Database connections that are in use.",
		sum(func(g *gate) int64 { return g.inside.Load() }))
	metrics.Gauge("app_db_pool_waiting", "Requests that wait for a database connection.",
		sum(func(g *gate) int64 { return g.waiting.Load() }))
	metrics.Gauge("app_db_pool_size", "Database connections there may be.", func() float64 { return float64(size) })
}
