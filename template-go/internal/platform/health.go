package platform

import (
	"net/http"
	"sync/atomic"
	"time"
)

// Health is what the probes tell. It is about this process alone; those whom it calls may be away.
type Health struct {
	started  atomic.Bool
	draining atomic.Bool
	fitness  atomic.Int32 // unfit where no request could succeed, whatever others do
}

// Status is the answer of readiness: ok, starting, draining or unavailable.
func (h *Health) Status() string {
	switch {
	case h.draining.Load():
		return "draining"
	case !h.started.Load():
		return "starting"
	case h.fitness.Load() == unfit:
		return statusUnavailable
	default:
		return statusOK
	}
}

const (
	statusOK          = "ok"
	statusUnavailable = "unavailable"
)

const unfit int32 = -1 // 0 before anybody has looked

const checkTimeout = time.Second // for whatever is asked how it is

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
