package platform

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
)

const (
	envDevelopment = "development"
	envProduction  = "production"
	fileSuffix     = "_FILE" // KEY_FILE names a file that holds the value of KEY
)

// settings are the platform's rows, in the order of the table; a row's default may rest on the rows above it.
func settings(c *Config) []Setting {
	return []Setting{
		choice("APP_ENV", envDevelopment,
			"`development` or `production`; production refuses weak secrets and migrates only by `make migrate`",
			func(v string) { c.Env = v }, envDevelopment, envProduction),
		text("APP_HOST", "0.0.0.0", "address of the public listener", &c.Host),
		Integer("APP_PORT", 8080, 0, 65535,
			"port of the public listener, 0 for a free one; `PORT` is read where it is unset", &c.Port).aliased("PORT"),
		text("APP_ADMIN_HOST", "0.0.0.0", "address of the admin listener", &c.AdminHost),
		Integer("APP_ADMIN_PORT", 9090, 0, 65535, "port of the admin listener, 0 for a free one", &c.AdminPort),
		choice("APP_LOG_LEVEL", "info", "least level that is logged: `debug`, `info`, `warning`, `error`",
			func(v string) { c.LogLevel = logLevel(v) }, "debug", "info", "warning", "error"),
		Seconds("APP_DRAIN_SECONDS", "5", 0, 300,
			"after the stop signal, not ready while requests are still served", &c.Drain).
			defaults("5, 0 in development", func() string { return pick(c.Development(), "0", "5") }),
		Seconds("APP_SHUTDOWN_SECONDS", "20", 0, 3600, "limit for requests in flight after the drain", &c.Shutdown),
		Seconds("APP_REQUEST_TIMEOUT_SECONDS", "10", 0.1, 3600,
			"deadline of a request, from the moment its body is complete", &c.RequestTimeout),
		Integer("APP_MAX_BODY_BYTES", 1<<20, 1<<10, 1<<30, "largest request body", &c.MaxBodyBytes),
		Integer("APP_MAX_IN_FLIGHT", 0, 1, 100000, "requests that run at once", &c.MaxInFlight).
			defaults(strconv.Itoa(defaultInFlightPerCore)+" x cores",
				func() string { return strconv.Itoa(defaultInFlightPerCore * c.cores) }),
		Integer("APP_MAX_QUEUED", 0, 0, 1000000, "requests that may wait for their turn", &c.MaxQueued).
			defaults("2 x APP_MAX_IN_FLIGHT", func() string { return strconv.Itoa(2 * c.MaxInFlight) }),
		Integer("APP_QUEUE_TIMEOUT_MS", defaultQueueTimeoutMS, 0, 60000,
			"how long they may wait before they are shed with 503", &c.QueueTimeoutMS),
		Integer("APP_RATE_LIMIT_REQUESTS", 0, 0, 1000000, "requests a principal may make in a window, 0 for no limit",
			&c.RateLimit.Requests),
		Integer("APP_RATE_LIMIT_WINDOW_SECONDS", 60, 1, 3600, "length of that window", &c.RateLimit.WindowSeconds),
		Integer("APP_CPU_WORKERS", 0, 1, 1024, "workers for CPU-bound work", &c.CPUWorkers).
			defaults("cores", func() string { return strconv.Itoa(c.cores) }),
		Integer("APP_CPU_QUEUE", 0, 0, 100000, "CPU-bound jobs that may wait for a worker", &c.CPUQueue).
			defaults("4 x APP_CPU_WORKERS", func() string { return strconv.Itoa(4 * c.CPUWorkers) }),
		database("APP_DATABASE_URL", "sqlite:///data/"+ServiceName+".db",
			"database; three slashes: relative to the working directory, four: absolute; or `APP_DATABASE_URL_FILE`",
			&c.DatabasePath),
	}
}

func logLevel(name string) slog.Level {
	return map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warning": slog.LevelWarn, "error": slog.LevelError,
	}[name]
}

func pick(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// WriteHelp prints the table of settings in Markdown, as it stands in the README.
func WriteHelp(w io.Writer, own OwnSettings) error {
	var table strings.Builder
	table.WriteString("| key | default | meaning |\n| --- | --- | --- |\n")
	config := &Config{}
	for _, s := range append(settings(config), own(config)...) {
		shown := pick(s.fallback == "", "", "`"+s.fallback+"`")
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", s.key, shown, s.meaning)
	}
	if _, err := io.WriteString(w, table.String()); err != nil {
		return fmt.Errorf("print the settings: %w", err)
	}
	return nil
}
