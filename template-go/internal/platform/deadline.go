package platform

import (
	"context"
	"errors"
	"time"
)

// errDeadline is the cause in a context whose request ran out of time, which tells it from one whose client left.
var errDeadline = errors.New("the request's deadline has passed")

// withDeadline ends the request's context after a while. Handlers are not abandoned: database and CPU pool look at the
// context, so the work ends with it and its slot is free again.
func withDeadline(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, after, errDeadline)
}

func unfinished() *ProblemError { return unavailable("The request did not finish in time.") }
