package platform

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// readBody reads a body of at most limit bytes, counted as they arrive, and no longer than the request's deadline: a body
// that trickles in must not hold a slot for ever.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, tooLarge(w, limit)
	}
	connection := http.NewResponseController(w)
	if deadline, ok := r.Context().Deadline(); ok {
		if err := connection.SetReadDeadline(deadline); err != nil {
			return nil, fmt.Errorf("limit the time for the body: %w", err)
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, tooLarge(w, limit)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		w.Header().Set("Connection", "close") // the rest of the body may still come
		return nil, unfinished()
	}
	if err != nil { // a broken chunk, or a client that has gone and will not see the answer
		return nil, notJSON()
	}
	// Past this point the deadline would be taken for a client that has gone.
	if err := connection.SetReadDeadline(time.Time{}); err != nil {
		return nil, fmt.Errorf("lift the limit for the body: %w", err)
	}
	return body, nil
}

// tooLarge also closes the connection: reading on would cost what the limit is there to save.
func tooLarge(w http.ResponseWriter, limit int64) error {
	w.Header().Set("Connection", "close")
	return NewProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("The request body is larger than %d bytes.", limit))
}
