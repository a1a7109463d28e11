package platform

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Background runs jobs in the CPU pool that no request waits for, and keeps what came of the last of them in memory. Its
// queue is that of the pool.
type Background struct {
	pool *CPUPool
	log  *slog.Logger

	mu         sync.Mutex
	jobs       map[JobID]*job
	finished   []JobID // the oldest first
	unfinished int
	closing    bool
	idle       chan struct{} // closed when it is closing and no job is left
}

// JobID names a job.
type JobID string

// JobState is how far a job is.
type JobState string

// The states of a job, in the order in which it goes through them.
const (
	JobQueued  JobState = "queued"
	JobRunning JobState = "running"
	JobDone    JobState = "done"
	JobFailed  JobState = "failed"
)

type job struct {
	state  JobState
	result any
	begun  time.Time
	cancel context.CancelFunc
}

// keptJobs is how many finished jobs can still be asked for.
const keptJobs = 1000

// NewBackground starts with no job.
func NewBackground(pool *CPUPool, log *slog.Logger) *Background {
	return &Background{pool: pool, log: log, jobs: make(map[JobID]*job), idle: make(chan struct{})}
}

// Launch hands a job to the pool and returns at once. The job has no deadline: its ctx, which it has to look at now and
// then, lives until the service ends. A full queue is answered like any other lack of capacity.
func Launch[T any](ctx context.Context, b *Background, run func(context.Context, JobID) (T, error)) (JobID, error) {
	name, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	id := JobID(name.String())
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	err = b.enter(id, &job{state: JobQueued, begun: time.Now(), cancel: cancel}, func() {
		defer cancel()
		b.set(id, JobRunning, nil)
		outcome := guarded(lasting, func(ctx context.Context) (T, error) { return run(ctx, id) })
		if outcome.err == nil {
			b.set(id, JobDone, outcome.value)
			return
		}
		if lasting.Err() == nil { // else it is in the log as cut
			b.log.ErrorContext(lasting, "background job failed", "id", string(id), "error", outcome.err.Error())
		}
		b.set(id, JobFailed, nil)
	})
	if err != nil {
		cancel()
		return "", err
	}
	return id, nil
}

// Find returns how far a job is, and its result when it is done. It finds no job whose result is of another type.
func Find[T any](b *Background, id JobID) (state JobState, result *T, found bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	one, found := b.jobs[id]
	if !found {
		return "", nil, false
	}
	if value, ok := one.result.(T); ok {
		result = &value
	}
	return one.state, result, (one.state == JobDone) == (result != nil)
}

func (b *Background) enter(id JobID, one *job, run func()) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closing { // by a request that was cut already
		return atCapacity()
	}
	if err := b.pool.submit(run); err != nil {
		return err
	}
	b.jobs[id] = one
	b.unfinished++
	return nil
}

func (b *Background) set(id JobID, state JobState, result any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.jobs[id]
	one.state, one.result = state, result
	switch state {
	case JobQueued, JobRunning:
		return
	case JobDone, JobFailed:
	}
	b.unfinished--
	b.signal()
	if b.finished = append(b.finished, id); len(b.finished) > keptJobs {
		delete(b.jobs, b.finished[0])
		b.finished = b.finished[1:]
	}
}

func (b *Background) signal() {
	if b.closing && b.unfinished == 0 {
		close(b.idle)
	}
}

// finish takes no more jobs and waits for those there are, until ctx ends; then it logs and cancels those that are left, and
// returns how many these are.
func (b *Background) finish(ctx context.Context) int {
	b.mu.Lock()
	b.closing = true
	b.signal()
	b.mu.Unlock()
	select {
	case <-b.idle:
		return 0
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, one := range b.jobs {
		if one.state == JobQueued || one.state == JobRunning {
			b.log.ErrorContext(ctx, "background job cut by the end of the service", "id", string(id),
				"state", string(one.state), "age_seconds", time.Since(one.begun).Seconds())
			one.cancel()
		}
	}
	return b.unfinished
}
