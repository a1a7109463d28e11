package platform

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// running is a life cycle on free ports.
type running struct {
	*fixture

	t          *testing.T
	background *Background
	signals    chan os.Signal
	ended      chan error
	client     *http.Client
	address    map[string]string
}

func run(t *testing.T, handler Handler, environ ...string) *running {
	t.Helper()
	free := []string{"APP_HOST=127.0.0.1", "APP_PORT=0", "APP_ADMIN_HOST=127.0.0.1", "APP_ADMIN_PORT=0"}
	f := newFixture(t, handler, append(free, environ...)...)
	r := &running{
		fixture: f, t: t, signals: make(chan os.Signal), ended: make(chan error, 1), address: make(map[string]string),
		client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}
	pool := NewCPUPool(1, 1, f.metrics)
	t.Cleanup(pool.Close)
	r.background = NewBackground(pool, f.public.Log)
	warm := make(chan struct{})
	life := r.lifecycle(func(context.Context) error {
		close(warm)
		return nil
	})
	go func() { r.ended <- life.Run(context.WithoutCancel(t.Context()), r.signals) }()
	<-warm
	for _, line := range f.log.lines(t, "listening") {
		r.address[line["listener"].(string)] = line["address"].(string)
	}
	return r
}

func (r *running) lifecycle(warm func(context.Context) error) *Lifecycle {
	return &Lifecycle{
		Config: r.public.Config, Public: r.handler, Health: r.public.Health, InFlight: r.public.InFlight, Warm: warm,
		Admin:      NewAdminHandler(r.public.Health, r.metrics, Build{}, nil, silent()),
		Background: r.background, Log: r.public.Log,
	}
}

// get returns the status, or 0 where nobody answers.
func (r *running) get(listener, path string) int {
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, "http://"+r.address[listener]+path, nil)
	if err != nil {
		return 0
	}
	response, err := r.client.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func TestTheTimeLimitsOfConnections(t *testing.T) {
	t.Parallel()
	for _, limit := range []time.Duration{0, adminTimeout} {
		l, err := listen(t.Context(), "any", "127.0.0.1", 0, http.NotFoundHandler(), limit, silent())
		if err != nil {
			t.Fatal(err)
		}
		_ = l.socket.Close()
		equal(t, "head, or silence at first", l.server.ReadHeaderTimeout, 5*time.Second)
		equal(t, "silence between requests", l.server.IdleTimeout, 30*time.Second)
		equal(t, "request", l.server.ReadTimeout, limit)
		equal(t, "answer", l.server.WriteTimeout, limit)
	}
}

func TestTheDrainServesAndTellsThatItEnds(t *testing.T) {
	t.Parallel()
	r := run(t, ok, "APP_DRAIN_SECONDS=0.5")
	equal(t, "readiness", r.get("admin", "/readyz"), 200)
	r.signals <- syscall.SIGTERM
	for r.get("public", "/readyz") != http.StatusServiceUnavailable {
		runtime.Gosched() // the signal is on its way
	}
	equal(t, "a new request", r.get("public", "/things/1"), 200)
	equal(t, "liveness", r.get("admin", "/livez"), 200)
	equal(t, "readiness", r.get("admin", "/readyz"), 503)
	if err := <-r.ended; err != nil {
		t.Errorf("the stop gave %v", err)
	}
	equal(t, "after the end", r.get("public", "/livez")+r.get("admin", "/livez"), 0)
}

// blocked answers after release is closed; entered tells that it has begun.
func blocked() (handler Handler, entered, release chan struct{}) {
	entered, release = make(chan struct{}), make(chan struct{})
	return func(w http.ResponseWriter, r *http.Request) error {
		close(entered)
		select {
		case <-release:
		case <-r.Context().Done():
		}
		return ok(w, r)
	}, entered, release
}

func TestRequestsInFlightAreFinished(t *testing.T) {
	t.Parallel()
	handler, entered, release := blocked()
	r := run(t, handler)
	status := make(chan int)
	go func() { status <- r.get("public", "/things/1") }()
	<-entered
	r.signals <- syscall.SIGTERM
	for r.get("public", "/livez") != 0 {
		runtime.Gosched() // until the door is closed
	}
	equal(t, "liveness while requests finish", r.get("admin", "/livez"), 200)
	close(release)
	equal(t, "status", <-status, 200)
	if err := <-r.ended; err != nil {
		t.Errorf("the stop gave %v", err)
	}
}

func TestRequestsThatAreCutAreNamed(t *testing.T) {
	t.Parallel()
	handler, entered, _ := blocked()
	r := run(t, handler, "APP_SHUTDOWN_SECONDS=0.1")
	go r.get("public", "/things/1")
	<-entered
	r.signals <- syscall.SIGTERM
	if err := <-r.ended; err == nil {
		t.Error("the loss was kept quiet")
	}
	lines := r.log.lines(t, "request cut by the end of the service")
	if len(lines) != 1 || lines[0]["route"] != "/things/{id}" || lines[0]["age_ms"] == nil || lines[0]["trace_id"] == nil {
		t.Errorf("the log has %v", lines)
	}
}

func TestASecondSignalEndsTheDrain(t *testing.T) {
	t.Parallel()
	r := run(t, ok, "APP_DRAIN_SECONDS=300")
	begun := time.Now()
	r.signals <- syscall.SIGTERM
	for {
		select {
		case r.signals <- syscall.SIGTERM: // until one comes late enough to count
			continue
		case err := <-r.ended:
			if err == nil || time.Since(begun) < repeatWindow || time.Since(begun) > time.Minute {
				t.Errorf("%v after %v", err, time.Since(begun))
			}
			return
		}
	}
}

func TestARepeatedSignalIsTheSameSignal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		signals := make(chan os.Signal)
		stop, force, release := stopContexts(t.Context(), signals)
		defer release()
		signals <- syscall.SIGINT
		time.Sleep(100 * time.Millisecond)
		signals <- syscall.SIGTERM
		synctest.Wait()
		if stop.Err() == nil || force.Err() != nil {
			t.Errorf("after a repeat: stop %v, force %v", stop.Err(), force.Err())
		}
		time.Sleep(101 * time.Millisecond)
		signals <- syscall.SIGTERM
		synctest.Wait()
		if force.Err() == nil {
			t.Error("a second signal was ignored")
		}
	})
}

func TestStartsThatFail(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	failure := errors.New("cannot warm up")
	for name, c := range map[string]struct {
		environ []string
		want    error
	}{
		"public port in use": {[]string{"APP_PORT=" + port, "APP_ADMIN_PORT=0"}, syscall.EADDRINUSE},
		"admin port in use":  {[]string{"APP_PORT=0", "APP_ADMIN_PORT=" + port}, syscall.EADDRINUSE},
		"not warm":           {[]string{"APP_PORT=0", "APP_ADMIN_PORT=0"}, failure},
	} {
		f := newFixture(t, ok, append(c.environ, "APP_HOST=127.0.0.1", "APP_ADMIN_HOST=127.0.0.1")...)
		life := (&running{fixture: f}).lifecycle(func(context.Context) error { return failure })
		if err := life.Run(t.Context(), nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASignalDuringTheWarmUpIsAStop(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok, "APP_HOST=127.0.0.1", "APP_PORT=0", "APP_ADMIN_HOST=127.0.0.1", "APP_ADMIN_PORT=0")
	signals := make(chan os.Signal, 1)
	r := &running{fixture: f, background: NewBackground(nil, silent())}
	life := r.lifecycle(func(ctx context.Context) error {
		signals <- syscall.SIGTERM
		<-ctx.Done()
		return ctx.Err()
	})
	if err := life.Run(t.Context(), signals); err != nil {
		t.Errorf("the stop gave %v", err)
	}
}
