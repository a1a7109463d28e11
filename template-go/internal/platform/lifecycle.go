package platform

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"
)

// Lifecycle runs the service from its first listener to its last: bind, warm up, serve, drain, stop.
type Lifecycle struct {
	Config     *Config
	Public     http.Handler
	Admin      http.Handler
	Warm       func(context.Context) error // what has to be done before the service is ready; may be nil
	Health     *Health
	InFlight   *InFlight
	Background *Background
	Finish     func(ctx context.Context) // what else has to end, within what is left; may be nil
	Log        *slog.Logger
}

const (
	adminTimeout = 10 * time.Second
	// One stop often arrives as two signals: make and the terminal, or a process group, each deliver their own.
	repeatWindow = 200 * time.Millisecond
)

// Run serves until the first signal and returns nil after a stop in which no request was lost.
func (l *Lifecycle) Run(ctx context.Context, signals <-chan os.Signal) error {
	stop, force, release := stopContexts(ctx, signals)
	defer release()

	admin, err := listen(ctx, "admin", l.Config.AdminHost, l.Config.AdminPort, l.Admin, adminTimeout, l.Log)
	if err != nil {
		return err
	}
	defer func() { _ = admin.server.Close() }() // last of all: probes are answered until the end
	public, err := listen(ctx, "public", l.Config.Host, l.Config.Port, l.Public, 0, l.Log)
	if err != nil {
		return errors.Join(err, admin.socket.Close())
	}
	defer func() { _ = public.server.Close() }()

	failed := serve(admin, public)
	if err := l.warm(stop); err != nil {
		return err
	}
	l.Health.started.Store(true)
	l.Log.Info("started")
	select {
	case err := <-failed:
		return err
	case <-stop.Done():
	}
	return l.drainAndStop(force, public)
}

// warm does what has to be done first; a stop in the middle of it is no failure.
func (l *Lifecycle) warm(stop context.Context) error {
	if l.Warm == nil {
		return nil
	}
	if err := l.Warm(stop); err != nil && stop.Err() == nil {
		return err
	}
	return nil
}

// serve starts the servers. The channel holds an error for each, so that none waits for a reader.
func serve(listeners ...*listener) <-chan error {
	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { failed <- l.serve() }()
	}
	return failed
}

// drainAndStop keeps serving for a while, since whoever sends requests learns only by and by that it should not; then it
// waits for the requests in flight and the jobs in the background. Each phase has a budget of its own.
func (l *Lifecycle) drainAndStop(force context.Context, public *listener) error {
	l.Health.draining.Store(true)
	l.Log.Info("draining", "seconds", l.Config.Drain.Seconds())
	select {
	case <-force.Done():
	case <-time.After(l.Config.Drain):
	}
	limited, cancel := context.WithTimeout(force, l.Config.Shutdown)
	defer cancel()
	l.Log.Info("stopping", "seconds", l.Config.Shutdown.Seconds())
	lost := 0
	if err := public.server.Shutdown(limited); err != nil {
		lost = l.InFlight.logCut(l.Log)
	}
	lost += l.Background.finish(limited) // within the same budget, and only now: a request may still have launched one
	if l.Finish != nil {
		l.Finish(limited)
	}
	switch {
	case lost > 0:
		return fmt.Errorf("requests and background jobs lost at the stop: %d", lost)
	case force.Err() != nil:
		return errors.New("ended by a second signal")
	}
	return nil
}

// stopContexts ends the first context at the first signal and the second at another one.
func stopContexts(ctx context.Context, signals <-chan os.Signal) (stop, force context.Context, release func()) {
	stop, cancelStop := context.WithCancel(ctx)
	force, cancelForce := context.WithCancel(ctx)
	go func() {
		defer cancelForce()
		defer cancelStop()
		select {
		case <-signals:
		case <-force.Done():
			return
		}
		cancelStop()
		begun := time.Now()
		for time.Since(begun) <= repeatWindow {
			select {
			case <-signals:
			case <-force.Done():
				return
			}
		}
	}()
	return stop, force, cancelForce
}
