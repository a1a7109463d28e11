package platform

import (
	"context"
	"log/slog"
	"net/http"
)

// NewAdminHandler serves what operators and the platform ask for. It shares nothing with the public listener, so it answers
// when that one is saturated. A dependency is a check by its name; no probe calls it.
func NewAdminHandler(
	health *Health, metrics *Metrics, build Build, dependencies map[string]func(context.Context) error, log *slog.Logger,
) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, handler Handler) {
		mux.Handle(pattern, secured(answer(handler, log)))
	}
	handle("GET /livez", health.livez)
	handle("GET /readyz", health.readyz)
	handle("GET /startupz", health.startupz)
	handle("GET /version", versionHandler(build))
	handle("GET /health/dependencies", dependenciesHandler(dependencies))
	handle("GET /debug/pprof/profile", cpuProfile)
	handle("GET /debug/pprof/heap", heapProfile)
	mux.Handle("GET /metrics", secured(metrics.Handler()))
	return mux
}

func versionHandler(build Build) Handler {
	return func(w http.ResponseWriter, _ *http.Request) error {
		return WriteJSON(w, http.StatusOK, map[string]string{
			"service": ServiceName, "version": build.Version, "commit": build.Commit, "built_at": build.BuiltAt,
			"language": "go",
		})
	}
}

type dependencyStatus struct {
	Status       string                      `json:"status"`
	Dependencies map[string]dependencyStatus `json:"dependencies,omitempty"`
}

func dependenciesHandler(checks map[string]func(context.Context) error) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
		defer cancel()
		status := http.StatusOK
		all := dependencyStatus{Status: statusOK, Dependencies: make(map[string]dependencyStatus)}
		for name, check := range checks {
			one := dependencyStatus{Status: statusOK}
			if check(ctx) != nil { // the reason is no business of whoever asks
				one.Status, all.Status, status = statusUnavailable, statusUnavailable, http.StatusServiceUnavailable
			}
			all.Dependencies[name] = one
		}
		return WriteJSON(w, status, all)
	}
}
