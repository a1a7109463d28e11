package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"go.opentelemetry.io/otel/trace"
)

// ProblemError is an error that is answered as problem details (RFC 9457). Any other error is answered as a 500 that
// tells the client nothing but the trace id.
type ProblemError struct {
	Type     string      `json:"type"`
	Title    string      `json:"title"`
	Status   int         `json:"status"`
	Detail   string      `json:"detail"`
	Instance string      `json:"instance"`
	TraceID  string      `json:"trace_id"`
	Errors   []Violation `json:"errors,omitempty"`

	retryAfter int // seconds, 0 for none
}

// Violation is one broken rule: a place in the body as an RFC 6901 pointer, or a query parameter.
type Violation struct {
	Pointer   string `json:"pointer,omitempty"`
	Parameter string `json:"parameter,omitempty"`
	Detail    string `json:"detail"`
}

// statusClientGone is what the log says of a request whose client left before its answer; no client ever sees it.
const statusClientGone = 499

// NewProblem makes a problem of type about:blank, whose title is the status's reason phrase.
func NewProblem(status int, detail string) *ProblemError {
	return &ProblemError{Type: "about:blank", Title: reasonPhrase(status), Status: status, Detail: detail}
}

func (p *ProblemError) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Title, p.Detail) }

// After tells the client to wait some seconds before it tries again.
func (p *ProblemError) After(seconds int) *ProblemError {
	p.retryAfter = seconds
	return p
}

// Unprocessable answers broken rules of the contract.
func Unprocessable(violations ...Violation) *ProblemError {
	problem := NewProblem(http.StatusUnprocessableEntity, "The request breaks the contract; see errors.")
	problem.Errors = violations
	return problem
}

func unavailable(detail string) *ProblemError {
	return NewProblem(http.StatusServiceUnavailable, detail).After(1)
}

func atCapacity() *ProblemError {
	problem := unavailable("The service is at capacity; try again later.")
	problem.Type = "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"
	return problem
}

// reasonPhrase is that of RFC 9110, which renamed phrases that net/http still has by their old names.
func reasonPhrase(status int) string {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return "Content Too Large"
	case http.StatusRequestURITooLong:
		return "URI Too Long"
	case http.StatusUnprocessableEntity:
		return "Unprocessable Content"
	default:
		return http.StatusText(status)
	}
}

// writeError answers a failed request, and logs what only the log may know.
func writeError(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	ctx := r.Context()
	problem, ok := errors.AsType[*ProblemError](err)
	switch {
	case ok:
	case errors.Is(context.Cause(ctx), errDeadline):
		problem = unfinished()
	case ctx.Err() != nil:
		w.WriteHeader(statusClientGone)
		return
	default:
		log.ErrorContext(ctx, "request failed", "error", err.Error())
		problem = NewProblem(http.StatusInternalServerError,
			"Something went wrong on our side; the trace id finds it in our logs.")
	}
	problem.write(w, r, log)
}

func (p *ProblemError) write(w http.ResponseWriter, r *http.Request, log *slog.Logger) {
	p.Instance = r.URL.EscapedPath()
	p.TraceID = trace.SpanContextFromContext(r.Context()).TraceID().String()
	body, err := json.Marshal(p)
	if err != nil {
		log.ErrorContext(r.Context(), "problem cannot be encoded", "error", err.Error())
	}
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	writeBytes(w, p.Status, "application/problem+json", body)
}
