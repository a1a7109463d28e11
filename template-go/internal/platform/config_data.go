package platform

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// DataConfig is how the database is used, by requests and for them.
type DataConfig struct {
	Database       DatabaseConfig
	PoolTimeout    time.Duration
	IdempotencyTTL time.Duration
	Webhooks       WebhookConfig
}

// WebhookConfig is whom events are sent to.
type WebhookConfig struct {
	URLs    []*url.URL
	Secret  *Secret
	Timeout time.Duration
}

const (
	usualTTL       = 24 * 60 * 60 // seconds
	mostTTL        = 365 * usualTTL
	shareOfRequest = 2    // of its deadline a request waits for the database at most
	leastPatience  = 0.05 // seconds
	mostPatience   = 60
	secretPrefix   = "whsec_"
	leastKey       = 24
	mostKey        = 64
)

func dataRows(c *Config) []Setting {
	d := &c.Data
	var ttl int
	return append(databaseRows(c),
		poolTimeout(c),
		after(Integer("APP_IDEMPOTENCY_TTL_SECONDS", usualTTL, 1, mostTTL,
			"how long an `Idempotency-Key` is remembered", &ttl),
			func() { d.IdempotencyTTL = time.Duration(ttl) * time.Second }),
		URLs("APP_WEBHOOK_URLS", "whom to send events to, http or https URLs joined by commas", &d.Webhooks.URLs),
		webhookSecret(&d.Webhooks),
		Seconds("APP_WEBHOOK_TIMEOUT_SECONDS", "5", leastPatience, mostPatience,
			"how long a receiver may take to answer", &d.Webhooks.Timeout),
	)
}

// after lets a setting's value be put elsewhere.
func after(s Setting, then func()) Setting {
	apply := s.apply
	s.apply = func(v string) error {
		defer then()
		return apply(v)
	}
	return s
}

func poolTimeout(c *Config) Setting {
	const usual, most = 2000, 3_600_000
	var milliseconds int
	s := Integer("APP_DATABASE_POOL_TIMEOUT_MS", usual, 1, most, poolTimeoutMeaning, &milliseconds).
		defaults("2000, or half of APP_REQUEST_TIMEOUT_SECONDS", func() string {
			return strconv.FormatInt(max(1, min(usual, c.RequestTimeout.Milliseconds()/shareOfRequest)), 10)
		})
	apply := s.apply
	s.apply = func(v string) error {
		if err := apply(v); err != nil {
			return err
		}
		c.Data.PoolTimeout = time.Duration(milliseconds) * time.Millisecond
		if c.RequestTimeout > 0 && c.Data.PoolTimeout >= c.RequestTimeout {
			return fmt.Errorf("must be below APP_REQUEST_TIMEOUT_SECONDS, got %q", v)
		}
		return nil
	}
	return s
}

func webhookSecret(w *WebhookConfig) Setting {
	const key = "APP_WEBHOOK_SECRET"
	w.Secret = &Secret{key: key}
	w.Secret.check = func(v string) error {
		if _, err := signingKey(v); v != "" && err != nil {
			return err
		}
		if v == "" && len(w.URLs) > 0 {
			return errors.New("must be set when APP_WEBHOOK_URLS is set")
		}
		return nil
	}
	s := Parsed(key, "", "signs them, `whsec_` and base64 of 24 to 64 bytes; "+
		"or `APP_WEBHOOK_SECRET_FILE`, which is read again when it changes",
		func(v string) error {
			w.Secret.value.Store(&v)
			return w.Secret.check(v)
		}, func(v string) string { return pick(v == "", "", hidden) })
	s.file, s.secret = true, w.Secret
	return s
}

// signingKey is what a secret of Standard Webhooks stands for.
func signingKey(secret string) ([]byte, error) {
	encoded, found := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !found || err != nil || len(key) < leastKey || len(key) > mostKey {
		return nil, errors.New("must be whsec_ and base64 of 24 to 64 bytes")
	}
	return key, nil
}
