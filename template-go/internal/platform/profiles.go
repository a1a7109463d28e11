package platform

import (
	"net/http"
	"runtime"
	"runtime/pprof"
	"strconv"
	"time"
)

const (
	defaultProfile = 30 * time.Second
	longestProfile = 300 // seconds
)

// cpuProfile answers with where the processor's time went in the next `seconds`, as `go tool pprof` reads it. It costs next
// to nothing while nobody asks. Not by net/http/pprof: to import that is to serve it on every listener that takes
// http.DefaultServeMux.
func cpuProfile(w http.ResponseWriter, r *http.Request) error {
	span := defaultProfile
	if asked := r.URL.Query().Get("seconds"); asked != "" {
		seconds, err := strconv.Atoi(asked)
		if err != nil || seconds < 1 || seconds > longestProfile {
			return NewProblem(http.StatusUnprocessableEntity, "seconds must be an integer from 1 to 300.")
		}
		span = time.Duration(seconds) * time.Second
	}
	// The listener's own limits are shorter. They fail only where nobody is left to wait for.
	connection, end := http.NewResponseController(w), time.Now().Add(span+adminTimeout)
	_ = connection.SetReadDeadline(end)
	_ = connection.SetWriteDeadline(end)
	w.Header().Set("Content-Type", "application/octet-stream")
	if pprof.StartCPUProfile(w) != nil {
		return NewProblem(http.StatusConflict, "Another CPU profile is being taken; try again when it is done.")
	}
	defer pprof.StopCPUProfile()
	select {
	case <-r.Context().Done():
	case <-time.After(span):
	}
	return nil
}

// heapProfile answers with what holds the memory now, after a garbage collection, and what was allocated since the start.
func heapProfile(w http.ResponseWriter, _ *http.Request) error {
	runtime.GC()
	w.Header().Set("Content-Type", "application/octet-stream")
	_ = pprof.Lookup("heap").WriteTo(w, 0) // a client that has gone is no fault of ours
	return nil
}
