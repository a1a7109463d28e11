package platform

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestTheSignatureIsThatOfTheStandard takes the example of the Standard Webhooks' own libraries.
func TestTheSignatureIsThatOfTheStandard(t *testing.T) {
	t.Parallel()
	key, err := signingKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "signature",
		sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)),
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
}

func newWebhooks(t *testing.T, environ ...string) *Webhooks {
	t.Helper()
	config := testConfig(t, append([]string{"APP_WEBHOOK_SECRET=" + testSecret(32)}, environ...)...)
	metrics := NewMetrics()
	telemetry, err := NewTelemetry(t.Context(), Build{}, metrics, silent())
	if err != nil {
		t.Fatal(err)
	}
	outbound := NewOutbound(Build{Version: "1.2.3"}, metrics, telemetry, silent())
	t.Cleanup(outbound.Close)
	return NewWebhooks(&config.Data.Webhooks, outbound)
}

func TestAWebhookIsSigned(t *testing.T) {
	t.Parallel()
	var received *http.Request
	var body []byte
	answer := http.StatusNoContent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(answer)
	}))
	defer server.Close()
	to, err := url.Parse(server.URL + "/hook?a=b")
	if err != nil {
		t.Fatal(err)
	}
	webhooks := newWebhooks(t)
	delivery := Delivery{ID: "evt_1", Body: []byte(`{"type":"thing.made"}`)}
	equal(t, "error", webhooks.Publish(t.Context(), to, delivery), nil)
	equal(t, "asked for", received.Method+" "+received.URL.String(), "POST /hook?a=b")
	equal(t, "id", received.Header.Get("Webhook-Id"), "evt_1")
	equal(t, "type", received.Header.Get("Content-Type"), "application/json")
	equal(t, "body", string(body), string(delivery.Body))
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(testSecret(32), secretPrefix))
	equal(t, "signature", received.Header.Get("Webhook-Signature"),
		sign(key, "evt_1", received.Header.Get("Webhook-Timestamp"), body))
	for _, answer = range []int{302, 400, 410, 500} {
		err := webhooks.Publish(t.Context(), to, delivery)
		if err == nil || strings.Contains(err.Error(), server.URL) {
			t.Errorf("%d gave %v", answer, err)
		}
	}
}

func TestAReceiverMayTakeSoLong(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer server.Close()
	defer close(hold)
	to, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	err = newWebhooks(t, "APP_WEBHOOK_TIMEOUT_SECONDS=0.1").Publish(t.Context(), to, Delivery{})
	if took := time.Since(begun); err == nil || took > 3*time.Second {
		t.Errorf("%v after %s", err, took)
	}
}
