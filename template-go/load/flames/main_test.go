package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"strings"
	"testing"
	"time"
)

// service profiles itself.
func service(w http.ResponseWriter, r *http.Request) {
	switch r.URL.String() {
	case "/debug/pprof/profile?seconds=1":
		if err := pprof.StartCPUProfile(w); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer pprof.StopCPUProfile()
		for begun := time.Now(); time.Since(begun) < time.Second; {
			_, _ = io.WriteString(io.Discard, strings.Repeat("busy", 1<<10))
		}
	case "/debug/pprof/heap":
		_ = pprof.Lookup("heap").WriteTo(w, 0)
	default:
		http.NotFound(w, r)
	}
}

func portOf(server *httptest.Server) int { return server.Listener.Addr().(*net.TCPAddr).Port }

func TestPagesNeedNothingElse(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(service))
	defer server.Close()
	folder := t.TempDir()
	if err := take(t.Context(), portOf(server), folder, 1); err != nil {
		t.Fatal(err)
	}
	elsewhere := regexp.MustCompile(`(src|href)="?(https?:)?//|@import|url\("?(https?:)?//`)
	for name, inside := range map[string]string{"cpu": "flames.service", "heap": "inuse_space"} {
		page, err := os.ReadFile(filepath.Join(folder, name+".html"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), inside) || !strings.Contains(string(page), withoutMenus) {
			t.Errorf("the page of %s lacks %s or its style", name, inside)
		}
		if found := elsewhere.Find(page); found != nil {
			t.Errorf("the page of %s needs %s", name, found)
		}
	}
}

func TestWhatIsNoProfile(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if err := take(t.Context(), portOf(server), t.TempDir(), 1); err == nil ||
		!strings.HasSuffix(err.Error(), "seconds=1 gave 404") {
		t.Errorf("got %v", err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := draw(t.Context(), empty); err == nil {
		t.Error("nothing was drawn")
	}
}
