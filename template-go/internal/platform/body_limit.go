package platform

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// Limits that no client with honest intent meets. Without them a few slow clients hold every connection.
const (
	bodyGrace     = 5 * time.Second // before the rate counts
	bodyRate      = 500             // bytes per second, on average since the request's head
	bodyTimeout   = 60 * time.Second
	answerTimeout = 30 * time.Second // for the client to take what it asked for
	lingerTimeout = time.Second
	lingerBytes   = 1 << 20
	smallBody     = 64 << 10 // net/http reads so much by itself to keep a connection usable
)

// pacedBody is a request's body that must arrive at a minimum rate.
type pacedBody struct {
	io.ReadCloser

	connection *http.ResponseController
	declared   int64 // the length that the head says, -1 for none
	begun      time.Time
	allowed    time.Duration // since then
	bytes      int64
	ended      bool // nothing more can be read: it is complete or has failed
}

// pace limits the time for a request's body. It is called when the head is complete.
func pace(w http.ResponseWriter, r *http.Request, begun time.Time) *pacedBody {
	body := &pacedBody{
		ReadCloser: r.Body, connection: http.NewResponseController(w), declared: r.ContentLength, begun: begun,
		ended: r.Body == http.NoBody,
	}
	if !body.ended {
		body.allow(bodyGrace) // also for what net/http reads of a body that nobody wanted
		r.Body = body
	}
	return body
}

// Read gives each byte the time that the rate allows.
func (b *pacedBody) Read(p []byte) (int, error) {
	b.allow(min(max(bodyGrace, time.Duration(b.bytes)*time.Second/bodyRate), bodyTimeout))
	n, err := b.ReadCloser.Read(p)
	b.bytes += int64(n)
	if err != nil {
		b.ended = true
	}
	if errors.Is(err, io.EOF) { // else the deadline would be taken for a client that has gone
		_ = b.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}

// allow sets the end of the time for the next bytes. Where it cannot be set, the connection is gone, and reading says so.
// Setting it again to what it is would cost as much, and a small body never gets beyond the first.
func (b *pacedBody) allow(since time.Duration) {
	if since != b.allowed {
		b.allowed = since
		_ = b.connection.SetReadDeadline(b.begun.Add(since))
	}
}

// mustClose tells whether the connection cannot be used again: too much of the body is on its way, or nobody knows.
func (b *pacedBody) mustClose() bool {
	return !b.ended && (b.declared < 0 || b.declared > smallBody)
}

// linger takes what a refused client still sends, for a moment, before the connection is closed: closing at once would
// reset it, and a client that is still sending would never see its answer.
func (b *pacedBody) linger(w http.ResponseWriter) {
	if b.ended || w.Header().Get("Connection") != "close" {
		return
	}
	_ = b.connection.Flush()
	_ = b.connection.SetReadDeadline(time.Now().Add(lingerTimeout))
	_, _ = io.CopyN(io.Discard, b.ReadCloser, lingerBytes)
}

// readBody reads a body of at most limit bytes, counted as they arrive.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.Body == http.NoBody {
		return nil, nil
	}
	body, err := readAll(io.LimitReader(r.Body, limit+1), r.ContentLength)
	switch {
	case int64(len(body)) > limit:
		return nil, tooLarge(w, limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		return nil, NewProblem(http.StatusRequestTimeout, "The request body came too slowly.")
	case err != nil: // a broken chunk, or a client that has gone and will not see the answer
		return nil, notJSON()
	}
	return body, nil
}

// readAll is io.ReadAll, in one piece of memory where the head says how long a body is, and that is little enough to be
// believed.
func readAll(body io.Reader, declared int64) (content []byte, err error) {
	if declared <= 0 || declared > smallBody {
		content, err = io.ReadAll(body)
	} else {
		var n int
		content = make([]byte, declared+1) // one more, so that the end is met
		n, err = io.ReadFull(body, content)
		content = content[:n]
		if int64(n) == declared && errors.Is(err, io.ErrUnexpectedEOF) {
			return content, nil
		}
	}
	if err != nil {
		return content, fmt.Errorf("read a body: %w", err)
	}
	return content, nil
}

// tooLarge also closes the connection: reading on would cost what the limit is there to save.
func tooLarge(w http.ResponseWriter, limit int64) error {
	w.Header().Set("Connection", "close")
	return NewProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("The request body is larger than %d bytes.", limit))
}
