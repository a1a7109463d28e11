package main

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// vector is a row of api/vectors.yml: an awkward request, and the verdict that every language gives on it.
type vector struct {
	ID          string   `yaml:"id"`
	Method      string   `yaml:"method"`
	Path        string   `yaml:"path"`
	ContentType *string  `yaml:"content_type"`
	Accept      string   `yaml:"accept"`
	Body        string   `yaml:"body"`
	Base64      string   `yaml:"base64"`
	Repeat      [][2]any `yaml:"repeat"`
	Status      int      `yaml:"status"`
	At          []string `yaml:"at"`
	Detail      string   `yaml:"detail"`
}

func (v *vector) content(t *testing.T) string {
	t.Helper()
	if v.Base64 != "" {
		content, err := base64.StdEncoding.DecodeString(v.Base64)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	var repeated strings.Builder
	for _, part := range v.Repeat {
		repeated.WriteString(strings.Repeat(part[0].(string), part[1].(int)))
	}
	return v.Body + repeated.String()
}

func (v *vector) header() http.Header {
	header := make(http.Header)
	if v.Accept != "" {
		header.Set("Accept", v.Accept)
	}
	switch {
	case v.ContentType != nil:
		header.Set("Content-Type", *v.ContentType)
	case v.Method != http.MethodGet:
		header.Set("Content-Type", "application/json")
	}
	return header
}

// send calls the public listener.
func (p *program) send(method, path, body string, sent http.Header) (status int, header http.Header, answer string) {
	p.t.Helper()
	return p.exchange(method, p.address["public"]+path, body, sent)
}

func TestVectors(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../api/vectors.yml")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := yaml.Unmarshal(source, &vectors); err != nil {
		t.Fatal(err)
	}
	p := start(t, build(t), "APP_DATABASE_URL=sqlite:///"+filepath.Join(t.TempDir(), "orders.db"))
	p.ready(http.StatusOK)
	promised := readContract(t)
	for _, v := range vectors {
		method, path := v.Method, v.Path
		if method == "" {
			method = http.MethodPost
		}
		if path == "" {
			path = "/v1/orders"
		}
		status, header, answer := p.send(method, path, v.content(t), v.header())
		places, details := violations(t, status, answer)
		slices.Sort(v.At)
		if status != v.Status || v.At != nil && !slices.Equal(places, v.At) {
			t.Errorf("%s gave %d at %q, not %d at %q", v.ID, status, places, v.Status, v.At)
		}
		if v.Detail != "" && !slices.Contains(details, v.Detail) {
			t.Errorf("%s gave the details %q, not %q", v.ID, details, v.Detail)
		}
		promised.holds(t, method, path, status, header, answer)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
}
