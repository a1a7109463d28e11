package platform

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Database is a PostgreSQL behind a bounded pool of connections.
type Database struct {
	*serving

	pool       *pgxpool.Pool
	gate       *gate
	migrations fs.FS
	address    *pgx.ConnConfig
}

const (
	dialTimeout  = 2 * time.Second
	lifetime     = 27 * time.Minute // and up to three more, so that not all are made anew at once
	lifetimeMore = 3 * time.Minute
	idleTime     = 5 * time.Minute
	trusted      = 5 * time.Millisecond // since its last use a connection is taken for a good one
	doubtful     = time.Second          // since then the server is asked
	idleGrace    = 5 * time.Second      // beyond the deadline of the request that left a transaction open
	cancelGrace  = time.Second          // for the server to answer that it has cancelled a statement
	lockShare    = 2                    // of the deadline may pass in waiting for a lock
	openPatience = 10 * time.Second
	openPause    = 500 * time.Millisecond
)

// NewDatabase prepares access to the server; it is not asked before Open.
func NewDatabase(config *Config, migrations fs.FS, metrics *Metrics, log *slog.Logger) (*Database, error) {
	pooled, err := pgxpool.ParseConfig(config.Data.Database.URL)
	if err != nil {
		return nil, errDatabaseURL // its own words may hold the password
	}
	d := &Database{serving: newServing(metrics, log), migrations: migrations, address: pooled.ConnConfig.Copy()}
	if d.schema.expected, err = d.lastMigration(); err != nil {
		return nil, err
	}
	size := int(config.Data.Database.PoolSize)
	pooled.MaxConns = config.Data.Database.PoolSize
	pooled.MinConns, pooled.MinIdleConns = 0, 0
	pooled.MaxConnLifetime, pooled.MaxConnLifetimeJitter = lifetime, lifetimeMore
	pooled.MaxConnIdleTime, pooled.PingTimeout = idleTime, dialTimeout
	pooled.ShouldPing = func(_ context.Context, given pgxpool.ShouldPingParams) bool {
		return given.IdleDuration > doubtful || given.IdleDuration > trusted && hungUp(given.Conn)
	}
	settle(pooled.ConnConfig, config.RequestTimeout, config.RequestTimeout/lockShare)
	d.pool, err = pgxpool.NewWithConfig(context.Background(), pooled)
	if err != nil {
		return nil, fmt.Errorf("prepare the database: %w", err)
	}
	d.gate = newGate(size, config.Data.PoolTimeout)
	measure(metrics, size, d.gate)
	return d, nil
}

// settle gives a connection its limits: what hangs ends at the server, too, even where this process has died.
func settle(config *pgx.ConnConfig, statement, lock time.Duration) {
	config.ConnectTimeout = dialTimeout
	for name, limit := range map[string]time.Duration{
		"statement_timeout": statement, "lock_timeout": lock, "idle_in_transaction_session_timeout": statement + idleGrace,
	} {
		config.RuntimeParams[name] = strconv.FormatInt(max(1, limit.Milliseconds()), 10)
	}
	config.RuntimeParams["application_name"] = ServiceName
	// The end of a context cancels the statement at the server and keeps the connection.
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: cancelGrace}
	}
}

// Open waits a while for a server that is on its way, as when both are started together.
func (d *Database) Open(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
	for {
		err := d.pool.Ping(limited)
		if err == nil {
			return nil
		}
		pause := rand.N(openPause) + time.Millisecond
		if !mayPass(err) || !timeFor(limited, pause) || ctx.Err() != nil {
			return d.complaint(err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Ping fails unless the database answers.
func (d *Database) Ping(ctx context.Context) error {
	var one int
	return d.Query(ctx, func(row Row) error { return row.Scan(&one) }, `SELECT 1`)
}

// Close gives the connections back.
func (d *Database) Close() error {
	d.pool.Close()
	return nil
}

// read hands on the rows of one statement.
func (d *Database) read(ctx context.Context, each func(Row) error, text string, args []any) error {
	conn, release, err := d.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	rows, err := conn.Query(ctx, text, args...)
	if err != nil {
		return &databaseError{doing: "ask", cause: err}
	}
	return handOn(rows, each)
}

func handOn(rows pgx.Rows, each func(Row) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return &databaseError{doing: "read rows", cause: err}
	}
	return nil
}

// acquire waits for a connection, that is for a place; then there is one, or one can be made.
func (d *Database) acquire(ctx context.Context) (*pgx.Conn, func(), error) {
	if err := d.gate.enter(ctx); err != nil {
		return nil, nil, err
	}
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		d.gate.leave()
		return nil, nil, &databaseError{doing: "connect", cause: err}
	}
	return conn.Conn(), func() {
		conn.Release()
		d.gate.leave()
	}, nil
}
