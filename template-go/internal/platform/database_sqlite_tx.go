package platform

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	sqlite "modernc.org/sqlite"
)

// statements are connections that keep statements prepared: to parse one costs several times what it costs to run it.
type statements struct {
	db   *sql.DB
	gate *gate

	mu       sync.Mutex
	prepared map[string]*sql.Stmt
	wanted   []string // what a transaction had to parse
}

// get returns a statement that stays open. Its text must be a constant, since it is kept until the end.
func (s *statements) get(ctx context.Context, text string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if statement, ok := s.prepared[text]; ok {
		return statement, nil
	}
	statement, err := s.db.PrepareContext(ctx, text)
	if err != nil {
		return nil, &databaseError{doing: "prepare a statement", cause: err}
	}
	s.prepared[text] = statement
	return statement, nil
}

// in returns a prepared statement for use in a transaction, nil where there is none yet: the transaction has the only
// connection, so it is prepared before the next one.
func (s *statements) in(ctx context.Context, tx *sql.Tx, text string) *sql.Stmt {
	s.mu.Lock()
	defer s.mu.Unlock()
	if statement, ok := s.prepared[text]; ok {
		return tx.StmtContext(ctx, statement)
	}
	s.wanted = append(s.wanted, text)
	return nil
}

func (s *statements) catchUp(ctx context.Context) error {
	s.mu.Lock()
	wanted := s.wanted
	s.wanted = nil
	s.mu.Unlock()
	for _, text := range wanted {
		if _, err := s.get(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// read hands on the rows of one statement.
func (d *Database) read(ctx context.Context, each func(Row) error, text string, args []any) error {
	if err := d.reader.gate.enter(ctx); err != nil {
		return err
	}
	defer d.reader.gate.leave()
	prepared, err := d.reader.get(ctx, text)
	if err != nil {
		return err
	}
	rows, err := prepared.QueryContext(ctx, args...)
	return handOn(rows, err, each)
}

func handOn(rows *sql.Rows, err error, each func(Row) error) error {
	if err != nil {
		return &databaseError{doing: "ask", cause: err}
	}
	for err == nil && rows.Next() {
		err = each(rows)
	}
	if failed := errors.Join(rows.Err(), rows.Close()); err == nil && failed != nil {
		err = &databaseError{doing: "read rows", cause: failed}
	}
	return err
}

// Tx is a transaction.
type Tx struct {
	tx        *sql.Tx
	writer    *statements
	queued    []statement
	committed []func()
}

// Queue runs a statement later, in its turn, at the latest before the commit. Its error is that of what comes after it.
func (t *Tx) Queue(text string, args ...any) { t.queued = append(t.queued, statement{text, args}) }

// AfterCommit has something done when the transaction is there to stay.
func (t *Tx) AfterCommit(do func()) { t.committed = append(t.committed, do) }

// Exec runs a statement now and returns how many rows it touched.
func (t *Tx) Exec(ctx context.Context, text string, args ...any) (touched int64, err error) {
	if err := t.empty(ctx); err != nil {
		return 0, err
	}
	return t.exec(ctx, text, args)
}

// Query reads what a statement finds or returns.
func (t *Tx) Query(ctx context.Context, each func(Row) error, text string, args ...any) error {
	if err := t.empty(ctx); err != nil {
		return err
	}
	if prepared := t.writer.in(ctx, t.tx, text); prepared != nil {
		rows, err := prepared.QueryContext(ctx, args...)
		return handOn(rows, err, each)
	}
	rows, err := t.tx.QueryContext(ctx, text, args...)
	return handOn(rows, err, each)
}

func (t *Tx) exec(ctx context.Context, text string, args []any) (touched int64, err error) {
	var result sql.Result
	if prepared := t.writer.in(ctx, t.tx, text); prepared != nil {
		result, err = prepared.ExecContext(ctx, args...)
	} else {
		result, err = t.tx.ExecContext(ctx, text, args...)
	}
	if err == nil {
		touched, err = result.RowsAffected()
	}
	if err != nil {
		return 0, &databaseError{doing: "run a statement", cause: err}
	}
	return touched, nil
}

func (t *Tx) empty(ctx context.Context) error {
	queued := t.queued
	t.queued = nil
	for _, one := range queued {
		if _, err := t.exec(ctx, one.text, one.args); err != nil {
			return err
		}
	}
	return nil
}

// once is one attempt at a transaction.
func (d *Database) once(ctx context.Context, work Work) (committed []func(), err error) {
	if err := d.writer.gate.enter(ctx); err != nil {
		return nil, err
	}
	defer d.writer.gate.leave()
	if err := d.writer.catchUp(ctx); err != nil {
		return nil, err
	}
	begun, err := d.writer.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, &databaseError{doing: "begin", cause: err}
	}
	tx := &Tx{tx: begun, writer: d.writer}
	defer func() { _ = begun.Rollback() }() // after a commit it does nothing
	if err := work(ctx, tx); err != nil {
		return nil, err
	}
	if err := tx.empty(ctx); err != nil {
		return nil, err
	}
	if err := begun.Commit(); err != nil {
		return nil, &databaseError{doing: "finish a transaction", cause: err}
	}
	return tx.committed, nil
}

// The results of SQLite that we tell apart (sqlite.org/rescode.html).
const (
	resultMask     = 0xff // the primary one of an extended result
	resultPerm     = 3
	resultBusy     = 5
	resultLocked   = 6
	resultReadOnly = 8
	resultIOErr    = 10
	resultCorrupt  = 11
	resultFull     = 13
	resultCantOpen = 14
	resultNotADB   = 26
)

// judge says what an error of the driver means.
func judge(err error) verdict {
	if errors.Is(err, errBusy) {
		return verdict{busy: true}
	}
	failure, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return verdict{}
	}
	switch failure.Code() & resultMask {
	case resultBusy, resultLocked:
		return verdict{again: againBusy}
	case resultPerm, resultReadOnly, resultIOErr, resultCorrupt, resultFull, resultCantOpen, resultNotADB:
		return verdict{gone: true}
	}
	return verdict{}
}
