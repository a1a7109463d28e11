package platform

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"sync/atomic"
	"time"
)

// Secret is a value that is never printed. Where it came from a file it follows that file, so that it can be rotated
// without a restart.
type Secret struct {
	key   string
	file  string // empty where it came from the environment
	check func(value string) error
	value atomic.Pointer[string]
}

// Value is the secret as it is now, empty where none is set.
func (s *Secret) Value() string {
	if value := s.value.Load(); value != nil {
		return *value
	}
	return ""
}

const (
	hidden            = "***"
	secretEvery       = 500 * time.Millisecond // a change is to be seen within a second
	leastSecretLength = 16
)

// String keeps the secret out of logs and messages.
func (s *Secret) String() string { return pick(s.Value() == "", "", hidden) }

var (
	printable = regexp.MustCompile(`^[!-~]*$`)
	// guessable are the words that are tried first, also repeated or with digits behind them.
	guessable = regexp.MustCompile(
		`^(?i:(changeme|changethis|secret|password|default|test|token|admin|example)[0-9]*)+$`)
)

// Printable tells whether a value is ASCII without spaces and control characters, as it has to be in a header.
func Printable(value string) bool { return printable.MatchString(value) }

// SecretText is the kind of a secret that is sent in a header. Rule is the service's own and may be nil; the text of its
// error is shown to whoever starts the service.
func SecretText(key, meaning string, config *Config, secret *Secret, rule func(value string) error) Setting {
	secret.key = key
	secret.check = func(v string) error {
		switch {
		case !Printable(v):
			return errors.New("must be printable ASCII without spaces")
		case v != "" && config.Production() && (len(v) < leastSecretLength || guessable.MatchString(v)):
			return errors.New("is too weak for production; use at least 16 random characters")
		case rule != nil:
			return rule(v)
		}
		return nil
	}
	s := Parsed(key, "", meaning, func(v string) error {
		secret.value.Store(&v)
		return secret.check(v)
	}, func(v string) string { return pick(v == "", "", hidden) })
	s.file, s.secret = true, secret
	return s
}

// WatchSecrets reads the files of secrets again, until ctx ends. What cannot be used is warned of once, and the last value
// stays.
func (c *Config) WatchSecrets(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(secretEvery)
	defer ticker.Stop()
	failing := make(map[string]bool)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, secret := range c.secrets {
			err := secret.refresh(log)
			if err != nil && !failing[secret.key] {
				log.Warn("a secret's file cannot be used; the last value stays", "key", secret.key, "error", err.Error())
			}
			failing[secret.key] = err != nil
		}
	}
}

// refresh takes over what stands in the secret's file. Its error does not hold the secret.
func (s *Secret) refresh(log *slog.Logger) error {
	value, err := readTrimmed(s.file)
	if err != nil {
		return err
	}
	if value == "" {
		return errors.New("is empty")
	}
	if err := s.check(value); err != nil {
		return err
	}
	if value != s.Value() {
		s.value.Store(&value)
		log.Info("a secret was read again", "key", s.key)
	}
	return nil
}
