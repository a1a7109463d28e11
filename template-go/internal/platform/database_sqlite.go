package platform

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
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
	*serving

	writer   *statements
	reader   *statements
	path     string
	migrator *goose.Provider
}

const (
	lockTimeout = 30 * time.Second // for another instance to make or migrate the file
	lockPoll    = 20 * time.Millisecond
	readers     = 8 // more would wait for the disk and not for each other
	folderMode  = 0o750
)

// NewDatabase prepares access to the file; it is not touched before Open.
func NewDatabase(config *Config, migrations fs.FS, metrics *Metrics, log *slog.Logger) (*Database, error) {
	path, patience := config.Data.Database.Path, config.Data.PoolTimeout
	writer, err := connect(path, "&_txlock=immediate", 1, patience)
	if err != nil {
		return nil, err
	}
	reader, err := connect(path, "&_query_only=1", readers, patience)
	if err != nil {
		return nil, err
	}
	d := &Database{serving: newServing(metrics, log), writer: writer, reader: reader, path: path}
	d.migrator, err = goose.NewProvider(goose.DialectSQLite3, writer.db, migrations)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the migrations: %w", err), d.Close())
	}
	sources := d.migrator.ListSources()
	d.schema.expected = sources[len(sources)-1].Version
	measure(metrics, 1+readers, writer.gate, reader.gate)
	return d, nil
}

func connect(path, extra string, connections int, patience time.Duration) (*statements, error) {
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	name.RawQuery = fmt.Sprintf("_busy_timeout=%d&_journal_mode=WAL&_synchronous=NORMAL&_foreign_keys=1%s",
		patience.Milliseconds(), extra)
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, fmt.Errorf("prepare the database: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return &statements{db: db, gate: newGate(connections, patience), prepared: make(map[string]*sql.Stmt)}, nil
}

// Open creates the file and its folder where there is none.
func (d *Database) Open(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Dir(d.path), folderMode); err != nil {
		return fmt.Errorf("the folder of %s cannot be made; check APP_DATABASE_URL: %w", d.where(), err)
	}
	if err := d.alone(ctx, d.tryWriting); err != nil {
		return fmt.Errorf("%s cannot be opened as an SQLite database for reading and writing; check APP_DATABASE_URL: %w",
			d.where(), err)
	}
	return nil
}

// Ping fails unless the database answers.
func (d *Database) Ping(ctx context.Context) error {
	var tables int
	return d.Query(ctx, func(row Row) error { return row.Scan(&tables) }, `SELECT count(*) FROM sqlite_schema`)
}

// Close gives the file back.
func (d *Database) Close() error { return errors.Join(d.reader.db.Close(), d.writer.db.Close()) }

// Migrate brings the schema to the version that this build expects, and returns it.
func (d *Database) Migrate(ctx context.Context) (int64, error) {
	if err := d.alone(ctx, func(ctx context.Context) error {
		if _, err := d.migrator.Up(ctx); err != nil {
			return fmt.Errorf("migrate %s: %w", d.where(), err)
		}
		return nil
	}); err != nil {
		return 0, err
	}
	return d.schema.expected, nil
}

// tryWriting finds out now, and not by the first request, that the file or its folder is read-only.
func (d *Database) tryWriting(ctx context.Context) error {
	tx, err := d.writer.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin to write: %w", err)
	}
	if err := tx.Rollback(); err != nil {
		return fmt.Errorf("end to write: %w", err)
	}
	return nil
}

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
	scan := func(row Row) error { return row.Scan(&version) }
	err = d.Query(ctx, scan, `SELECT count(*) FROM sqlite_schema WHERE name = $1`, goose.DefaultTablename)
	if err == nil && version > 0 {
		err = d.Query(ctx, scan,
			`SELECT coalesce(max(version_id), 0) FROM `+goose.DefaultTablename+` WHERE is_applied`)
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of the schema: %w", err)
	}
	return version, nil
}

// where names the database for whoever has to mend it.
func (d *Database) where() string { return "the database " + d.path }
