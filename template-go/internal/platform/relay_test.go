package platform

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// receiver is a publisher that remembers, and fails as often as it is told.
type receiver struct {
	mu     sync.Mutex
	fail   int
	hang   bool
	bodies []string
	ids    []string
}

func (r *receiver) Publish(ctx context.Context, _ *url.URL, delivery Delivery) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = append(r.ids, delivery.ID)
	if r.hang {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	if r.fail > 0 {
		r.fail--
		return errors.New("not now")
	}
	_, data, _ := strings.Cut(string(delivery.Body), `"data":`)
	r.bodies = append(r.bodies, strings.TrimSuffix(data, "}"))
	return nil
}

func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.bodies)
}

// relayed is an outbox with a relay that does not run by itself.
type relayed struct {
	*stored

	t        *testing.T
	outbox   *Outbox
	relay    *Relay
	receiver *receiver
	to       *url.URL
}

func newRelayed(t *testing.T, s *stored) *relayed {
	t.Helper()
	to := &url.URL{Scheme: "http", Host: "a", Path: "/b", RawQuery: "key=canary"}
	r := &relayed{stored: s, t: t, outbox: NewOutbox([]*url.URL{to}), receiver: &receiver{}, to: to}
	r.relay = NewRelay(r.outbox, s.Database, r.receiver, s.metrics, s.log.logger())
	return r
}

func (r *relayed) add(aggregate string, data ...int) {
	r.t.Helper()
	for _, one := range data {
		if err := r.Transact(r.t.Context(), func(_ context.Context, tx *Tx) error {
			return r.outbox.Add(tx, Event{Type: "thing.made", Aggregate: aggregate, Data: one})
		}); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *relayed) turn() int {
	r.t.Helper()
	handled, err := r.relay.turn(r.t.Context(), r.to)
	if err != nil {
		r.t.Fatal(err)
	}
	return handled
}

func (r *relayed) waiting() int64 { return r.number(r.t, "SELECT count(*) FROM outbox") }

// due lets the time pass that the next attempt has to wait for.
func (r *relayed) due() {
	if err := r.Transact(r.t.Context(), func(_ context.Context, tx *Tx) error {
		tx.Queue("UPDATE outbox SET next_attempt_ms = $1", time.Now().UnixMilli())
		return nil
	}); err != nil {
		r.t.Fatal(err)
	}
}

func TestEventsOfAnAggregateArriveInTheirOrder(t *testing.T) {
	t.Parallel()
	r := newRelayed(t, newStored(t))
	r.add("x", 1, 2, 3)
	r.receiver.fail = 1
	equal(t, "tried", r.turn(), 1)
	equal(t, "tried before its time has come again", r.turn(), 0)
	r.add("y", 10)
	equal(t, "of another aggregate", r.turn(), 1)
	for range 3 {
		r.due()
		equal(t, "tried", r.turn(), 1)
	}
	equal(t, "order", fmt.Sprint(r.receiver.got()), "[10 1 2 3]")
	equal(t, "the id at the second attempt", r.receiver.ids[2], r.receiver.ids[0])
	equal(t, "left", r.waiting(), 0)
	equal(t, "delivered", gauge(t, r.metrics, `app_outbox_deliveries_total{outcome="delivered"}`), "4")
	equal(t, "failed", gauge(t, r.metrics, `app_outbox_deliveries_total{outcome="failed"}`), "1")
	if strings.Contains(r.log.String(), "canary") {
		t.Error("the log tells a receiver's key")
	}
}

func TestDelaysDoubleToAMinute(t *testing.T) {
	t.Parallel()
	for attempts, most := range map[int]time.Duration{
		1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 6: 32 * time.Second, 7: time.Minute, 100: time.Minute,
	} {
		if delay := backOff(attempts); delay < most/2 || delay > most {
			t.Errorf("after %d attempts %s", attempts, delay)
		}
	}
}

func TestAClaimIsOursForTheLease(t *testing.T) {
	t.Parallel()
	r := newRelayed(t, newStored(t))
	r.add("x", 1, 2)
	claims, err := r.relay.claim(t.Context(), r.to)
	equal(t, "error", err, nil)
	equal(t, "claims", len(claims), 1)
	equal(t, "another replica's", newRelayed(t, replica(t, r.url, 2)).usable().turn(), 0)
	r.due() // the lease is over, and somebody else has it
	equal(t, "tried", r.turn(), 1)
	claims[0].err = errors.New("too late")
	equal(t, "error", r.relay.settle(t.Context(), r.to, claims), nil)
	equal(t, "what comes next", r.turn(), 1)
	equal(t, "order", fmt.Sprint(r.receiver.got()), "[1 2]")
}

func (r *relayed) usable() *relayed {
	if err := r.CheckSchema(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	return r
}

func TestAClockThatJumpedBackHoldsNothingUp(t *testing.T) {
	t.Parallel()
	r := newRelayed(t, newStored(t))
	r.add("x", 1)
	if err := r.Transact(t.Context(), func(_ context.Context, tx *Tx) error {
		tx.Queue("UPDATE outbox SET next_attempt_ms = $1", time.Now().Add(time.Hour).UnixMilli())
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	equal(t, "tried", r.turn(), 1)
}

func TestReplicasDeliverEachEventOnce(t *testing.T) {
	t.Parallel()
	first := newRelayed(t, newStored(t))
	second := newRelayed(t, replica(t, first.url, 2)).usable()
	second.receiver = first.receiver
	second.relay.publisher = first.receiver
	for i := range 20 {
		first.add("x"+strconv.Itoa(i), i, 100+i)
	}
	var relays sync.WaitGroup
	for _, one := range []*relayed{first, second} {
		relays.Go(func() {
			for first.waiting() > 0 {
				_, _ = one.relay.turn(t.Context(), one.to)
			}
		})
	}
	relays.Wait()
	got := first.receiver.got()
	equal(t, "deliveries", len(got), 40)
	for i := range 20 {
		before, after := slices.Index(got, strconv.Itoa(i)), slices.Index(got, strconv.Itoa(100+i))
		if before < 0 || after < before {
			t.Errorf("of %d: %d, %d", i, before, after)
		}
	}
}

// start lets the relay run by itself, until the test ends.
func (r *relayed) start() {
	ctx, cancel := context.WithCancel(r.t.Context())
	var running sync.WaitGroup
	running.Go(func() { r.relay.Run(ctx) })
	r.t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

func until(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !reached(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never came to: %s", what)
		}
	}
}
