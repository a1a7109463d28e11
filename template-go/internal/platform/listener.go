package platform

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// Limits that no client with honest intent meets. Without them a few slow clients hold every connection.
const (
	readHeaderTimeout = 5 * time.Second // also for a new connection that stays silent
	idleTimeout       = 30 * time.Second
	maxRequestLine    = 8 << 10
	maxHeadBytes      = 16 << 10
	// Beyond this the server itself refuses, and not with a problem.
	maxReadableHead = 64 << 10
)

// listener is a bound socket and the server for it.
type listener struct {
	name   string
	socket net.Listener
	server *http.Server
}

// listen binds at once and says where: with port 0 the log is the only place to learn it. Without a limit for a request
// and its answer the handler sets its own.
func listen(
	ctx context.Context, name, host string, port int, handler http.Handler, limit time.Duration, log *slog.Logger,
) (*listener, error) {
	address := net.JoinHostPort(host, strconv.Itoa(port))
	socket, err := new(net.ListenConfig).Listen(ctx, network(host), address)
	if err != nil {
		return nil, fmt.Errorf("bind the %s listener to %s; free the port or choose another: %w", name, address, err)
	}
	log.Info("listening", "listener", name, "address", socket.Addr().String())
	return &listener{name: name, socket: socket, server: &http.Server{
		Handler:                      handler,
		DisableGeneralOptionsHandler: true, // OPTIONS * is answered like any other unknown resource
		ReadTimeout:                  limit,
		ReadHeaderTimeout:            readHeaderTimeout,
		WriteTimeout:                 limit,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxReadableHead,
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}, nil
}

// checkHead refuses what is too long. RequestURI is as it was sent.
func checkHead(r *http.Request) error {
	line := len(r.Method) + len(r.RequestURI) + len(r.Proto)
	if line > maxRequestLine {
		return NewProblem(http.StatusRequestURITooLong, "The request line is longer than 8192 bytes.")
	}
	head := line + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			head += len(name) + len(": \r\n") + len(value)
		}
	}
	if head > maxHeadBytes {
		return NewProblem(http.StatusRequestHeaderFieldsTooLarge, "The request's header fields are larger than 16384 bytes.")
	}
	return nil
}

// network takes 0.0.0.0 at its word: Go would bind the IPv6 wildcard as well.
func network(host string) string {
	if address, err := netip.ParseAddr(host); err == nil && address.Is4() {
		return "tcp4"
	}
	return "tcp"
}

// serve returns when the server is shut down or closed, or with the error that stopped it.
func (l *listener) serve() error {
	if err := l.server.Serve(l.socket); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the %s listener: %w", l.name, err)
	}
	return nil
}
