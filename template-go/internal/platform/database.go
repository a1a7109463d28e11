package platform

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
)

// Row is a row of a result, read by position.
type Row interface{ Scan(targets ...any) error }

// Work is what a transaction is made for. It may run more than once, so it must have no effect beside those through tx.
type Work func(ctx context.Context, tx *Tx) error

// statement waits to be sent.
type statement struct {
	text string
	args []any
}

// databaseError is an error of the database, as opposed to one of the work done in it.
type databaseError struct {
	doing   string
	cause   error
	unknown bool // whether the transaction was committed
}

func (e *databaseError) Error() string { return e.doing + ": " + e.cause.Error() }

func (e *databaseError) Unwrap() error { return e.cause }

// errBusy says that there was no connection, or no turn, in time.
var errBusy = errors.New("as much as allowed is under way already")

// verdict is what an error of the database means for whoever waits for it.
type verdict struct {
	busy  bool
	gone  bool
	lost  bool   // with the connection; the next one may be better
	again string // why the whole transaction may succeed the next time, empty if it will not
}

// The reasons to try a transaction again, the values of the label of app_db_retries_total.
const (
	againSerialization = "serialization"
	againDeadlock      = "deadlock"
	againUnique        = "unique"
	againBusy          = "busy"
)

// serving is what stands between requests and either database.
type serving struct {
	log      *slog.Logger
	complain rate.Sometimes // a warning each second, however many requests there are
	retries  *prometheus.CounterVec
	schema   schemaState
}

func newServing(metrics *Metrics, log *slog.Logger) *serving {
	s := &serving{
		log: log, complain: rate.Sometimes{Interval: time.Second},
		retries: metrics.counters("app_db_retries_total", "Transactions that were tried again.", "reason"),
	}
	for _, reason := range []string{againSerialization, againDeadlock, againUnique, againBusy} {
		s.retries.WithLabelValues(reason) // an alert needs the zero before the first one
	}
	return s
}

const (
	maxAttempts  = 3
	firstBackoff = 20 * time.Millisecond
)

// Transact does work in one transaction, which is committed when work returns nil. What fails by chance is tried again, as a
// whole. A commit of which nobody knows whether it succeeded is not: its caller gets a 503, as for a busy database or none.
func (d *Database) Transact(ctx context.Context, work Work) error {
	for attempt := 1; ; attempt++ {
		committed, err := d.once(ctx, work)
		if err == nil {
			for _, after := range committed {
				after()
			}
			return nil
		}
		if !d.repeats(ctx, err, attempt) {
			return d.answer(ctx, err)
		}
	}
}

// Query reads what one statement finds, outside of a transaction.
func (d *Database) Query(ctx context.Context, each func(Row) error, text string, args ...any) error {
	for attempt := 1; ; attempt++ {
		begun := false
		err := d.read(ctx, func(row Row) error {
			begun = true
			return each(row)
		}, text, args)
		if err == nil {
			return nil
		}
		if begun || !d.repeats(ctx, err, attempt) {
			return d.answer(ctx, err)
		}
	}
}

// repeats waits before another attempt where one makes sense.
func (s *serving) repeats(ctx context.Context, err error, attempt int) bool {
	failure, ok := errors.AsType[*databaseError](err)
	if !ok || failure.unknown || attempt == maxAttempts || ctx.Err() != nil {
		return false
	}
	meaning := judge(failure.cause)
	if meaning.again == "" && !meaning.lost {
		return false
	}
	pause := rand.N(firstBackoff << attempt) // full jitter: those that met come back apart
	if !timeFor(ctx, pause) {
		return false
	}
	select {
	case <-time.After(pause):
	case <-ctx.Done():
		return false
	}
	if meaning.again != "" {
		s.retries.WithLabelValues(meaning.again).Inc()
	}
	return true
}

// answer turns an error of the database into what a client may know of it. The log alone learns the driver's words.
func (s *serving) answer(ctx context.Context, err error) error {
	failure, ok := errors.AsType[*databaseError](err)
	if !ok {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	meaning := judge(failure.cause)
	switch {
	case failure.unknown || meaning.gone:
		s.complain.Do(func() { s.log.WarnContext(ctx, "the database is not available", "error", err.Error()) })
		return unavailable("The database is not available; try again later.")
	case meaning.busy || meaning.again != "":
		return unavailable("The database is busy; try again later.")
	}
	return err
}
