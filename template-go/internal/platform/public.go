package platform

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Operation answers one operation of the contract. Parameters are rules for query values beyond the contract's schemas; the
// text of their errors is shown to the client.
type Operation struct {
	Handle     Handler
	Parameters map[string]func(value string) error
}

// Public is what the public listener needs.
type Public struct {
	Config     *Config
	Contract   *Contract
	Operations map[string]Operation // by operationId
	RateLimit  *RateLimit           // nil for none
	Admission  *Admission
	Health     *Health
	InFlight   *InFlight
	Telemetry  *Telemetry
	Log        *slog.Logger

	mux *http.ServeMux
}

// Handler routes by the contract. It fails when the contract and the operations do not name the same things.
func (p *Public) Handler() (http.Handler, error) {
	p.mux = http.NewServeMux()
	own := map[string]Handler{
		"livez": p.Health.livez, "readyz": p.Health.readyz,
		"contractJson": p.Contract.serveJSON, "contractYaml": p.Contract.serveYAML,
	}
	served := 0
	for _, op := range p.Contract.operations {
		if handler, ok := own[op.id]; ok {
			p.mux.Handle(op.pattern, answer(handler, p.Log))
			continue
		}
		operation, ok := p.Operations[op.id]
		if !ok {
			return nil, fmt.Errorf("the contract's operation %q has no handler", op.id)
		}
		op.addRules(operation.Parameters)
		p.mux.Handle(op.pattern, p.operation(op, operation.Handle))
		served++
	}
	if served != len(p.Operations) {
		return nil, fmt.Errorf("%d operations have handlers, the contract names %d of them", len(p.Operations), served)
	}
	return p.routed(p.Telemetry.Instrument(p.edge)), nil
}

// routed finds the route first, so that trace, metrics and log all know it.
func (p *Public) routed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Pattern = ""
		if path.Clean(r.URL.Path) == r.URL.Path { // else ServeMux would redirect, and a redirected POST loses its body
			_, r.Pattern = p.mux.Handler(r)
		}
		next.ServeHTTP(w, r)
	})
}

// edge is what every public request passes through. The status is that of an empty answer where the handler said nothing.
func (p *Public) edge(w http.ResponseWriter, r *http.Request) (status int) {
	begun := time.Now()
	secure(w)
	response := &recorder{ResponseWriter: w, body: pace(w, r, begun)}
	defer func() { status = cmp.Or(response.status, http.StatusOK) }()
	defer response.body.linger(response)
	response.Header().Set("X-Trace-Id", trace.SpanContextFromContext(r.Context()).TraceID().String())
	if p.Health.draining.Load() {
		response.Header().Set("Connection", "close") // the client's next request then goes to another instance
	}
	defer p.InFlight.enter(r, begun)()
	defer func() { p.access(r, response, time.Since(begun)) }()
	defer p.recovered(response, r)
	err := checkHead(r)
	if err == nil && r.Pattern == "" {
		err = p.unmatched(response, r)
	}
	if err != nil {
		writeError(response, r, p.Log, err)
	} else {
		p.mux.ServeHTTP(response, r)
	}
	return response.status
}

func (p *Public) recovered(w *recorder, r *http.Request) {
	value := recover()
	if value == nil {
		return
	}
	err := PanicError(value)
	if w.status != 0 { // too late for a problem; the client sees the answer break off
		p.Log.ErrorContext(r.Context(), "request failed", "error", err.Error())
		panic(http.ErrAbortHandler)
	}
	writeError(w, r, p.Log, err)
}

// access writes the one line of a request. Query, headers and bodies may hold secrets and stay out of it.
func (p *Public) access(r *http.Request, response *recorder, took time.Duration) {
	route := routeOf(r)
	if route == "/livez" || route == "/readyz" {
		return
	}
	if r.Method == http.MethodHead {
		response.bytes = 0 // net/http keeps them back
	}
	if !p.Log.Enabled(r.Context(), slog.LevelInfo) {
		return
	}
	// Not by the logger, which looks up the line of code that it is called from; nobody shows it.
	record := slog.NewRecord(time.Now(), slog.LevelInfo, "request", 0)
	record.AddAttrs(slog.String("method", r.Method), slog.String("route", route), slog.Int("status", response.status),
		slog.Float64("duration_ms", milliseconds(took)), slog.Int("bytes", response.bytes))
	_ = p.Log.Handler().Handle(r.Context(), record) // a line that cannot be written is told nowhere
}

func routeOf(r *http.Request) string {
	_, route, _ := strings.Cut(r.Pattern, " ")
	return route
}

func (p *Public) unmatched(w http.ResponseWriter, r *http.Request) error {
	if allowed := p.allowed(r); len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return NewProblem(http.StatusMethodNotAllowed, "This resource does not support the method.")
	}
	return NewProblem(http.StatusNotFound, "There is no such resource.")
}

// allowed asks the mux for each method, since it keeps the list to itself.
func (p *Public) allowed(r *http.Request) []string {
	var methods []string
	if path.Clean(r.URL.Path) != r.URL.Path {
		return nil
	}
	for _, method := range []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	} {
		if _, pattern := p.mux.Handler(&http.Request{Method: method, Host: r.Host, URL: r.URL}); pattern != "" {
			methods = append(methods, method)
		}
	}
	return methods
}

// operation puts a handler behind the rate limit, the reading of the body, the deadline, admission and the contract. A
// request gets its deadline and its slot only when it is there as a whole, so that no slow client holds one.
func (p *Public) operation(op *operation, handler Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op.sayFarewell(w)
		body, err := p.receive(w, r, op)
		if err != nil {
			writeError(w, r, p.Log, err)
			return
		}
		ctx, cancel := withDeadline(r.Context(), patience(r, p.Config.RequestTimeout))
		defer cancel()
		r = r.WithContext(ctx)
		if err := p.admitted(w, r, op, body, handler); err != nil {
			writeError(w, r, p.Log, err)
		}
	})
}

// receive refuses what needs no body to be refused, and reads the body.
func (p *Public) receive(w http.ResponseWriter, r *http.Request, op *operation) ([]byte, error) {
	if !p.Health.started.Load() {
		return nil, atCapacity()
	}
	if p.RateLimit != nil {
		if err := p.RateLimit.check(w, r); err != nil {
			return nil, err
		}
	}
	limit := int64(p.Config.MaxBodyBytes)
	if r.ContentLength > limit {
		return nil, tooLarge(w, limit)
	}
	if err := op.checkMediaTypes(r); err != nil {
		return nil, err
	}
	return readBody(w, r, limit)
}

func (p *Public) admitted(w http.ResponseWriter, r *http.Request, op *operation, body []byte, handler Handler) error {
	leave, err := p.Admission.Enter(r.Context())
	if err != nil {
		return err
	}
	defer leave()
	if err := op.check(r, body); err != nil {
		return err
	}
	r.Body = newReceivedBody(body)
	return handler(w, r)
}
