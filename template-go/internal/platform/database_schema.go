package platform

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// schemaState is the schema that this build expects, and what the last look at the one there is has shown.
type schemaState struct {
	expected int64
	last     atomic.Pointer[error]
}

var errSchema = errors.New("run `make migrate`")

// CheckSchema fails unless this build can work on the schema: the one it expects, or a later one that says so. A database
// that cannot be asked says nothing of its schema, so the last answer stays.
func (d *Database) CheckSchema(ctx context.Context) error {
	err := d.lookAtSchema(ctx)
	if err != nil && !errors.Is(err, errSchema) {
		if last := d.schema.last.Load(); last != nil {
			return *last
		}
		return err
	}
	d.schema.last.Store(&err)
	return err
}

// Usable tells whether the last look found a schema to work on.
func (d *Database) Usable() bool {
	last := d.schema.last.Load()
	return last != nil && *last == nil
}

func (d *Database) lookAtSchema(ctx context.Context) error {
	version, err := d.version(ctx)
	if err != nil {
		return err
	}
	fits := version == d.schema.expected
	if version > d.schema.expected {
		oldest, err := d.oldestVersion(ctx)
		if err != nil {
			return err
		}
		fits = oldest <= d.schema.expected
	}
	if fits {
		return nil
	}
	return fmt.Errorf("the schema of %s is at version %d, and this release expects %d: %w",
		d.where(), version, d.schema.expected, errSchema)
}

// oldestVersion is the oldest release, by the version it expects, that the schema still is good for.
func (d *Database) oldestVersion(ctx context.Context) (oldest int64, err error) {
	err = d.Query(ctx, func(row Row) error { return row.Scan(&oldest) }, `SELECT oldest_version FROM schema_compatibility`)
	if err != nil {
		return 0, fmt.Errorf("read what the schema is good for: %w", err)
	}
	return oldest, nil
}
