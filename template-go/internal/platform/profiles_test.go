package platform

import (
	"context"
	"io"
	"net/http"
	"runtime/pprof"
	"strings"
	"testing"
	"time"
)

const gzipped = "\x1f\x8b"

func adminHandler() http.Handler {
	return NewAdminHandler(&Health{}, NewMetrics(), Build{}, nil, silent())
}

// There is one CPU profile of a process, so nothing here runs beside it; it takes real time, which the runtime keeps.
func TestAProfileOfTheProcessorOutlastsTheLimitOfTheListener(t *testing.T) {
	l, err := listen(t.Context(), "admin", "127.0.0.1", 0, adminHandler(), 100*time.Millisecond, silent())
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- l.serve() }()
	begun := time.Now()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r := request(t, http.MethodGet, "http://"+l.socket.Addr().String()+"/debug/pprof/profile?seconds=1", "")
	r.RequestURI = ""
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	profile, err := io.ReadAll(response.Body)
	equal(t, "error", err, nil)
	equal(t, "a profile", strings.HasPrefix(string(profile), gzipped), true)
	equal(t, "of a second", time.Since(begun) >= time.Second, true)
	equal(t, "type", response.Header.Get("Content-Type"), "application/octet-stream")
	equal(t, "close", response.Body.Close(), nil)
	equal(t, "stop", l.server.Close(), nil)
	equal(t, "end", <-served, nil)
}

func TestOneProfileOfTheProcessorAtATime(t *testing.T) {
	admin := &fixture{handler: adminHandler()}
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Fatal(err)
	}
	w := admin.do(request(t, http.MethodGet, "/debug/pprof/profile?seconds=1", ""))
	pprof.StopCPUProfile()
	equal(t, "status beside another", w.Code, http.StatusConflict)
	equal(t, "what it is", w.Header().Get("Content-Type"), "application/problem+json")
	gone, leave := context.WithCancel(t.Context())
	leave()
	w = admin.do(request(t, http.MethodGet, "/debug/pprof/profile", "").WithContext(gone))
	equal(t, "status of one that nobody waits for", w.Code, http.StatusOK)
	for _, seconds := range []string{"0", "301", "-1", "x", "9223372036854775807"} {
		w := admin.do(request(t, http.MethodGet, "/debug/pprof/profile?seconds="+seconds, ""))
		equal(t, "status for "+seconds, w.Code, http.StatusUnprocessableEntity)
	}
}

func TestProfilesOfTheMemory(t *testing.T) {
	t.Parallel()
	admin := &fixture{handler: adminHandler()}
	w := admin.do(request(t, http.MethodGet, "/debug/pprof/heap", ""))
	equal(t, "status", w.Code, http.StatusOK)
	equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"), "nosniff")
	equal(t, "a profile", strings.HasPrefix(w.Body.String(), gzipped), true)
}
