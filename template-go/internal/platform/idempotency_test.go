package platform

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// keyed makes requests with keys that put their body, a number, into the table a.
type keyed struct {
	*stored

	t    *testing.T
	keys *Idempotency
}

func newKeyed(t *testing.T, s *stored) *keyed {
	t.Helper()
	return &keyed{stored: s, t: t, keys: NewIdempotency(s.config, s.Database, s.log.logger())}
}

func (k *keyed) send(body string, fields ...string) (*httptest.ResponseRecorder, error) {
	k.t.Helper()
	r := request(k.t, http.MethodPost, "/things", body)
	r.Pattern = "POST /things"
	if len(fields) > 0 {
		r.Header["Idempotency-Key"] = fields
	}
	w := httptest.NewRecorder()
	return w, k.keys.Handler(func(r *http.Request) (Effect, error) {
		value, err := Decode[int](r)
		if err != nil {
			return nil, NewProblem(http.StatusUnprocessableEntity, "no number")
		}
		return func(_ context.Context, tx *Tx) (*Reply, error) {
			tx.Queue("INSERT INTO a VALUES ($1)", value)
			reply, err := JSONReply(http.StatusCreated, fmt.Sprint(value, " at ", time.Now()))
			return reply.With("Location", "/things/"+body), err
		}, nil
	})(w, r)
}

func statusOf(err error) int {
	if problem, ok := errors.AsType[*ProblemError](err); ok {
		return problem.Status
	}
	return 0
}

func TestAKeyHasOneEffect(t *testing.T) {
	t.Parallel()
	k := newKeyed(t, newStored(t))
	var created, running atomic.Int64
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			w, err := k.send("5", "once")
			switch {
			case err == nil && w.Header().Get("Idempotency-Replayed") == "":
				created.Add(1)
			case statusOf(err) == http.StatusConflict:
				running.Add(1)
			case err != nil:
				t.Errorf("a request gave %v", err)
			}
		})
	}
	callers.Wait()
	equal(t, "effects", created.Load(), 1)
	equal(t, "rows", k.number(t, "SELECT count(*) FROM a"), 2)
	first, err := k.send("5", "once")
	equal(t, "error", err, nil)
	again, err := newKeyed(t, replica(t, k.url, 2)).send("5", `"once"`) // another process, and the quoted form
	equal(t, "error", err, nil)
	equal(t, "status", again.Code, http.StatusCreated)
	equal(t, "body", again.Body.String(), first.Body.String())
	equal(t, "Location", again.Header().Get("Location"), "/things/5")
	equal(t, "Content-Type", again.Header().Get("Content-Type"), jsonMediaType)
	equal(t, "replayed", again.Header().Get("Idempotency-Replayed"), "true")
	_, err = k.send("6", "once")
	equal(t, "another body", statusOf(err), http.StatusUnprocessableEntity)
	equal(t, "nothing running", len(k.keys.running), 0)
}

func TestWhatFailsLeavesItsKeyFree(t *testing.T) {
	t.Parallel()
	k := newKeyed(t, newStored(t))
	_, err := k.send("x", "key")
	equal(t, "a bad request", statusOf(err), http.StatusUnprocessableEntity)
	_, err = k.send("1", "key") // a row that is there
	equal(t, "a failure", err != nil && statusOf(err) == 0, true)
	equal(t, "keys", k.number(t, "SELECT count(*) FROM idempotency_keys"), 0)
	w, err := k.send("2", "key")
	equal(t, "error", err, nil)
	equal(t, "replayed", w.Header().Get("Idempotency-Replayed"), "")
	_, err = k.send("3")
	equal(t, "without a key", err, nil)
	equal(t, "keys", k.number(t, "SELECT count(*) FROM idempotency_keys"), 1)
}

func TestOldKeysAreForgotten(t *testing.T) {
	t.Parallel()
	k := newKeyed(t, newStored(t))
	for _, body := range []string{"2", "3"} {
		if _, err := k.send(body, "key-"+body); err != nil {
			t.Fatal(err)
		}
	}
	k.keys.ttl = -time.Second
	if _, err := k.send("4", "key-2"); err != nil {
		t.Errorf("a key that is free again gave %v", err)
	}
	forgotten, err := k.keys.forgetSome(t.Context())
	equal(t, "error", err, nil)
	equal(t, "keys forgotten", forgotten, 2)
	equal(t, "keys left", k.number(t, "SELECT count(*) FROM idempotency_keys"), 0)
}

func TestAKeyInProgress(t *testing.T) {
	t.Parallel()
	k := newKeyed(t, newStored(t))
	id := keyID{scope: principal(request(t, http.MethodPost, "/things", "")) + " POST /things", key: "key"}
	k.keys.enter(id)
	_, err := k.send("2", "key")
	problem, _ := errors.AsType[*ProblemError](err)
	equal(t, "status", problem.Status, http.StatusConflict)
	equal(t, "detail", problem.Detail, "A request with this Idempotency-Key is in progress.")
	equal(t, "wait", problem.retryAfter, 1)
	k.keys.leave(id)
	_, err = k.send("2", "key")
	equal(t, "after that", err, nil)
}

func TestFormsOfKeys(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", mostKeyLength)
	for field, want := range map[string]string{
		"a": "a", `"a"`: "a", `a"b`: `a"b`, `a"`: `a"`, `"a\"b\\c"`: `a"b\c`, long: long, `"` + long + `"`: long,
		`{"a":1}`: `{"a":1}`,
	} {
		r := request(t, http.MethodPost, "/things", "")
		r.Header.Set("Idempotency-Key", field)
		key, given, err := idempotencyKey(r)
		equal(t, field, key, want)
		equal(t, "given", given && err == nil, true)
	}
	spaced := request(t, http.MethodPost, "/things", "")
	spaced.Header.Set("Idempotency-Key", "\t\"a\" ")
	key, _, err := idempotencyKey(spaced)
	equal(t, "key between spaces", key, "a")
	equal(t, "error", err, nil)
	for _, fields := range [][]string{
		{""},
		{" "},
		{`""`},
		{"a b"},
		{`"a b"`},
		{"ä"},
		{"a\x7f"},
		{long + "k"},
		{`"` + long + `k"`},
		{`"a`},
		{`"a"b"`},
		{`"a\b"`},
		{`"a\`},
		{`"a";p=1`},
		{"a", "a"},
	} {
		r := request(t, http.MethodPost, "/things", "")
		r.Header["Idempotency-Key"] = fields
		_, _, err := idempotencyKey(r)
		equal(t, fmt.Sprintf("status of %q", fields), statusOf(err), http.StatusBadRequest)
	}
	_, given, err := idempotencyKey(request(t, http.MethodPost, "/things", ""))
	equal(t, "without one", given || err != nil, false)
}
