package platform

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

const (
	migrationTimeout     = 10 * time.Minute // for one statement, which may have to rewrite a table
	migrationLockTimeout = 5 * time.Second  // so that it does not stop the service while it waits for a table
	lockProbe            = 1                // seconds
	lockProbes           = 600
)

// migrator steps through the migrations under an advisory lock, on connections with limits of their own.
func (d *Database) migrator() (*goose.Provider, *sql.DB, error) {
	config := d.address.Copy()
	settle(config, migrationTimeout, migrationLockTimeout)
	db := stdlib.OpenDB(*config)
	db.SetMaxIdleConns(0)
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockProbe, lockProbes))
	if err != nil {
		return nil, db, fmt.Errorf("prepare the lock of the migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, d.migrations, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, db, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, db, nil
}

func (d *Database) lastMigration() (last int64, err error) {
	provider, db, err := d.migrator()
	defer func() { err = errors.Join(err, db.Close()) }()
	if err != nil {
		return 0, err
	}
	sources := provider.ListSources()
	return sources[len(sources)-1].Version, nil
}

// Migrate brings the schema to the version that this build expects, and returns it.
func (d *Database) Migrate(ctx context.Context) (version int64, err error) {
	provider, db, err := d.migrator()
	defer func() { err = errors.Join(err, db.Close()) }()
	if err != nil {
		return 0, err
	}
	if _, err := provider.Up(ctx); err != nil {
		return 0, fmt.Errorf("migrate %s: %w", d.where(), err)
	}
	return d.schema.expected, nil
}

// version is 0 for a database that was never migrated.
func (d *Database) version(ctx context.Context) (version int64, err error) {
	err = d.Query(ctx, func(row Row) error { return row.Scan(&version) },
		`SELECT coalesce(max(version_id), 0) FROM `+goose.DefaultTablename+` WHERE is_applied`)
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok && refusal.Code == codeNoTable {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of the schema: %w", err)
	}
	return version, nil
}
