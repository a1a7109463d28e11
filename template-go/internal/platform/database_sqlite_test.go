package platform

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sqlite "modernc.org/sqlite"
)

func oneConnection() []string { return nil } // there is one writer anyway

const (
	chanceReason  = againBusy
	slowStatement = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`
)

// byChance is what a lock of another process comes to.
func byChance(t *testing.T) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "locked.db") + "?_txlock=immediate"
	for {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if _, err = db.BeginTx(t.Context(), nil); err != nil {
			return err
		}
	}
}

func TestPragmas(t *testing.T) {
	t.Parallel()
	s := newStored(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "2000"} {
		var got string
		if err := s.writer.db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil {
			t.Fatal(err)
		}
		equal(t, pragma, got, want)
	}
	if _, err := s.reader.db.ExecContext(t.Context(), "CREATE TABLE c (n INTEGER)"); err == nil {
		t.Error("the reader wrote")
	}
	equal(t, "ping", s.Ping(t.Context()), nil)
}

func TestALockOfAnotherProcessIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newStored(t, "APP_DATABASE_POOL_TIMEOUT_MS=20")
	other, err := sql.Open("sqlite", strings.TrimPrefix(s.url, "sqlite:///")+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Transact(t.Context(), insert(2)); !isUnavailable(err, "busy") {
		t.Errorf("a locked file gave %v", err)
	}
	equal(t, "counted", gauge(t, s.metrics, `app_db_retries_total{reason="busy"}`), "2")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	equal(t, "after that", s.Transact(t.Context(), insert(2)), nil)
}

func TestAFullDiskIsNoFaultOfOurs(t *testing.T) {
	t.Parallel()
	s := newStored(t)
	if _, err := s.writer.db.ExecContext(t.Context(), "PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
	err := s.Transact(t.Context(), func(ctx context.Context, tx *Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO idempotency_keys VALUES ('a', 'b', 'c', 1, 'd', $1, 1)",
			strings.Repeat("x", 1<<20))
		return err
	})
	if !isUnavailable(err, "not available") {
		t.Errorf("a full disk gave %v", err)
	}
	equal(t, "reading", s.number(t, "SELECT count(*) FROM a"), 1)
}

func TestDatabasesThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := filepath.Join(folder, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/proc/no/such.db", folder, text} {
		s := replica(t, "sqlite:///"+path, 1)
		err := s.Open(t.Context())
		if err == nil || !strings.Contains(err.Error(), "APP_DATABASE_URL") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s gave %v", path, err)
		}
	}
	twice := testMigrations(t, 1)
	twice["001_again.sql"] = twice["00001_platform.sql"]
	if _, err := NewDatabase(testConfig(t), twice, NewMetrics(), silent()); err == nil {
		t.Error("a build with two first migrations was taken")
	}
}

func TestErrorsOfTheDriver(t *testing.T) {
	t.Parallel()
	s := newStored(t)
	_, err := s.writer.db.ExecContext(t.Context(), "INSERT INTO a VALUES (1)")
	if _, ours := errors.AsType[*sqlite.Error](err); !ours || judge(err) != (verdict{}) {
		t.Errorf("a broken rule is taken for %v", judge(err))
	}
}
