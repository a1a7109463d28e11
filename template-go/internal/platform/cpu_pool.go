package platform

import (
	"context"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// CPUPool runs CPU-bound work on a fixed number of goroutines with a bounded queue, so that a burst of it slows itself
// down and not every other request.
type CPUPool struct {
	jobs    chan func()
	stop    chan struct{}
	size    int
	room    sync.Once
	workers errgroup.Group
	busy    atomic.Int64
	metrics *Metrics
}

// NewCPUPool starts the workers; Close ends them.
func NewCPUPool(workers, queue int, metrics *Metrics) *CPUPool {
	pool := &CPUPool{jobs: make(chan func(), queue), stop: make(chan struct{}), size: workers, metrics: metrics}
	for range workers {
		pool.workers.Go(pool.work)
	}
	metrics.Gauge("app_cpu_pool_workers", "CPU workers: APP_CPU_WORKERS, or as many as the cgroup and the affinity allow.",
		func() float64 { return float64(workers) })
	metrics.Gauge("app_cpu_pool_busy", "CPU workers that are running a job.",
		func() float64 { return float64(pool.busy.Load()) })
	metrics.Gauge("app_cpu_pool_queued", "CPU jobs that wait for a worker.",
		func() float64 { return float64(len(pool.jobs)) })
	return pool
}

// Close waits for the jobs that run. Those that wait are not begun; their callers leave with their own contexts.
func (p *CPUPool) Close() {
	close(p.stop)        // and not jobs: a request that was cut may still be on its way to submit one
	_ = p.workers.Wait() // a worker returns no error
}

func (p *CPUPool) work() error {
	for {
		select {
		case <-p.stop:
			return nil
		case job := <-p.jobs:
			p.room.Do(p.makeRoom)
			p.busy.Add(1)
			job()
			p.busy.Add(-1)
		}
	}
}

// makeRoom sees to it that Go runs one goroutine more at once than there are workers. When all that may run are computing,
// Go looks every 10 ms for what has come from the network; with one left it looks at once, and the kernel shares the cores.
// It takes some of the processor's time, so it waits for the first job. Whoever sets GOMAXPROCS has the last word.
func (p *CPUPool) makeRoom() {
	if os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) <= p.size {
		runtime.GOMAXPROCS(p.size + 1)
	}
}

// submit hands on a job, unless the queue is full.
func (p *CPUPool) submit(job func()) error {
	select {
	case p.jobs <- job:
		return nil
	default:
		p.metrics.Shed(ShedCPUQueueFull)
		return atCapacity()
	}
}

type result[T any] struct {
	value T
	err   error
}

// Compute runs a job in the pool and waits for it, but no longer than ctx lives: then the job is told by its own ctx,
// which it has to look at now and then. A full queue is answered like any other lack of capacity.
func Compute[T any](ctx context.Context, pool *CPUPool, job func(context.Context) (T, error)) (T, error) {
	done := make(chan result[T], 1) // buffered: a worker never waits for a caller that has gone
	task := func() {
		if ctx.Err() != nil {
			return // nobody waits for it any more
		}
		done <- guarded(ctx, job)
	}
	var none T
	if err := pool.submit(task); err != nil {
		return none, err
	}
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}

// guarded turns a panic of the job into an error: a worker's panic would end the process.
func guarded[T any](ctx context.Context, job func(context.Context) (T, error)) (r result[T]) {
	defer func() {
		if recovered := recover(); recovered != nil {
			r.err = PanicError(recovered)
		}
	}()
	r.value, r.err = job(ctx)
	return r
}
