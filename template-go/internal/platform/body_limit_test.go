package platform

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// overWire starts a real server, since limits and time-outs are matters of the connection.
func overWire(t *testing.T, f *fixture) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(f.handler)
	t.Cleanup(server.Close)
	return server
}

// padded is a valid body of a length.
func padded(length int) string {
	const body = `{"name": "a", "sizes": [1]}`
	return body + strings.Repeat(" ", length-len(body))
}

func TestTheLimitCountsBytesAsTheyArrive(t *testing.T) {
	t.Parallel()
	server := overWire(t, newFixture(t, ok, "APP_MAX_BODY_BYTES=2048"))
	for length, status := range map[int]int{2048: 200, 2049: 413, 1 << 20: 413} {
		for _, body := range []io.Reader{
			strings.NewReader(padded(length)),                 // with a Content-Length
			io.MultiReader(strings.NewReader(padded(length))), // chunked
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/things", body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", jsonMediaType)
			response, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			content, _ := io.ReadAll(response.Body)
			_ = response.Body.Close()
			equal(t, "status", response.StatusCode, status)
			equal(t, "connection is closed", response.Close, status == http.StatusRequestEntityTooLarge)
			if status != http.StatusOK && !bytes.Contains(content, []byte("The request body is larger than 2048 bytes.")) {
				t.Errorf("the answer is %s", content)
			}
		}
	}
}

// raw sends the beginning of a request and returns all that comes back until the server closes the connection.
func raw(t *testing.T, server *httptest.Server, beginning string) string {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if _, err := io.WriteString(connection, beginning); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(connection)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

func TestABodyThatDoesNotComeIsNotWaitedForLongerThanTheDeadline(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok, "APP_REQUEST_TIMEOUT_SECONDS=0.1")
	server := overWire(t, f)
	begun := time.Now()
	answer := raw(t, server,
		"POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{")
	if !strings.HasPrefix(answer, "HTTP/1.1 503 ") || !strings.Contains(answer, "Connection: close") {
		t.Errorf("the answer is %q", answer)
	}
	if waited := time.Since(begun); waited < 100*time.Millisecond {
		t.Errorf("the server gave up after %v", waited)
	}
	equal(t, "running", f.public.Admission.running.Load(), 0)
}

func TestABrokenChunkIsNoJSON(t *testing.T) {
	t.Parallel()
	answer := raw(t, overWire(t, newFixture(t, ok)),
		"POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
	if !strings.HasPrefix(answer, "HTTP/1.1 400 ") {
		t.Errorf("the answer is %q", answer)
	}
}

func TestAConnectionServesAgainAfterABody(t *testing.T) {
	t.Parallel()
	server := overWire(t, newFixture(t, echo, "APP_REQUEST_TIMEOUT_SECONDS=0.5"))
	one := "POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 27\r\n"
	answer := raw(t, server, one+"\r\n"+padded(27)+one+"Connection: close\r\n\r\n"+padded(27))
	equal(t, "answers", strings.Count(answer, "HTTP/1.1 200 OK"), 2)
}
