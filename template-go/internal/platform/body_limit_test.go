package platform

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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

// head begins a request whose body is to be as long as it says.
func head(length int) string {
	return "POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
		fmt.Sprintf("Content-Length: %d\r\n\r\n", length)
}

// trickle is a client that sends a body in pieces, with a pause before each, and returns the answer's first line.
func trickle(t *testing.T, address net.Addr, length, piece int, pause time.Duration) (line string, took time.Duration) {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	begun := time.Now()
	body := head(length) + padded(length)
	sent := len(head(length))
	_, err = io.WriteString(connection, body[:sent])
	answered, sending := make(chan struct{}), sync.WaitGroup{}
	sending.Go(func() {
		for err == nil && sent < len(body) {
			select {
			case <-answered:
				return
			case <-time.After(pause):
			}
			upTo := min(len(body), sent+piece)
			_, err = io.WriteString(connection, body[sent:upTo])
			sent = upTo
		}
	})
	line, _ = bufio.NewReader(connection).ReadString('\n')
	close(answered)
	sending.Wait()
	return line, time.Since(begun)
}

func TestABodyThatComesTooSlowlyIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	server := overWire(t, f)
	begun := time.Now()
	answer := raw(t, server, head(2000)+"{")
	if !strings.HasPrefix(answer, "HTTP/1.1 408 ") || !strings.Contains(answer, "Connection: close") ||
		!strings.Contains(answer, "The request body came too slowly.") {
		t.Errorf("the answer is %q", answer)
	}
	if waited := time.Since(begun); waited < bodyGrace || waited > 2*bodyGrace {
		t.Errorf("the server gave up after %v", waited)
	}
	equal(t, "running", f.public.Admission.running.Load(), 0)
}

// TestTheTimeOfABody steps through a body of 500 KB, which at 500 bytes a second would take too long.
func TestTheTimeOfABody(t *testing.T) {
	t.Parallel()
	w, begun := newDeadlines(), time.Now()
	r := request(t, http.MethodPost, "/things", strings.Repeat(" ", 500_000))
	pace(w, r, begun)
	for _, c := range []struct {
		bytes int
		until time.Duration // for the bytes that come next
	}{{1000, bodyGrace}, {4000, bodyGrace}, {5000, 10 * time.Second}, {480_000, 20 * time.Second}, {1, bodyTimeout}} {
		if _, err := io.ReadFull(r.Body, make([]byte, c.bytes)); err != nil {
			t.Fatal(err)
		}
		equal(t, "time", w.read.Sub(begun), c.until)
	}
}

func TestAClientHasLimitedTimeToTakeItsAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(w http.ResponseWriter, r *http.Request) error {
			time.Sleep(time.Minute)
			return ok(w, r)
		}, "APP_REQUEST_TIMEOUT_SECONDS=3600")
		w, begun := newDeadlines(), time.Now()
		f.handler.ServeHTTP(w, request(t, http.MethodGet, "/things/1", ""))
		equal(t, "time", w.written.Sub(begun), time.Minute+answerTimeout)
		equal(t, "time for a body that there is not", *w.read, time.Time{})
	})
}

func TestAnHonestSlowUploadSucceeds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	line, took := trickle(t, overWire(t, f).Listener.Addr(), 16_000, 1000, 400*time.Millisecond) // in 6.4 seconds
	equal(t, "answer", line, "HTTP/1.1 200 OK\r\n")
	if took < bodyGrace {
		t.Errorf("it took only %v", took)
	}
}

func TestTheRateCountsOnceTheGraceIsOver(t *testing.T) {
	t.Parallel()
	f := newFixture(t, ok)
	line, took := trickle(t, overWire(t, f).Listener.Addr(), 30_000, 300, time.Second)
	equal(t, "answer", line, "HTTP/1.1 408 Request Timeout\r\n")
	if took > 2*bodyGrace {
		t.Errorf("it took %v", took)
	}
}

// TestARefusedClientGetsItsAnswer sends on without looking: only then it reads. Closing at once would reset its connection.
func TestARefusedClientGetsItsAnswer(t *testing.T) {
	t.Parallel()
	server := overWire(t, newFixture(t, ok, "APP_MAX_BODY_BYTES=2048"))
	for _, c := range []struct{ beginning, status string }{
		{head(900_000), "413 "},
		{strings.Replace(head(900_000), "json", "xml", 1), "413 "},
		{strings.Replace(head(900_000), "/things", "/nowhere", 1), "404 "},
		{strings.Replace(head(900_000), "POST", "DELETE", 1), "405 "},
	} {
		answer := raw(t, server, c.beginning+padded(900_000))
		if !strings.HasPrefix(answer, "HTTP/1.1 "+c.status) || !strings.Contains(answer, "Connection: close") {
			t.Errorf("the answer is %q", answer)
		}
	}
}

func TestAClientThatLeavesFreesItsSlot(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{})
	f := newFixture(t, func(_ http.ResponseWriter, r *http.Request) error {
		entered <- struct{}{}
		<-r.Context().Done()
		return r.Context().Err()
	}, "APP_MAX_IN_FLIGHT=1")
	server := overWire(t, f)
	for range 3 {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(connection, head(27)+padded(27)); err != nil {
			t.Fatal(err)
		}
		<-entered // the slot of the one before is free again, or this is never reached
		_ = connection.Close()
	}
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
