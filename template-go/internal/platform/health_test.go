package platform

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
)

func TestReadiness(t *testing.T) {
	t.Parallel()
	health := &Health{}
	equal(t, "at first", health.Status(), "starting")
	health.started.Store(true)
	health.fitness.Store(unfit)
	equal(t, "when it can do nothing", health.Status(), "unavailable")
	health.fitness.Store(0)
	equal(t, "with all", health.Status(), "ok")
	health.draining.Store(true)
	equal(t, "at the end", health.Status(), "draining")
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	health, failure := &Health{}, error(nil)
	admin := &fixture{handler: NewAdminHandler(health, NewMetrics(), Build{"1.2.3", "abc", "today"},
		map[string]func(context.Context) error{"supplier": func(context.Context) error { return failure }}, silent())}
	answers := func(path string, status int, body string) {
		t.Helper()
		w := admin.do(request(t, http.MethodGet, path, ""))
		equal(t, "status of "+path, w.Code, status)
		equal(t, "body of "+path, w.Body.String(), body)
		equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"), "nosniff")
	}
	answers("/livez", 200, `{"status":"ok"}`)
	answers("/readyz", 503, `{"status":"starting"}`)
	answers("/startupz", 503, `{"status":"starting"}`)
	health.started.Store(true)
	answers("/readyz", 200, `{"status":"ok"}`)
	answers("/startupz", 200, `{"status":"ok"}`)
	health.draining.Store(true)
	answers("/readyz", 503, `{"status":"draining"}`)
	answers("/startupz", 200, `{"status":"ok"}`)
	answers("/livez", 200, `{"status":"ok"}`)
	answers("/version", 200,
		`{"built_at":"today","commit":"abc","language":"go","service":"`+ServiceName+`","version":"1.2.3"}`)
	answers("/health/dependencies", 200, `{"status":"ok","dependencies":{"supplier":{"status":"ok"}}}`)
	failure = errors.New("secret")
	answers("/health/dependencies", 503, `{"status":"unavailable","dependencies":{"supplier":{"status":"unavailable"}}}`)
	equal(t, "status of another path", admin.do(request(t, http.MethodGet, "/v1/things", "")).Code, 404)
}

func TestAnswersThatCannotBeEncodedAreFaultsOfOurs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(w http.ResponseWriter, _ *http.Request) error {
		return WriteJSON(w, http.StatusOK, func() {})
	})
	equal(t, "status", f.do(request(t, http.MethodGet, "/things/1", "")).Code, http.StatusInternalServerError)
	_, err := Decode[int](request(t, http.MethodPost, "/things", `"one"`))
	if _, isType := errors.AsType[*json.UnmarshalTypeError](err); !isType {
		t.Errorf("a type that does not fit the contract gave %v", err)
	}
}
