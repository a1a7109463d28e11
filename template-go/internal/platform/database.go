package platform

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver named sqlite, in pure Go
)

// Database is an SQLite file with one writer, as SQLite has it, and readers that run beside it.
type Database struct {
	Writer   *Pool
	Reader   *Pool
	path     string
	migrator *goose.Provider // nil while there are no migrations yet
	expected int64
}

const (
	busyTimeout = 5 * time.Second
	lockTimeout = 30 * time.Second // for another instance to make or migrate the file
	lockPoll    = 20 * time.Millisecond
	readers     = 8 // more would wait for the disk and not for each other
	folderMode  = 0o750
)

// NewDatabase prepares access to the file; it is not touched before Open.
func NewDatabase(path string, migrations fs.FS, metrics *Metrics) (*Database, error) {
	writer, err := connect(path, "&_txlock=immediate", 1)
	if err != nil {
		return nil, err
	}
	reader, err := connect(path, "&_query_only=1", readers)
	if err != nil {
		return nil, err
	}
	database := &Database{Writer: writer, Reader: reader, path: path}
	database.migrator, err = goose.NewProvider(goose.DialectSQLite3, writer.DB, migrations)
	switch {
	case err == nil:
		sources := database.migrator.ListSources()
		database.expected = sources[len(sources)-1].Version
	case !errors.Is(err, goose.ErrNoMigrations):
		return nil, errors.Join(fmt.Errorf("read the migrations: %w", err), database.Close())
	}
	metrics.Gauge("app_db_pool_in_use", "Database connections that are in use.", func() float64 {
		return float64(writer.Stats().InUse + reader.Stats().InUse)
	})
	return database, nil
}

func connect(path, extra string, connections int) (*Pool, error) {
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	name.RawQuery = fmt.Sprintf("_busy_timeout=%d&_journal_mode=WAL&_synchronous=NORMAL&_foreign_keys=1%s",
		busyTimeout.Milliseconds(), extra)
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, fmt.Errorf("prepare the database: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return &Pool{DB: db, prepared: make(map[string]*sql.Stmt)}, nil
}

// Open creates the file and its folder where there is none.
func (d *Database) Open(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Dir(d.path), folderMode); err != nil {
		return fmt.Errorf("make the database's folder; check APP_DATABASE_URL: %w", err)
	}
	if err := d.alone(ctx, d.Writer.PingContext); err != nil {
		return fmt.Errorf("open the database %s; check APP_DATABASE_URL: %w", d.path, err)
	}
	return nil
}

// Migrate brings the schema to the version that this build expects, and returns it.
func (d *Database) Migrate(ctx context.Context) (int64, error) {
	if d.migrator == nil {
		return d.expected, d.CheckSchema(ctx)
	}
	if err := d.alone(ctx, func(ctx context.Context) error {
		if _, err := d.migrator.Up(ctx); err != nil {
			return fmt.Errorf("migrate the database: %w", err)
		}
		return nil
	}); err != nil {
		return 0, err
	}
	return d.expected, nil
}

// CheckSchema fails unless the schema is at the version that this build expects.
func (d *Database) CheckSchema(ctx context.Context) error {
	version, err := d.version(ctx)
	if err != nil {
		return err
	}
	if version != d.expected {
		return fmt.Errorf("the schema is at version %d and not %d; run `make migrate`", version, d.expected)
	}
	return nil
}

// Ping fails unless the database answers.
func (d *Database) Ping(ctx context.Context) error {
	var one int
	if err := d.Reader.QueryRowContext(ctx, "SELECT 1 FROM sqlite_schema LIMIT 1").Scan(&one); err != nil &&
		!errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("ask the database: %w", err)
	}
	return nil
}

// Close gives the file back.
func (d *Database) Close() error { return errors.Join(d.Reader.Close(), d.Writer.Close()) }

// alone runs work while no other instance does: SQLite's own lock covers neither the change to WAL nor the
// time between two migrations.
func (d *Database) alone(ctx context.Context, work func(context.Context) error) (err error) {
	patience, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	lock := flock.New(d.path + ".lock")
	if _, err := lock.TryLockContext(patience, lockPoll); err != nil {
		return fmt.Errorf("lock %s: %w", lock.Path(), err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return work(ctx)
}

// version is 0 for a database that was never migrated.
func (d *Database) version(ctx context.Context) (version int64, err error) {
	var tables int
	err = d.Reader.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = ?", goose.DefaultTablename).
		Scan(&tables)
	if err == nil && tables > 0 {
		err = d.Reader.QueryRowContext(ctx,
			"SELECT coalesce(max(version_id), 0) FROM "+goose.DefaultTablename+" WHERE is_applied").Scan(&version)
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of the schema: %w", err)
	}
	return version, nil
}
