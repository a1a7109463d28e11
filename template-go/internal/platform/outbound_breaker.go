package platform

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	failuresToOpen = 5 // in a row
	openFor        = 2 * time.Second
)

// newBreaker makes a circuit breaker that stops calls to a dependency which fails, and then tries it by one call at a time.
func newBreaker(name string, log *slog.Logger) *gobreaker.CircuitBreaker[struct{}] {
	return gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name:        name,
		Timeout:     openFor,
		ReadyToTrip: func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= failuresToOpen },
		IsExcluded: func(err error) bool { // it says nothing of the dependency
			failure, ok := errors.AsType[*OutboundError](err)
			return ok && failure.Outcome == Cancelled
		},
		OnStateChange: func(name string, from, to gobreaker.State) {
			switch { // a trial that fails is no news
			case from == gobreaker.StateClosed:
				log.Warn("circuit opened", "dependency", name)
			case to == gobreaker.StateClosed:
				log.Info("circuit closed", "dependency", name)
			}
		},
	})
}

// The retry budget keeps our retries from being a load of their own when all calls fail: then one call in ten is repeated.
const (
	firstTokens = 2.0
	mostTokens  = 10.0
	perCall     = 0.1
	perRetry    = 1.0
)

type retryBudget struct {
	mu     sync.Mutex
	tokens float64
}

func newRetryBudget() *retryBudget { return &retryBudget{tokens: firstTokens} }

func (b *retryBudget) deposit() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(mostTokens, b.tokens+perCall)
}

func (b *retryBudget) withdraw() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < perRetry {
		return false
	}
	b.tokens -= perRetry
	return true
}
