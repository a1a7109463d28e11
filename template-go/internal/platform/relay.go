package platform

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Delivery is an event on its way to one destination. ID is the same at every attempt.
type Delivery struct {
	ID   string
	Body []byte
}

// Publisher hands an event to a destination. An error has it handed over again, later.
type Publisher interface {
	Publish(ctx context.Context, destination *url.URL, delivery Delivery) error
}

// Relay takes events out of the outbox and delivers them at least once. Several replicas may do so at once.
type Relay struct {
	outbox     *Outbox
	database   *Database
	publisher  Publisher
	log        *slog.Logger
	deliveries *prometheus.CounterVec
	waiting    atomic.Int64
	oldestMS   atomic.Int64
	draining   chan struct{}
	drained    chan struct{}
}

const (
	lookEvery     = time.Second
	lease         = 30 * time.Second // beyond it another replica tries, so a delivery has to take less
	clockLeap     = 120 * time.Second
	atOnce        = 16
	firstDelay    = time.Second
	longestDelay  = time.Minute
	doubling      = 2
	drainTimeout  = 5 * time.Second
	settleTimeout = 2 * time.Second // to write down what has come of a delivery
	delivered     = "delivered"
	undelivered   = "failed"
)

// NewRelay delivers by a publisher.
func NewRelay(outbox *Outbox, database *Database, publisher Publisher, metrics *Metrics, log *slog.Logger) *Relay {
	r := &Relay{
		outbox: outbox, database: database, publisher: publisher, log: log,
		deliveries: metrics.counters("app_outbox_deliveries_total", "Attempts to deliver an event.", "outcome"),
		draining:   make(chan struct{}), drained: make(chan struct{}),
	}
	r.deliveries.WithLabelValues(delivered) // an alert needs the zero before the first one
	r.deliveries.WithLabelValues(undelivered)
	metrics.Gauge("app_outbox_lag", "Events that wait for their delivery.",
		func() float64 { return float64(r.waiting.Load()) })
	metrics.Gauge("app_outbox_oldest_seconds", "Age of the oldest of them.", func() float64 {
		if oldest := r.oldestMS.Load(); oldest > 0 {
			return max(0, time.Since(time.UnixMilli(oldest)).Seconds())
		}
		return 0
	})
	return r
}

// Run delivers until ctx ends, or Drain has been called and nothing is due any more.
func (r *Relay) Run(ctx context.Context) {
	defer close(r.drained)
	housekeeping, cancel := context.WithCancel(ctx)
	var loops sync.WaitGroup
	defer loops.Wait()
	defer cancel()
	loops.Go(func() { r.keepHouse(housekeeping) })
	var destinations sync.WaitGroup
	for i, destination := range r.outbox.destinations { // each on its own, since one that hangs must not hold up the others
		destinations.Go(func() { r.serve(ctx, destination, r.outbox.wakes[i]) })
	}
	destinations.Wait()
	if len(r.outbox.destinations) == 0 {
		select {
		case <-ctx.Done():
		case <-r.draining:
		}
	}
}

// Drain delivers what is due, for a few seconds and not beyond the end of ctx. What is left stays in the outbox.
func (r *Relay) Drain(ctx context.Context) {
	close(r.draining)
	limited, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	select {
	case <-r.drained:
	case <-limited.Done():
	}
}

func (r *Relay) isDraining() bool {
	select {
	case <-r.draining:
		return true
	default:
		return false
	}
}

func (r *Relay) serve(ctx context.Context, destination *url.URL, wake <-chan struct{}) {
	failing := false
	for ctx.Err() == nil {
		last := r.isDraining() // asked before it looks, for what is due may have come while it did
		handled, err := 0, error(nil)
		if r.database.Usable() {
			handled, err = r.turn(ctx, destination)
		}
		if err != nil && ctx.Err() == nil && !failing {
			r.log.WarnContext(ctx, "events wait in the outbox", "error", err.Error())
		}
		failing = err != nil
		if last && handled == 0 {
			return
		}
		if handled < atOnce { // otherwise there may be more
			r.pause(ctx, wake)
		}
	}
}

// pause waits until there may be something to deliver.
func (r *Relay) pause(ctx context.Context, wake <-chan struct{}) {
	select {
	case <-ctx.Done():
	case <-r.draining:
	case <-wake:
	case <-time.After(lookEvery):
	}
}

// claim is an event that is ours for the time of the lease.
type claim struct {
	Delivery

	row      int64
	attempts int
	err      error
}

// turn delivers some of the events that are due, and returns how many.
func (r *Relay) turn(ctx context.Context, destination *url.URL) (int, error) {
	claims, err := r.claim(ctx, destination)
	if err != nil || len(claims) == 0 {
		return 0, err
	}
	var sending sync.WaitGroup
	for _, one := range claims { // of different aggregates, so their order does not matter
		sending.Go(func() { one.err = r.publisher.Publish(ctx, destination, one.Delivery) })
	}
	sending.Wait()
	return len(claims), r.settle(ctx, destination, claims)
}

func (r *Relay) claim(ctx context.Context, destination *url.URL) (claims []*claim, err error) {
	err = r.database.Transact(ctx, func(ctx context.Context, tx *Tx) error {
		claims = nil
		now := time.Now()
		return tx.Query(ctx, func(row Row) error {
			one := &claim{}
			claims = append(claims, one)
			return row.Scan(&one.row, &one.ID, &one.Body, &one.attempts)
		}, claimEvents, destination.String(), now.UnixMilli(), now.Add(clockLeap).UnixMilli(), atOnce,
			now.Add(lease).UnixMilli())
	})
	return claims, err
}

// settle writes down what has come of deliveries, also at the very end.
func (r *Relay) settle(ctx context.Context, destination *url.URL, claims []*claim) error {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	ended := ctx.Err() != nil
	now := time.Now()
	err := r.database.Transact(limited, func(_ context.Context, tx *Tx) error {
		for _, one := range claims {
			switch {
			case one.err == nil:
				tx.Queue(deliveredEvent, one.row)
			case ended: // the attempt was cut by us
				tx.Queue(returnEvent, now.UnixMilli(), one.row, one.attempts)
			default:
				tx.Queue(failedEvent, now.Add(backOff(one.attempts)).UnixMilli(), one.row, one.attempts)
			}
		}
		return nil
	})
	for _, one := range claims {
		switch {
		case one.err == nil:
			r.deliveries.WithLabelValues(delivered).Inc()
		case !ended:
			r.deliveries.WithLabelValues(undelivered).Inc()
			r.log.WarnContext(ctx, "an event was not delivered", "destination", withoutQueries(destination.String()),
				"event", one.ID, "attempts", one.attempts, "error", one.err.Error())
		}
	}
	return err
}

// backOff doubles from a second to a minute, the last half of it by chance.
func backOff(attempts int) time.Duration {
	delay := firstDelay
	for ; attempts > 1 && delay < longestDelay; attempts-- {
		delay *= doubling
	}
	delay = min(delay, longestDelay)
	least := delay / doubling
	return least + rand.N(delay-least)
}
