package platform

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

func testMigrations(count int) fstest.MapFS {
	files := fstest.MapFS{"migrations.go": {}} // no step: it has no number
	if count > 0 {
		files["00001_a.sql"] = &fstest.MapFile{
			Data: []byte("-- +goose Up\nCREATE TABLE a (n INTEGER);\nINSERT INTO a VALUES (1);\n"),
		}
	}
	if count > 1 {
		files["00002_b.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE b (n INTEGER);\n")}
	}
	return files
}

func testDatabase(t *testing.T, path string, migrations int) *Database {
	t.Helper()
	database, err := NewDatabase(path, testMigrations(migrations), NewMetrics())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := database.Close(); err != nil {
			t.Error(err)
		}
	})
	return database
}

func TestAnUnexpectedSchemaIsFound(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new folder", "100%?#.db")
	older, newer := testDatabase(t, path, 1), testDatabase(t, path, 2)
	if err := older.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := older.CheckSchema(t.Context()); err == nil || !strings.Contains(err.Error(), "make migrate") {
		t.Errorf("an empty database gave %v", err)
	}
	for range 2 { // the second time changes nothing
		version, err := older.Migrate(t.Context())
		if version != 1 || err != nil {
			t.Fatalf("version %d, %v", version, err)
		}
	}
	if err := older.CheckSchema(t.Context()); err != nil {
		t.Errorf("its own schema gave %v", err)
	}
	if err := newer.CheckSchema(t.Context()); err == nil {
		t.Error("an older schema passed")
	}
	if _, err := newer.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := older.CheckSchema(t.Context()); err == nil {
		t.Error("a newer schema passed")
	}
}

func TestInstancesThatMigrateAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	var instances sync.WaitGroup
	for range 3 {
		database := testDatabase(t, path, 2)
		instances.Go(func() {
			if _, err := database.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	instances.Wait()
	var rows int
	reader := testDatabase(t, path, 2).Reader
	if err := reader.QueryRowContext(t.Context(), "SELECT count(*) FROM a").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	equal(t, "rows that the migration wrote", rows, 1)
}

func TestPragmas(t *testing.T) {
	t.Parallel()
	database := testDatabase(t, filepath.Join(t.TempDir(), "a.db"), 1)
	for pragma, want := range map[string]string{"journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "5000"} {
		var got string
		if err := database.Writer.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil {
			t.Fatal(err)
		}
		equal(t, pragma, got, want)
	}
	if _, err := database.Reader.ExecContext(t.Context(), "CREATE TABLE c (n INTEGER)"); err == nil {
		t.Error("the reader wrote")
	}
	if err := database.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestStatementsStayPrepared(t *testing.T) {
	t.Parallel()
	pool := testDatabase(t, filepath.Join(t.TempDir(), "a.db"), 1).Writer
	first, err := pool.Prepared(t.Context(), "SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	second, err := pool.Prepared(t.Context(), "SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "second statement", second, first)
	if _, err := pool.Prepared(t.Context(), "SELECT n FROM nowhere"); err == nil {
		t.Error("a statement on no table was prepared")
	}
}

func TestDatabasesThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/proc/no/such.db", t.TempDir()} {
		database := testDatabase(t, path, 1)
		if err := database.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "APP_DATABASE_URL") {
			t.Errorf("%s gave %v", path, err)
		}
	}
	twice := testMigrations(1)
	twice["001_again.sql"] = twice["00001_a.sql"]
	if _, err := NewDatabase("a.db", twice, NewMetrics()); err == nil {
		t.Error("a build with two first migrations was taken")
	}
}

func TestAServiceMayHaveNoMigrationsYet(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	none, one := testDatabase(t, path, 0), testDatabase(t, path, 1)
	if err := none.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if version, err := none.Migrate(t.Context()); version != 0 || err != nil {
		t.Errorf("version %d, %v", version, err)
	}
	if version, err := one.Migrate(t.Context()); version != 1 || err != nil {
		t.Errorf("its first migration gave %d, %v", version, err)
	}
	if err := none.CheckSchema(t.Context()); err == nil {
		t.Error("a newer schema passed")
	}
}
