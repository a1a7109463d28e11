package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheSamples(t *testing.T) {
	t.Parallel()
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
	p := start(t, build(t), "APP_SUPPLIER_URLS="+supplier.URL, "APP_SUPPLIER_TOKEN_FILE="+token)
	p.ready(http.StatusOK)

	status, _, result := p.call(http.MethodPost, "public", "/v1/simulations", `{"iterations": 1000, "seed": 42}`)
	if status != http.StatusOK || !strings.Contains(result, `"inside":798`) {
		t.Errorf("a simulation gave %d %s", status, result)
	}
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

// simulateInTheBackground also holds each answer to the contract.
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
