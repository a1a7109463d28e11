package platform

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain also fails when a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// output is a log that may be read while it is written to.
type output struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes.String()
}

// lines are the lines with that message; a line that is no JSON object fails the test.
func (o *output) lines(t *testing.T, message string) []map[string]any {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []map[string]any
	for text := range strings.Lines(o.bytes.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("log line %q: %v", text, err)
		}
		if line["message"] == message {
			found = append(found, line)
		}
	}
	return found
}

func (o *output) logger() *slog.Logger { return NewLogger(o, slog.LevelDebug, "1.2.3") }

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, not %v", what, got, want)
	}
}

// noSettings are those of a service that has none of its own.
func noSettings(*Config) []Setting { return nil }

func testConfig(t *testing.T, environ ...string) *Config {
	t.Helper()
	config, err := LoadConfig(environ, 1, noSettings)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// testContract has one operation for everything that the checks can meet.
const testContract = `
openapi: 3.1.1
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 200}}
        - {name: name, in: query, required: true, schema: {type: string, minLength: 1}}
    post:
      operationId: createThing
      requestBody:
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Thing"}
  /things/{id}:
    get: {operationId: readThing, deprecated: true, x-deprecated-at: 2026-11-24, x-sunset: "2027-06-30"}
    patch:
      operationId: changeThing
      deprecated: true
      x-deprecated-at: soon
      requestBody:
        content:
          application/merge-patch+json:
            schema:
              type: object
              properties: {name: {type: string, pattern: '^[^\x00-\x1f\x7f]*$'}, code: {type: string, pattern: "^x"}}
  /livez: {get: {operationId: livez}}
  /readyz: {get: {operationId: readyz}}
  /openapi.json: {get: {operationId: contractJson}}
  /openapi.yaml: {get: {operationId: contractYaml}}
components:
  schemas:
    Thing:
      type: object
      additionalProperties: false
      required: [name, sizes]
      properties:
        name: {type: string, minLength: 1, maxLength: 4}
        sizes: {type: array, minItems: 1, maxItems: 3, items: {type: integer, format: int32, minimum: 0, maximum: 9}}
        kind: {type: string, enum: [a, b]}
`

// fixture is a public handler with a service's worth of parts around it.
type fixture struct {
	public  *Public
	handler http.Handler
	log     *output
	metrics *Metrics
}

func newFixture(t *testing.T, handler Handler, environ ...string) *fixture {
	t.Helper()
	contract, err := LoadContract([]byte(testContract))
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{log: &output{}, metrics: NewMetrics()}
	config := testConfig(t, environ...)
	telemetry, err := NewTelemetry(t.Context(), Build{Version: "1.2.3"}, f.metrics, f.log.logger())
	if err != nil {
		t.Fatal(err)
	}
	f.public = &Public{
		Config: config, Contract: contract, Admission: NewAdmission(config, f.metrics), Health: &Health{},
		InFlight: NewInFlight(), Telemetry: telemetry, Log: f.log.logger(),
		Operations: map[string]Operation{
			"createThing": {Handle: handler}, "readThing": {Handle: handler}, "changeThing": {Handle: handler},
			"listThings": {Handle: handler, Parameters: map[string]func(string) error{"name": notZero}},
		},
	}
	f.public.Health.started.Store(true)
	if f.handler, err = f.public.Handler(); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) do(r *http.Request) *httptest.ResponseRecorder {
	w := newDeadlines()
	f.handler.ServeHTTP(w, r)
	return w.ResponseRecorder
}

// deadlines lets a recorder pass for a connection.
type deadlines struct {
	*httptest.ResponseRecorder

	read, written *time.Time
}

func (d deadlines) SetReadDeadline(at time.Time) error {
	*d.read = at
	return nil
}

func (d deadlines) SetWriteDeadline(at time.Time) error {
	*d.written = at
	return nil
}

func newDeadlines() deadlines {
	return deadlines{ResponseRecorder: httptest.NewRecorder(), read: new(time.Time), written: new(time.Time)}
}

func request(t *testing.T, method, target, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", jsonMediaType)
	}
	return r
}

func problemOf(t *testing.T, w *httptest.ResponseRecorder) ProblemError {
	t.Helper()
	equal(t, "media type", w.Header().Get("Content-Type"), "application/problem+json")
	var problem ProblemError
	if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	equal(t, "status in the body", problem.Status, w.Code)
	equal(t, "trace id in the body", problem.TraceID, w.Header().Get("X-Trace-Id"))
	return problem
}

func notZero(name string) error {
	if name == "zero" {
		return errors.New("must not be zero")
	}
	return nil
}

func ok(w http.ResponseWriter, _ *http.Request) error {
	return WriteJSON(w, http.StatusOK, map[string]bool{"ok": true})
}

// echo answers with the body that was handed on to it.
func echo(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	writeBytes(w, http.StatusOK, jsonMediaType, body)
	return err
}
