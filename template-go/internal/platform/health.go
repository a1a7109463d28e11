package platform

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// Health is what the probes tell. It is about this process alone; of its dependencies only the schema of its own
// database counts, without which no request could succeed.
type Health struct {
	started   atomic.Bool
	draining  atomic.Bool
	available atomic.Bool
	checked   atomic.Bool
}

// Status is the answer of readiness: ok, starting, draining or unavailable.
func (h *Health) Status() string {
	switch {
	case h.draining.Load():
		return "draining"
	case !h.started.Load():
		return "starting"
	case !h.available.Load():
		return "unavailable"
	default:
		return statusOK
	}
}

const (
	statusOK          = "ok"
	statusUnavailable = "unavailable"
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

const checkTimeout = time.Second

// Check runs a check once and takes over its result.
func (h *Health) Check(ctx context.Context, check func(context.Context) error, log *slog.Logger) {
	limited, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	err := check(limited)
	if ctx.Err() != nil {
		return // the service stops; that says nothing of the dependency
	}
	known, before := h.checked.Swap(true), h.available.Swap(err == nil)
	switch {
	case known && before == (err == nil):
	case err != nil:
		log.Error("unavailable", "error", err.Error())
	default:
		log.Info("available")
	}
}

func (h *Health) livez(w http.ResponseWriter, _ *http.Request) error {
	return writeStatus(w, statusOK)
}

func (h *Health) readyz(w http.ResponseWriter, _ *http.Request) error {
	return writeStatus(w, h.Status())
}

func (h *Health) startupz(w http.ResponseWriter, _ *http.Request) error {
	if !h.started.Load() {
		return writeStatus(w, "starting")
	}
	return writeStatus(w, statusOK)
}

func writeStatus(w http.ResponseWriter, status string) error {
	code := http.StatusServiceUnavailable
	if status == statusOK {
		code = http.StatusOK
	}
	return WriteJSON(w, code, map[string]string{"status": status})
}
