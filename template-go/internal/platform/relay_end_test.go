package platform

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestTheRelayRunsAndDrains(t *testing.T) {
	t.Parallel()
	r := newRelayed(t, newStored(t))
	r.start()
	r.add("x", 1, 2)
	until(t, "both delivered", func() bool { return len(r.receiver.got()) == 2 })
	r.receiver.mu.Lock() // as a receiver that is slow
	r.add("x", 3, 4, 5)
	r.receiver.mu.Unlock()
	r.relay.Drain(t.Context())
	equal(t, "delivered", fmt.Sprint(r.receiver.got()), "[1 2 3 4 5]")
	equal(t, "left", r.waiting(), 0)
}

func TestWhatIsLeftAtTheEndIsGivenBack(t *testing.T) {
	t.Parallel()
	r := newRelayed(t, newStored(t))
	r.receiver.hang = true
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { r.relay.Run(ctx) })
	r.add("x", 1)
	until(t, "claimed", func() bool { return r.number(t, "SELECT attempts FROM outbox") == 1 })
	limited, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	r.relay.Drain(limited)
	cancel()
	running.Wait()
	equal(t, "left", r.waiting(), 1)
	equal(t, "attempts", r.number(t, "SELECT attempts FROM outbox"), 0)
	equal(t, "due", r.number(t, "SELECT next_attempt_ms FROM outbox") <= time.Now().UnixMilli(), true)
}

func TestTheRelayKeepsHouse(t *testing.T) {
	t.Parallel()
	r := newRelayed(t, newStored(t))
	r.add("x", 1, 2)
	r.relay.count(t.Context())
	equal(t, "lag", gauge(t, r.metrics, "app_outbox_lag"), "2")
	r.outbox.destinations = nil
	equal(t, "error", r.relay.sweep(t.Context()), nil)
	r.relay.count(t.Context())
	equal(t, "lag", gauge(t, r.metrics, "app_outbox_lag"), "0")
	equal(t, "age", gauge(t, r.metrics, "app_outbox_oldest_seconds"), "0")
	lines := r.log.lines(t, "events were dropped since their destination is not configured any more")
	if len(lines) != 1 || lines[0]["destination"] != "http://a/b" || lines[0]["level"] != "warning" {
		t.Errorf("the log is %s", r.log)
	}
}
