// Package testdb gives each test a database of its own.
package testdb

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver named sqlite
)

// New returns the URL of a file that is not there yet, in a folder that goes when the test ends.
func New(tb testing.TB) string {
	tb.Helper()
	return "sqlite:///" + filepath.Join(tb.TempDir(), "test.db")
}

// Run has a statement run on a connection of its own, beside what is tested.
func Run(tb testing.TB, address, statement string) {
	tb.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(address, "sqlite:///"))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(tb.Context(), statement); err != nil {
		tb.Fatal(err)
	}
}
