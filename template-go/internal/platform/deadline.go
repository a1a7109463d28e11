package platform

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// errDeadline is the cause in a context whose request ran out of time, which tells it from one whose client left.
var errDeadline = errors.New("the request's deadline has passed")

// timeoutHeader is how many milliseconds the caller is going to wait. We tell it to those whom we ask in turn.
const (
	timeoutHeader    = "X-Request-Timeout-Ms"
	longestTimeoutMS = 3_600_000
)

// withDeadline ends the request's context after a while. Handlers are not abandoned: whatever they wait for looks at the
// context, so the work ends with it and its slot is free again.
func withDeadline(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, after, errDeadline)
}

// patience is the time a request gets: ours, or the caller's where that is shorter. What is no number counts as not sent.
func patience(r *http.Request, own time.Duration) time.Duration {
	field := r.Header.Get(timeoutHeader)
	if field == "" {
		return own
	}
	n, err := strconv.ParseUint(field, 10, 32)
	if err != nil || n == 0 || n > longestTimeoutMS {
		return own
	}
	return min(own, time.Duration(n)*time.Millisecond)
}

func unfinished() *ProblemError { return unavailable("The request did not finish in time.") }
