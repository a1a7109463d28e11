package platform

import (
	"errors"
	"strings"
)

// DatabaseConfig is where the database is.
type DatabaseConfig struct {
	Path string // relative to the working directory or absolute
}

func databaseRows(c *Config) []Setting {
	return []Setting{database("APP_DATABASE_URL", "sqlite:///data/"+ServiceName+".db",
		"database; three slashes: relative to the working directory, four: absolute; or `APP_DATABASE_URL_FILE`",
		&c.Data.Database.Path)}
}

// database hands on the path of a sqlite URL. The value is never echoed: the URL of another database holds a password.
func database(key, fallback, meaning string, target *string) Setting {
	s := Parsed(key, fallback, meaning, func(v string) error {
		path, found := strings.CutPrefix(v, "sqlite:///")
		if !found || strings.Trim(path, "/") == "" || strings.ContainsAny(path, "?#") {
			return errors.New("must be a URL of the form sqlite:///path")
		}
		*target = path
		return nil
	}, nil)
	s.file = true
	return s
}

const poolTimeoutMeaning = "how long a request waits for its turn at the database, then it is 503; " +
	"the default is the smaller"
