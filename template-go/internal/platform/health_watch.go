package platform

import (
	"context"
	"log/slog"
	"time"
)

// Watch repeats a check and keeps readiness at its last result, until ctx ends. It logs when the result changes.
func (h *Health) Watch(ctx context.Context, every time.Duration, check func(context.Context) error, log *slog.Logger) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			h.Check(ctx, check, log)
		}
	}
}

const fit int32 = 1

// Check runs a check once and takes over its result.
func (h *Health) Check(ctx context.Context, check func(context.Context) error, log *slog.Logger) {
	limited, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	err := check(limited)
	if ctx.Err() != nil {
		return // the service stops; that says nothing of the dependency
	}
	found := fit
	if err != nil {
		found = unfit
	}
	switch {
	case h.fitness.Swap(found) == found:
	case err != nil:
		log.Error("unavailable", "error", err.Error())
	default:
		log.Info("available")
	}
}
