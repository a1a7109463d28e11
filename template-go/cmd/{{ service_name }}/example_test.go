package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheSamples(t *testing.T) {
	t.Parallel()
	binary := build(t)
	t.Run("serve", func(t *testing.T) {
		t.Parallel()
		samplesServe(t, binary)
	})
	t.Run("wait for their schema in production", func(t *testing.T) {
		t.Parallel()
		samplesWait(t, binary)
	})
}

func samplesServe(t *testing.T, binary string) {
	t.Helper()
	tokens := make(chan string, 1)
	supplier := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tokens <- r.Header.Get("Authorization")
		_, _ = io.WriteString(w, `{"unit_price_cents": 1250}`)
	}))
	defer supplier.Close()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("from-the-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, binary, "APP_DATABASE_URL=sqlite:///"+filepath.Join(t.TempDir(), "orders.db"),
		"APP_SUPPLIER_URLS="+supplier.URL, "APP_SUPPLIER_TOKEN_FILE="+token)
	p.ready(http.StatusOK)

	status, header, order := p.call(http.MethodPost, "public", "/v1/orders",
		`{"customer_id": "ada", "items": [{"sku": "book", "quantity": 2, "unit_price_cents": 1250}]}`)
	if status != http.StatusCreated || !strings.Contains(order, `"total_cents":2500`) {
		t.Errorf("an order gave %d %s", status, order)
	}
	if _, _, read := p.call(http.MethodGet, "public", header.Get("Location"), ""); read != order {
		t.Errorf("%s was created, %s was read", order, read)
	}
	_, _, list := p.call(http.MethodGet, "public", "/v1/orders", "")
	if list != `{"next_cursor":null,"orders":[`+order+`]}` {
		t.Errorf("the list is %s", list)
	}
	status, _, result := p.call(http.MethodPost, "public", "/v1/simulations", `{"iterations": 1000, "seed": 42}`)
	if status != http.StatusOK || !strings.Contains(result, `"inside":798`) {
		t.Errorf("a simulation gave %d %s", status, result)
	}
	if status, _, _ := p.call(http.MethodPost, "public", "/v1/orders", "{}"); status != http.StatusUnprocessableEntity {
		t.Errorf("a bad order gave %d", status)
	}
	changeOrder(t, p, header.Get("Location"), header.Get("ETag"))
	simulateInTheBackground(t, p)
	askForQuotes(t, p)
	if sent := <-tokens; sent != "Bearer from-the-file" {
		t.Errorf("the supplier was sent %q", sent)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
	if strings.Contains(fmt.Sprint(p.lines), "from-the-file") {
		t.Error("the log tells the token")
	}
}

// changeOrder and simulateInTheBackground also hold each answer to the contract.
func changeOrder(t *testing.T, p *program, location, etag string) {
	t.Helper()
	promised := readContract(t)
	for _, c := range []struct {
		method, name, value string
		want                int
	}{
		{http.MethodPatch, "If-Match", `W/` + etag, http.StatusPreconditionFailed},
		{http.MethodPatch, "Expect-Nothing", "", http.StatusPreconditionRequired},
		{http.MethodPatch, "If-Match", etag, http.StatusOK},
		{http.MethodPatch, "If-Match", etag, http.StatusPreconditionFailed},
		{http.MethodGet, "If-None-Match", `"2"`, http.StatusNotModified},
	} {
		sent := http.Header{c.name: {c.value}, "Content-Type": {"application/merge-patch+json"}}
		status, header, answer := p.send(c.method, location, `{"status": "cancelled"}`, sent)
		if status != c.want {
			t.Errorf("%v gave %d %s", c, status, answer)
		}
		promised.holds(t, c.method, location, status, header, answer)
	}
}

func simulateInTheBackground(t *testing.T, p *program) {
	t.Helper()
	promised := readContract(t)
	status, header, answer := p.send(http.MethodPost, "/v1/simulations", `{"iterations": 1000, "seed": 42}`,
		http.Header{"Prefer": {"respond-async"}, "Content-Type": {"application/json"}})
	promised.holds(t, http.MethodPost, "/v1/simulations", status, header, answer)
	location := header.Get("Location")
	for !strings.Contains(answer, `"state":"done"`) {
		if status >= http.StatusBadRequest {
			t.Fatalf("a simulation in the background gave %d %s", status, answer)
		}
		status, header, answer = p.send(http.MethodGet, location, "", http.Header{})
		promised.holds(t, http.MethodGet, location, status, header, answer)
	}
	if !strings.Contains(answer, `"inside":798`) {
		t.Errorf("a simulation in the background came to %s", answer)
	}
}

func askForQuotes(t *testing.T, p *program) {
	t.Helper()
	status, _, quotes := p.call(http.MethodPost, "public", "/v1/quotes", `{"sku": "book", "quantity": 2}`)
	quote := `{"supplier":"supplier-1","unit_price_cents":1250}`
	if status != http.StatusOK || quotes != `{"best":`+quote+`,"failed":[],"quotes":[`+quote+`]}` {
		t.Errorf("quotes are %d %s", status, quotes)
	}
	if _, _, metrics := p.call(http.MethodGet, "admin", "/metrics", ""); !strings.Contains(metrics,
		`app_outbound_requests_total{dependency="supplier-1",outcome="success"} 1`) ||
		!strings.Contains(metrics, `app_circuit_open{dependency="supplier-1"} 0`) {
		t.Errorf("the metrics are %s", metrics)
	}
}

func samplesWait(t *testing.T, binary string) {
	t.Helper()
	database := "APP_DATABASE_URL=sqlite:///" + filepath.Join(t.TempDir(), "orders.db")
	p := start(t, binary, database, "APP_ENV=production", "APP_DRAIN_SECONDS=0")
	p.ready(http.StatusServiceUnavailable)
	if status, _, _ := p.call(http.MethodGet, "admin", "/livez", ""); status != http.StatusOK {
		t.Errorf("liveness is %d", status)
	}
	migrate := exec.CommandContext(t.Context(), binary, "migrate")
	migrate.Env = []string{database}
	if output, err := migrate.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	p.ready(http.StatusOK)
	if code := p.stop(); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
}
