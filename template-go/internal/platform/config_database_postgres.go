package platform

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// DatabaseConfig is where the database is, and how many connections there may be.
type DatabaseConfig struct {
	URL      string
	PoolSize int32
}

const (
	defaultDatabaseURL = "postgresql://" + ServiceName + "@127.0.0.1:5432/" + ServiceName
	mostConnections    = 1000
)

// errDatabaseURL never tells what it was given, which may hold a password.
var errDatabaseURL = errors.New("must be a URL of the form postgresql://USER:PASSWORD@HOST:PORT/NAME")

func databaseRows(c *Config) []Setting {
	target := &c.Data.Database
	place := Parsed("APP_DATABASE_URL", defaultDatabaseURL,
		"database: `postgresql://USER:PASSWORD@HOST:PORT/NAME`; or `APP_DATABASE_URL_FILE`; has to be set in production",
		func(v string) error {
			if v == "" {
				return errors.New("must be set in production")
			}
			target.URL = v
			return checkDatabaseURL(v)
		}, withoutPassword).
		defaults(defaultDatabaseURL, func() string { return pick(c.Production(), "", defaultDatabaseURL) })
	place.file = true
	return []Setting{place, connections(&target.PoolSize)}
}

func connections(target *int32) Setting {
	const usual = 10
	const meaning = "connections to the database at most"
	return Parsed("APP_DATABASE_POOL_SIZE", strconv.Itoa(usual), meaning, func(v string) error {
		n, err := strconv.ParseInt(v, 10, 32)
		if err != nil || n < 1 || n > mostConnections {
			return fmt.Errorf("must be an integer from 1 to %d, got %q", mostConnections, v)
		}
		*target = int32(n)
		return nil
	}, nil)
}

func checkDatabaseURL(text string) error {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "postgresql" && parsed.Scheme != "postgres" || parsed.Hostname() == "" ||
		parsed.User.Username() == "" || strings.Trim(parsed.Path, "/") == "" {
		return errDatabaseURL
	}
	if _, err := pgxpool.ParseConfig(text); err != nil {
		return errDatabaseURL
	}
	return nil
}

// withoutPassword is the URL as the log shows it; a query may hold a password, too.
func withoutPassword(text string) string {
	parsed, err := url.Parse(text)
	if err != nil {
		return hidden
	}
	shown := url.URL{Scheme: parsed.Scheme, User: url.User(parsed.User.Username()), Host: parsed.Host, Path: parsed.Path}
	return shown.String()
}

const poolTimeoutMeaning = "how long a request waits for a connection, then it is 503; the default is the smaller"
