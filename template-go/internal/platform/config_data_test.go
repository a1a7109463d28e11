package platform

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func testSecret(bytes int) string {
	return secretPrefix + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", bytes)))
}

func TestTheDefaultsOfTheData(t *testing.T) {
	t.Parallel()
	data := &testConfig(t).Data
	equal(t, "wait", data.PoolTimeout, 2*time.Second)
	equal(t, "memory", data.IdempotencyTTL, 24*time.Hour)
	equal(t, "receivers", len(data.Webhooks.URLs), 0)
	equal(t, "patience with one", data.Webhooks.Timeout, 5*time.Second)
	short := &testConfig(t, "APP_REQUEST_TIMEOUT_SECONDS=0.5").Data
	equal(t, "wait of short requests", short.PoolTimeout, 250*time.Millisecond)
}

func TestTheKeysOfTheDataAreRead(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(name, []byte(plainURL+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := &testConfig(t, "APP_DATABASE_URL_FILE="+name, "APP_DATABASE_POOL_TIMEOUT_MS=50",
		"APP_IDEMPOTENCY_TTL_SECONDS=60", "APP_WEBHOOK_URLS=http://a,https://b/c?d=e",
		"APP_WEBHOOK_SECRET="+testSecret(24), "APP_WEBHOOK_TIMEOUT_SECONDS=1").Data
	equal(t, "database", data.Database, plainDatabase())
	equal(t, "wait", data.PoolTimeout, 50*time.Millisecond)
	equal(t, "memory", data.IdempotencyTTL, time.Minute)
	equal(t, "second receiver", data.Webhooks.URLs[1].String(), "https://b/c?d=e")
	equal(t, "secret", data.Webhooks.Secret.Value(), testSecret(24))
	equal(t, "patience", data.Webhooks.Timeout, time.Second)
}

func TestBadValuesOfTheData(t *testing.T) {
	t.Parallel()
	for _, c := range append(badDatabases(), []struct{ environ, detail string }{
		{"APP_DATABASE_URL_FILE=/no/such/file", "names a file that cannot be read"},
		{"APP_DATABASE_POOL_TIMEOUT_MS=0", `must be an integer from 1 to 3600000, got "0"`},
		{"APP_DATABASE_POOL_TIMEOUT_MS=10000", `must be below APP_REQUEST_TIMEOUT_SECONDS, got "10000"`},
		{"APP_IDEMPOTENCY_TTL_SECONDS=0", `must be an integer from 1 to 31536000, got "0"`},
		{"APP_WEBHOOK_URLS=http://me:secret@a", "must be http or https URLs joined by commas"},
		{"APP_WEBHOOK_SECRET=" + testSecret(23), "must be whsec_ and base64 of 24 to 64 bytes"},
		{"APP_WEBHOOK_SECRET=" + testSecret(65), "must be whsec_ and base64 of 24 to 64 bytes"},
		{"APP_WEBHOOK_SECRET=whsec_*", "must be whsec_ and base64 of 24 to 64 bytes"},
		{"APP_WEBHOOK_SECRET=canary", "must be whsec_ and base64 of 24 to 64 bytes"},
		{"APP_WEBHOOK_TIMEOUT_SECONDS=61", `must be a number from 0.05 to 60, got "61"`},
	}...) {
		_, err := LoadConfig([]string{c.environ}, 1, noSettings)
		invalid, ok := errors.AsType[*ConfigError](err)
		key, _, _ := strings.Cut(c.environ, "=")
		if !ok || !slices.Equal(invalid.Faults, []Fault{{key, c.detail}}) {
			t.Errorf("%s: %v", c.environ, err)
		}
	}
}

func TestReceiversNeedASecret(t *testing.T) {
	t.Parallel()
	_, err := LoadConfig([]string{"APP_WEBHOOK_URLS=http://a"}, 1, noSettings)
	invalid, ok := errors.AsType[*ConfigError](err)
	want := []Fault{{"APP_WEBHOOK_SECRET", "must be set when APP_WEBHOOK_URLS is set"}}
	if !ok || !slices.Equal(invalid.Faults, want) {
		t.Errorf("the faults are %v", err)
	}
}

func TestSecretsStayOutOfTheLog(t *testing.T) {
	t.Parallel()
	log := &output{}
	testConfig(t, "APP_DATABASE_URL="+secretURL, "APP_WEBHOOK_URLS=http://a?key=canary",
		"APP_WEBHOOK_SECRET="+testSecret(32)).Log(log.logger())
	text := log.String()
	if strings.Contains(text, "canary") || strings.Contains(text, testSecret(32)) || !strings.Contains(text, shownURL) {
		t.Errorf("the log is %s", text)
	}
}
