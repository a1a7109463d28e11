package platform

import (
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// InFlight knows the public requests that have not been answered yet, so that those lost at a stop can be named.
type InFlight struct {
	mu       sync.Mutex
	requests map[*http.Request]time.Time
}

// NewInFlight starts with none.
func NewInFlight() *InFlight { return &InFlight{requests: make(map[*http.Request]time.Time)} }

func (f *InFlight) enter(r *http.Request, begun time.Time) (leave func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests[r] = begun
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.requests, r)
	}
}

// logCut writes a line for each request that is lost, and returns how many there are.
func (f *InFlight) logCut(log *slog.Logger) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	for r, begun := range f.requests {
		log.ErrorContext(r.Context(), "request cut by the end of the service", "method", r.Method, "route", routeOf(r),
			"age_ms", time.Since(begun).Milliseconds())
	}
	return len(f.requests)
}
