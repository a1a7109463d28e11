package platform

import (
	"context"
	"slices"
	"time"
)

// keepHouse counts what waits, and now and then removes what nobody is going to take.
func (r *Relay) keepHouse(ctx context.Context) {
	var swept time.Time
	for {
		if r.database.Usable() {
			if time.Since(swept) >= time.Minute && r.sweep(ctx) == nil {
				swept = time.Now()
			}
			r.count(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookEvery):
		}
	}
}

func (r *Relay) count(ctx context.Context) {
	var waiting, oldest int64
	err := r.database.Query(ctx, func(row Row) error { return row.Scan(&waiting, &oldest) }, countEvents)
	if err != nil {
		return // the numbers stay what they were, until the database is there again
	}
	r.waiting.Store(waiting)
	r.oldestMS.Store(oldest)
}

// sweep deletes events for destinations that are not configured any more.
func (r *Relay) sweep(ctx context.Context) error {
	var found []string
	err := r.database.Query(ctx, func(row Row) error {
		var destination string
		err := row.Scan(&destination)
		found = append(found, destination)
		return err
	}, strayEvents)
	if err != nil {
		return err
	}
	known := make([]string, 0, len(r.outbox.destinations))
	for _, destination := range r.outbox.destinations {
		known = append(known, destination.String())
	}
	for _, destination := range found {
		if slices.Contains(known, destination) {
			continue
		}
		var dropped int64
		if err := r.database.Transact(ctx, func(ctx context.Context, tx *Tx) (err error) {
			dropped, err = tx.Exec(ctx, dropEvents, destination)
			return err
		}); err != nil {
			return err
		}
		r.log.WarnContext(ctx, "events were dropped since their destination is not configured any more",
			"destination", withoutQueries(destination), "events", dropped)
	}
	return nil
}
