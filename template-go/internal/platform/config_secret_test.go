package platform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// withSecret is a service that has one secret and one rule for it.
func withSecret(secret *Secret) OwnSettings {
	return func(c *Config) []Setting {
		return []Setting{SecretText("APP_TOKEN", "a token", c, secret, func(v string) error {
			if v == "forbidden-by-the-service" {
				return errors.New("is forbidden")
			}
			return nil
		})}
	}
}

func TestSecretsThatAreRefused(t *testing.T) {
	t.Parallel()
	const weak = "is too weak for production; use at least 16 random characters"
	for value, want := range map[string]string{
		"":                         "",
		"fifteen-letters":          weak,
		"sixteen--letters":         "",
		"changemechangeme":         weak,
		"ChangeThis1234567":        weak,
		"admin123456789012":        weak,
		"password1password2":       weak,
		"administration-of":        "",
		"with a space in it":       "must be printable ASCII without spaces",
		"with-ümlauts-in-it":       "must be printable ASCII without spaces",
		"forbidden-by-the-service": "is forbidden",
	} {
		_, err := LoadConfig([]string{"APP_ENV=production", "APP_TOKEN=" + value}, 1, withSecret(&Secret{}))
		invalid, _ := errors.AsType[*ConfigError](err)
		if (want == "") != (err == nil) || want != "" && invalid.Faults[0] != (Fault{"APP_TOKEN", want}) {
			t.Errorf("%q: %v", value, err)
		}
	}
	_, err := LoadConfig([]string{"APP_TOKEN=test"}, 1, withSecret(&Secret{}))
	if err != nil {
		t.Errorf("in development: %v", err)
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	for value, shown := range map[string]string{"": "", "canary": "***"} {
		log, secret := &output{}, &Secret{}
		config, err := LoadConfig([]string{"APP_TOKEN=" + value}, 1, withSecret(secret))
		if err != nil {
			t.Fatal(err)
		}
		config.Log(log.logger())
		effective, _ := log.lines(t, "configuration")[0]["config"].(map[string]any)
		equal(t, "in the log", effective["APP_TOKEN"], any(shown))
		equal(t, "printed", fmt.Sprint(secret), shown)
		equal(t, "value", secret.Value(), value)
	}
}

func TestASecretFollowsItsFile(t *testing.T) {
	t.Parallel()
	folder, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = folder.Close() }()
	write := func(content string) {
		if err := folder.WriteFile("token", []byte(content), 0o600); err != nil {
			t.Error(err)
		}
	}
	write("first\n")
	secret, log := &Secret{}, &output{}
	config, err := LoadConfig([]string{"APP_TOKEN_FILE=" + filepath.Join(folder.Name(), "token")}, 1, withSecret(secret))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		go config.WatchSecrets(ctx, log.logger())
		time.Sleep(secretEvery / 2) // so that nothing is written just when it is read
		step := func(want string, warnings int) {
			t.Helper()
			time.Sleep(time.Second)
			equal(t, "value", secret.Value(), want)
			equal(t, "warnings", len(log.lines(t, "a secret's file cannot be used; the last value stays")), warnings)
		}
		step("first", 0)
		write("second")
		step("second", 0)
		if err := folder.Remove("token"); err != nil {
			t.Error(err)
		}
		step("second", 1)
		step("second", 1)
		write("third")
		step("third", 1)
		write(" ")
		step("third", 2)
		write("not one word")
		step("third", 2)
		cancel()
		synctest.Wait()
	})
	if strings.Contains(log.bytes.String(), "third") || strings.Contains(log.bytes.String(), "one word") {
		t.Errorf("the log is %s", log.bytes.String())
	}
}
