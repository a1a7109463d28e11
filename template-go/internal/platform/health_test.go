package platform

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestReadiness(t *testing.T) {
	t.Parallel()
	health := &Health{}
	equal(t, "at first", health.Status(), "starting")
	health.started.Store(true)
	equal(t, "without a schema", health.Status(), "unavailable")
	health.available.Store(true)
	equal(t, "with all", health.Status(), "ok")
	health.draining.Store(true)
	equal(t, "at the end", health.Status(), "draining")
}

func TestWatchFollowsTheCheckAndLogsChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		health, log := &Health{}, &output{}
		health.started.Store(true)
		var broken atomic.Bool
		check := func(context.Context) error {
			if broken.Load() {
				return errors.New("gone")
			}
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		go health.Watch(ctx, time.Second, check, log.logger())
		for _, c := range []struct {
			broken bool
			status string
		}{{false, "ok"}, {true, "unavailable"}, {true, "unavailable"}, {false, "ok"}} {
			broken.Store(c.broken)
			time.Sleep(1100 * time.Millisecond)
			equal(t, "status", health.Status(), c.status)
		}
		cancel()
		synctest.Wait()
		equal(t, "times it went", len(log.lines(t, "unavailable")), 1)
		equal(t, "times it came", len(log.lines(t, "available")), 2)
	})
}

func TestACheckThatHangsIsAFailedOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		health := &Health{}
		health.available.Store(true)
		begun := time.Now()
		health.Check(t.Context(), func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}, silent())
		equal(t, "time", time.Since(begun), time.Second)
		equal(t, "available", health.available.Load(), false)
	})
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	health, failure := &Health{}, error(nil)
	admin := &fixture{handler: NewAdminHandler(health, NewMetrics(), Build{"1.2.3", "abc", "today"},
		map[string]func(context.Context) error{"database": func(context.Context) error { return failure }}, silent())}
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
	health.available.Store(true)
	answers("/readyz", 200, `{"status":"ok"}`)
	answers("/startupz", 200, `{"status":"ok"}`)
	health.draining.Store(true)
	answers("/readyz", 503, `{"status":"draining"}`)
	answers("/startupz", 200, `{"status":"ok"}`)
	answers("/livez", 200, `{"status":"ok"}`)
	answers("/version", 200,
		`{"built_at":"today","commit":"abc","language":"go","service":"`+ServiceName+`","version":"1.2.3"}`)
	answers("/health/dependencies", 200, `{"status":"ok","dependencies":{"database":{"status":"ok"}}}`)
	failure = errors.New("secret")
	answers("/health/dependencies", 503, `{"status":"unavailable","dependencies":{"database":{"status":"unavailable"}}}`)
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
