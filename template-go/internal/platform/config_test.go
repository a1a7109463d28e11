package platform

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEveryDefault(t *testing.T) {
	t.Parallel()
	config, err := LoadConfig([]string{"APP_HOST=", "PATH=/bin"}, 3, noSettings)
	if err != nil {
		t.Fatal(err)
	}
	config.effective = nil
	inFlight := 3 * defaultInFlightPerCore
	want := Config{
		Env: "development", Host: "0.0.0.0", Port: 8080, AdminHost: "0.0.0.0", AdminPort: 9090, LogLevel: slog.LevelInfo,
		Drain: 0, Shutdown: 20 * time.Second, RequestTimeout: 10 * time.Second, MaxBodyBytes: 1048576,
		MaxInFlight: inFlight, MaxQueued: 2 * inFlight, QueueTimeoutMS: defaultQueueTimeoutMS,
		RateLimit: Quota{Requests: 0, WindowSeconds: 60}, CPUWorkers: 3, CPUQueue: 12,
		DatabasePath: "data/" + ServiceName + ".db", cores: 3,
	}
	equal(t, "configuration", fmt.Sprint(*config), fmt.Sprint(want))
}

func TestEveryKeyIsRead(t *testing.T) {
	t.Parallel()
	config := testConfig(t, "APP_ENV=production", "APP_HOST=::1", "APP_PORT=0", "APP_ADMIN_HOST=::2", "APP_ADMIN_PORT=65535",
		"APP_LOG_LEVEL=warning", "APP_SHUTDOWN_SECONDS=0.5", "APP_REQUEST_TIMEOUT_SECONDS=0.1", "APP_MAX_BODY_BYTES=1024",
		"APP_MAX_IN_FLIGHT=7", "APP_QUEUE_TIMEOUT_MS=0", "APP_RATE_LIMIT_REQUESTS=8",
		"APP_RATE_LIMIT_WINDOW_SECONDS=9", "APP_CPU_WORKERS=5", "APP_DATABASE_URL=sqlite:////a/b.db")
	config.effective = nil
	want := Config{
		Env: "production", Host: "::1", AdminHost: "::2", AdminPort: 65535, LogLevel: slog.LevelWarn,
		Drain: 5 * time.Second, Shutdown: 500 * time.Millisecond, RequestTimeout: 100 * time.Millisecond,
		MaxBodyBytes: 1024, MaxInFlight: 7, MaxQueued: 14, RateLimit: Quota{8, 9}, CPUWorkers: 5, CPUQueue: 20,
		DatabasePath: "/a/b.db", cores: 1,
	}
	equal(t, "configuration", fmt.Sprint(*config), fmt.Sprint(want))
}

func TestBadValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ key, value, detail string }{
		{"APP_ENV", "staging", `must be one of development, production, got "staging"`},
		{"APP_PORT", "70000", `must be an integer from 0 to 65535, got "70000"`},
		{"APP_PORT", "1.5", `must be an integer from 0 to 65535, got "1.5"`},
		{"PORT", "http", `must be an integer from 0 to 65535, got "http"`},
		{"APP_ADMIN_PORT", "-1", `must be an integer from 0 to 65535, got "-1"`},
		{"APP_LOG_LEVEL", "INFO", `must be one of debug, info, warning, error, got "INFO"`},
		{"APP_DRAIN_SECONDS", "301", `must be a number from 0 to 300, got "301"`},
		{"APP_SHUTDOWN_SECONDS", "NaN", `must be a number from 0 to 3600, got "NaN"`},
		{"APP_REQUEST_TIMEOUT_SECONDS", "0.05", `must be a number from 0.1 to 3600, got "0.05"`},
		{"APP_REQUEST_TIMEOUT_SECONDS", "1e1", `must be a number from 0.1 to 3600, got "1e1"`},
		{"APP_MAX_BODY_BYTES", "1023", `must be an integer from 1024 to 1073741824, got "1023"`},
		{"APP_MAX_IN_FLIGHT", "0", `must be an integer from 1 to 100000, got "0"`},
		{"APP_MAX_QUEUED", "1000001", `must be an integer from 0 to 1000000, got "1000001"`},
		{"APP_QUEUE_TIMEOUT_MS", "60001", `must be an integer from 0 to 60000, got "60001"`},
		{"APP_RATE_LIMIT_REQUESTS", "1000001", `must be an integer from 0 to 1000000, got "1000001"`},
		{"APP_RATE_LIMIT_WINDOW_SECONDS", "0", `must be an integer from 1 to 3600, got "0"`},
		{"APP_CPU_WORKERS", "1025", `must be an integer from 1 to 1024, got "1025"`},
		{"APP_CPU_QUEUE", "100001", `must be an integer from 0 to 100000, got "100001"`},
		{"APP_DATABASE_URL", "postgres://me:secret@db/store", "must be a URL of the form sqlite:///path"},
		{"APP_DATABASE_URL", "sqlite:///", "must be a URL of the form sqlite:///path"},
		{"APP_DATABASE_URL", "sqlite:///a.db?mode=ro", "must be a URL of the form sqlite:///path"},
		{"APP_DATABASE_URL_FILE", "/no/such/file", "names a file that cannot be read"},
	} {
		_, err := LoadConfig([]string{c.key + "=" + c.value}, 1, noSettings)
		invalid, ok := errors.AsType[*ConfigError](err)
		if !ok || !slices.Equal(invalid.Faults, []Fault{{c.key, c.detail}}) {
			t.Errorf("%s=%s: %v", c.key, c.value, err)
		}
	}
}

func TestAllFaultsAtOnceInTheOrderOfTheTable(t *testing.T) {
	t.Parallel()
	environ := []string{"APP_CPU_WORKERS=0", "APP_ENV=x", "APP_DATABASE_URL=y", "APP_DATABASE_URL_FILE=z"}
	_, err := LoadConfig(environ, 1, noSettings)
	invalid, ok := errors.AsType[*ConfigError](err)
	if !ok || len(invalid.Faults) != 3 {
		t.Fatalf("three faults are wanted: %v", err)
	}
	equal(t, "first", invalid.Faults[0].Key, "APP_ENV")
	equal(t, "second", invalid.Faults[1].Key, "APP_CPU_WORKERS")
	equal(t, "third", invalid.Faults[2], Fault{"APP_DATABASE_URL", "is set beside APP_DATABASE_URL_FILE; set one of them"})
}

func TestFileForASecret(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(name, []byte("sqlite:///from-file.db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	equal(t, "path", testConfig(t, "APP_DATABASE_URL_FILE="+name).DatabasePath, "from-file.db")
}

func TestPortIsReadWhereAppPortIsUnset(t *testing.T) {
	t.Parallel()
	equal(t, "port", testConfig(t, "PORT=7000", "APP_PORT=").Port, 7000)
	equal(t, "port", testConfig(t, "PORT=7000", "APP_PORT=7001").Port, 7001)
}

func TestConfigurationIsLogged(t *testing.T) {
	t.Parallel()
	log := &output{}
	testConfig(t, "APP_PORT=1", "APP_TYPO=2", "OTEL_X=3").Log(log.logger())
	line := log.lines(t, "configuration")[0]
	effective, _ := line["config"].(map[string]any)
	equal(t, "port", effective["APP_PORT"], any("1"))
	equal(t, "number of keys", len(effective), len(settings(&Config{})))
	unknown := log.lines(t, "unknown configuration variable")
	if len(unknown) != 1 || unknown[0]["key"] != "APP_TYPO" || unknown[0]["level"] != "warning" {
		t.Errorf("unknown variables: %v", unknown)
	}
}

// TestTheTable holds each key and its default as it is written, so that none changes unnoticed.
func TestTheTable(t *testing.T) {
	t.Parallel()
	var help bytes.Buffer
	if err := WriteHelp(&help, noSettings); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"key | default", "--- | ---",
		"`APP_ENV` | `development`", "`APP_HOST` | `0.0.0.0`", "`APP_PORT` | `8080`", "`APP_ADMIN_HOST` | `0.0.0.0`",
		"`APP_ADMIN_PORT` | `9090`", "`APP_LOG_LEVEL` | `info`", "`APP_DRAIN_SECONDS` | `5, 0 in development`",
		"`APP_SHUTDOWN_SECONDS` | `20`", "`APP_REQUEST_TIMEOUT_SECONDS` | `10`", "`APP_MAX_BODY_BYTES` | `1048576`",
		fmt.Sprintf("`APP_MAX_IN_FLIGHT` | `%d x cores`", defaultInFlightPerCore),
		"`APP_MAX_QUEUED` | `2 x APP_MAX_IN_FLIGHT`", fmt.Sprintf("`APP_QUEUE_TIMEOUT_MS` | `%d`", defaultQueueTimeoutMS),
		"`APP_RATE_LIMIT_REQUESTS` | `0`", "`APP_RATE_LIMIT_WINDOW_SECONDS` | `60`",
		"`APP_CPU_WORKERS` | `cores`", "`APP_CPU_QUEUE` | `4 x APP_CPU_WORKERS`",
		"`APP_DATABASE_URL` | `sqlite:///data/" + ServiceName + ".db`",
	}
	rows := strings.Split(strings.TrimSpace(help.String()), "\n")
	equal(t, "rows", len(rows), len(want))
	for i, row := range rows {
		if !strings.HasPrefix(row, "| "+want[i]+" | ") || !strings.HasSuffix(row, " |") {
			t.Errorf("row %q, not %q", row, want[i])
		}
	}
}
