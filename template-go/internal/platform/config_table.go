package platform

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"text/tabwriter"
	"time"
)

const (
	envDevelopment = "development"
	envProduction  = "production"
	fileSuffix     = "_FILE" // KEY_FILE names a file that holds the value of KEY
)

// setting is one row of the table that configuration, --help and the tests are made from.
type setting struct {
	key      string
	fallback string // as --help shows it
	accepts  string // as --help shows it
	meaning  string
	alias    string                          // a second variable, read when key is unset
	file     bool                            // may hold a secret, so KEY_FILE is read too
	derive   func(c *Config) string          // the fallback's value, from the rows above
	apply    func(c *Config, v string) error // its error text is shown to whoever starts the service
}

func (s setting) aliased(alias string) setting {
	s.alias = alias
	return s
}

func (s setting) defaults(shown string, derive func(c *Config) string) setting {
	s.fallback, s.derive = shown, derive
	return s
}

// settings are in the order of --help; a row's default may rest on the rows above it.
func settings() []setting {
	return []setting{
		choice("APP_ENV", envDevelopment, "development migrates the database at start; production leaves it to `migrate`",
			func(c *Config, v string) { c.Env = v }, envDevelopment, envProduction),
		text("APP_HOST", "0.0.0.0", "address of the public listener", func(c *Config, v string) { c.Host = v }),
		integer("APP_PORT", 8080, 0, 65535, "port of the public listener, 0 for a free one; PORT is read when it is unset",
			func(c *Config, n int) { c.Port = n }).aliased("PORT"),
		text("APP_ADMIN_HOST", "0.0.0.0", "address of the admin listener", func(c *Config, v string) { c.AdminHost = v }),
		integer("APP_ADMIN_PORT", 9090, 0, 65535, "port of the admin listener, 0 for a free one",
			func(c *Config, n int) { c.AdminPort = n }),
		choice("APP_LOG_LEVEL", "info", "the least level that is logged",
			func(c *Config, v string) { c.LogLevel = logLevel(v) }, "debug", "info", "warning", "error"),
		seconds("APP_DRAIN_SECONDS", "5", 0, 300, "after the stop signal: not ready, requests are still served",
			func(c *Config, d time.Duration) { c.Drain = d }).
			defaults("5 (0 in development)", func(c *Config) string { return pick(c.Development(), "0", "5") }),
		seconds("APP_SHUTDOWN_SECONDS", "20", 0, 3600, "limit for requests in flight after the drain",
			func(c *Config, d time.Duration) { c.Shutdown = d }),
		seconds("APP_REQUEST_TIMEOUT_SECONDS", "10", 0.1, 3600, "deadline of a request",
			func(c *Config, d time.Duration) { c.RequestTimeout = d }),
		integer("APP_MAX_BODY_BYTES", 1<<20, 1<<10, 1<<30, "largest request body",
			func(c *Config, n int) { c.MaxBodyBytes = int64(n) }),
		integer("APP_MAX_IN_FLIGHT", 0, 1, 100000, "requests that run at once",
			func(c *Config, n int) { c.MaxInFlight = n }).
			defaults(strconv.Itoa(defaultInFlightPerCore)+" × cores",
				func(c *Config) string { return strconv.Itoa(defaultInFlightPerCore * c.cores) }),
		integer("APP_MAX_QUEUED", 0, 0, 1000000, "requests that wait for their turn",
			func(c *Config, n int) { c.MaxQueued = n }).
			defaults("2 × APP_MAX_IN_FLIGHT", func(c *Config) string { return strconv.Itoa(2 * c.MaxInFlight) }),
		integer("APP_QUEUE_TIMEOUT_MS", defaultQueueTimeoutMS, 0, 60000, "how long they wait before they are shed",
			func(c *Config, n int) { c.QueueTimeout = time.Duration(n) * time.Millisecond }),
		integer("APP_CPU_WORKERS", 0, 1, 1024, "workers for CPU-bound work",
			func(c *Config, n int) { c.CPUWorkers = n }).
			defaults("cores", func(c *Config) string { return strconv.Itoa(c.cores) }),
		integer("APP_CPU_QUEUE", 0, 0, 100000, "CPU-bound jobs that wait for a worker",
			func(c *Config, n int) { c.CPUQueue = n }).
			defaults("4 × APP_CPU_WORKERS", func(c *Config) string { return strconv.Itoa(4 * c.CPUWorkers) }),
		database("APP_DATABASE_URL", "sqlite:///data/"+ServiceName+".db",
			"three slashes: relative to the working directory, four: absolute; or APP_DATABASE_URL_FILE",
			func(c *Config, path string) { c.DatabasePath = path }),
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

// WriteHelp prints the table of settings.
func WriteHelp(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "KEY\tDEFAULT\tACCEPTS\tMEANING") // a tabwriter fails at Flush, if at all
	for _, s := range settings() {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", s.key, s.fallback, s.accepts, s.meaning)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the settings: %w", err)
	}
	return nil
}
