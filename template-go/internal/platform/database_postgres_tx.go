package platform

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Tx is a transaction. Statements whose results nobody needs are queued and travel with the next one, at the latest with the
// commit; a transaction of nothing else is one round trip, which PostgreSQL makes a transaction by itself.
type Tx struct {
	conn      *pgx.Conn
	queued    []statement
	begun     bool
	committed []func()
}

const (
	rollbackTimeout = time.Second
	doingCommit     = "finish a transaction"
)

// Queue runs a statement later, in its turn. Its error is that of whatever is sent with it.
func (t *Tx) Queue(text string, args ...any) { t.queued = append(t.queued, statement{text, args}) }

// AfterCommit has something done when the transaction is there to stay.
func (t *Tx) AfterCommit(do func()) { t.committed = append(t.committed, do) }

// Exec runs a statement now and returns how many rows it touched.
func (t *Tx) Exec(ctx context.Context, text string, args ...any) (touched int64, err error) {
	err = t.send(ctx, func(results pgx.BatchResults) error {
		tag, err := results.Exec()
		if err != nil {
			return &databaseError{doing: "run a statement", cause: err}
		}
		touched = tag.RowsAffected()
		return nil
	}, text, args)
	return touched, err
}

// Query reads what a statement finds or returns.
func (t *Tx) Query(ctx context.Context, each func(Row) error, text string, args ...any) error {
	return t.send(ctx, func(results pgx.BatchResults) error {
		rows, err := results.Query()
		if err != nil {
			return &databaseError{doing: "ask", cause: err}
		}
		return handOn(rows, each)
	}, text, args)
}

// send sends what is queued and one statement more, whose results last takes.
func (t *Tx) send(ctx context.Context, last func(pgx.BatchResults) error, text string, args []any) error {
	batch := &pgx.Batch{}
	if !t.begun {
		batch.Queue("BEGIN")
		t.begun = true
	}
	t.empty(batch)
	before := batch.Len()
	batch.Queue(text, args...)
	results := t.conn.SendBatch(ctx, batch)
	err := skip(results, before)
	if err == nil {
		err = last(results)
	}
	if closed := results.Close(); err == nil && closed != nil {
		err = &databaseError{doing: "run statements", cause: closed}
	}
	return err
}

func (t *Tx) empty(batch *pgx.Batch) {
	for _, one := range t.queued {
		batch.Queue(one.text, one.args...)
	}
	t.queued = nil
}

func skip(results pgx.BatchResults, count int) error {
	for range count {
		if _, err := results.Exec(); err != nil {
			return &databaseError{doing: "run a statement", cause: err}
		}
	}
	return nil
}

// once is one attempt at a transaction.
func (d *Database) once(ctx context.Context, work Work) (committed []func(), err error) {
	conn, release, err := d.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release() // a connection that is still in a transaction is closed by the pool
	tx := &Tx{conn: conn}
	if err := work(ctx, tx); err != nil {
		tx.rollback(ctx)
		return nil, err
	}
	if err := tx.commit(ctx); err != nil {
		return nil, err
	}
	return tx.committed, nil
}

func (t *Tx) rollback(ctx context.Context) {
	if !t.begun || t.conn.IsClosed() {
		return
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	_, _ = t.conn.Exec(limited, "ROLLBACK") // else the pool closes the connection, which comes to the same
}

// commit sends what is left. From here on an error leaves open what has become of the transaction, unless the server
// says so.
func (t *Tx) commit(ctx context.Context) error {
	batch := &pgx.Batch{}
	t.empty(batch)
	count := batch.Len()
	if t.begun {
		batch.Queue("COMMIT")
	}
	if batch.Len() == 0 {
		return nil
	}
	results := t.conn.SendBatch(ctx, batch)
	err := skip(results, count)
	if err == nil && t.begun {
		err = ended(results)
	}
	if closed := results.Close(); err == nil && closed != nil {
		err = &databaseError{doing: doingCommit, cause: closed}
	}
	if failure, ok := errors.AsType[*databaseError](err); ok {
		failure.unknown = !rolledBack(failure.cause)
		t.rollback(ctx)
	}
	return err
}

// ended fails when the server has answered a COMMIT by rolling back.
func ended(results pgx.BatchResults) error {
	tag, err := results.Exec()
	switch {
	case err != nil:
		return &databaseError{doing: doingCommit, cause: err}
	case tag.String() != "COMMIT":
		return errors.New("commit: an error inside of the transaction was not passed on")
	}
	return nil
}

// rolledBack tells whether an error says for certain that nothing was committed: the server refused, or was not asked.
func rolledBack(err error) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return pgconn.SafeToRetry(err) || ok && refusal.SeverityUnlocalized == "ERROR"
}
