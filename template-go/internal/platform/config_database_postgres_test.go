package platform

import (
	"errors"
	"slices"
	"testing"
)

const (
	plainURL  = "postgresql://me@db/store"
	secretURL = "postgres://me:canary" + "@db:5433/store?password=canary"
	shownURL  = `"postgres://me@db:5433/store"`
)

func plainDatabase() DatabaseConfig { return DatabaseConfig{URL: plainURL, PoolSize: 10} }

func badDatabases() []struct{ environ, detail string } {
	const detail = "must be a URL of the form postgresql://USER:PASSWORD@HOST:PORT/NAME"
	return []struct{ environ, detail string }{
		{"APP_DATABASE_URL=file:///a.db", detail},
		{"APP_DATABASE_URL=postgresql://me:canary@db", detail},
		{"APP_DATABASE_URL=postgresql://db/store", detail},
		{"APP_DATABASE_URL=postgresql://me@/store", detail},
		{"APP_DATABASE_URL=postgresql://me@db:port/store", detail},
		{"APP_DATABASE_URL=postgresql://me@db:99999/store", detail},
		{"APP_DATABASE_URL=postgresql://me@db/store?sslmode=nonsense", detail},
		{"APP_DATABASE_POOL_SIZE=1001", `must be an integer from 1 to 1000, got "1001"`},
	}
}

func TestProductionHasToNameItsDatabase(t *testing.T) {
	t.Parallel()
	_, err := LoadConfig([]string{"APP_ENV=production"}, 1, noSettings)
	invalid, ok := errors.AsType[*ConfigError](err)
	if !ok || !slices.Equal(invalid.Faults, []Fault{{"APP_DATABASE_URL", "must be set in production"}}) {
		t.Errorf("the faults are %v", err)
	}
}
