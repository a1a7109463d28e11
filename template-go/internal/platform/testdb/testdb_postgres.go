// Package testdb gives each test a database of its own.
package testdb

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// server is the one that scripts/with-postgres.sh has started for this run of the tests, and stops behind it.
func server(tb testing.TB) *url.URL {
	tb.Helper()
	parsed, err := url.Parse(os.Getenv("TEST_SERVER_URL"))
	if err != nil || parsed.Host == "" {
		tb.Fatal("no PostgreSQL for the tests: run make test, or scripts/with-postgres.sh go test ./...")
	}
	return parsed
}

// New makes an empty database, which is dropped when the test ends, and returns its URL.
func New(tb testing.TB) string {
	tb.Helper()
	place := server(tb)
	address := place.String()
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), time.Now().UnixNano())
	Run(tb, address, "CREATE DATABASE "+name)
	tb.Cleanup(func() { Run(tb, address, "DROP DATABASE "+name+" WITH (FORCE)") })
	place.Path = "/" + name
	return place.String()
}

// Run has a statement run on a connection of its own, beside what is tested.
func Run(tb testing.TB, address, statement string) {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context())
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		tb.Fatal(err)
	}
}
