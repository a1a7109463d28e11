package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const patience = 20 * time.Second // for a busy machine; nothing here waits for it to pass

// program is the real one, built as `make run` builds it and run as a child process on free ports.
type program struct {
	t       *testing.T
	command *exec.Cmd
	address map[string]string
	lines   []map[string]any
	read    sync.WaitGroup
}

func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "service")
	command := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-X main.commit=abc", "-o", binary, ".")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return binary
}

func start(t *testing.T, binary string, environ ...string) *program {
	t.Helper()
	p := &program{t: t, command: exec.CommandContext(t.Context(), binary), address: make(map[string]string)}
	p.command.Env = append([]string{
		"APP_HOST=127.0.0.1", "APP_PORT=0", "APP_ADMIN_HOST=127.0.0.1", "APP_ADMIN_PORT=0",
	}, environ...)
	p.command.Stderr = os.Stderr
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	log := bufio.NewScanner(stdout)
	for len(p.address) < 2 && log.Scan() {
		p.note(log.Bytes())
	}
	p.read.Go(func() {
		for log.Scan() {
			p.note(log.Bytes())
		}
	})
	return p
}

// note holds every line to being a JSON object.
func (p *program) note(text []byte) {
	var line map[string]any
	if err := json.Unmarshal(text, &line); err != nil {
		p.t.Errorf("log line %q: %v", text, err)
	}
	if line["message"] == "listening" {
		p.address[fmt.Sprint(line["listener"])] = fmt.Sprint(line["address"])
	}
	p.lines = append(p.lines, line)
}

func (p *program) call(method, listener, path, body string) (status int, header http.Header, answer string) {
	p.t.Helper()
	return p.exchange(method, p.address[listener]+path, body, http.Header{"Content-Type": {"application/json"}})
}

func (p *program) exchange(method, url, body string, sent http.Header) (status int, header http.Header, answer string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "http://"+url, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header = sent
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(content)
}

// ready waits until the program says so, with a status that it must come to.
func (p *program) ready(want int) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for status := 0; status != want; status, _, _ = p.call(http.MethodGet, "admin", "/readyz", "") {
		if time.Now().After(deadline) {
			p.t.Fatalf("readiness is %d, not %d", status, want)
		}
	}
}

// stop asks the program to end and returns its exit code.
func (p *program) stop() int {
	p.t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	p.read.Wait()
	_ = p.command.Wait() // its error is the exit code, which is looked at
	return p.command.ProcessState.ExitCode()
}

func TestTheProgram(t *testing.T) {
	t.Parallel()
	binary := build(t)
	folder := t.TempDir()
	p := start(t, binary, "APP_DATABASE_URL=sqlite:///"+filepath.Join(folder, "new", "service.db"), "APP_DRAIN_SECONDS=0.2")
	p.ready(http.StatusOK)
	for _, path := range []string{"/livez", "/readyz", "/openapi.json", "/openapi.yaml"} {
		if status, _, _ := p.call(http.MethodGet, "public", path, ""); status != http.StatusOK {
			t.Errorf("%s gave %d", path, status)
		}
	}
	if status, _, _ := p.call(http.MethodPost, "public", "/livez", "{}"); status != http.StatusMethodNotAllowed {
		t.Errorf("a probe took a body: %d", status)
	}
	status, header, problem := p.call(http.MethodGet, "public", "/metrics", "")
	if status != http.StatusNotFound || !strings.Contains(problem, header.Get("X-Trace-Id")) {
		t.Errorf("another path gave %d %s", status, problem)
	}
	if _, _, version := p.call(http.MethodGet, "admin", "/version", ""); !strings.Contains(version, `"commit":"abc"`) {
		t.Errorf("the version is %s", version)
	}
	status, _, dependencies := p.call(http.MethodGet, "admin", "/health/dependencies", "")
	if status != http.StatusOK || !strings.Contains(dependencies, `"database":{"status":"ok"}`) {
		t.Errorf("the dependencies are %d %s", status, dependencies)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
	if last := p.lines[len(p.lines)-1]["message"]; last != "stopped" {
		t.Errorf("the last word is %v", last)
	}
}
