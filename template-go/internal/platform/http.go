package platform

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// Handler answers a request or returns an error, which is then answered as a problem.
type Handler func(w http.ResponseWriter, r *http.Request) error

// WriteJSON answers with a value. It fails before anything is written.
func WriteJSON(w http.ResponseWriter, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	writeBytes(w, status, "application/json", body)
	return nil
}

func writeBytes(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone is no fault of ours
}

func answer(handler Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := handler(w, r); err != nil {
			writeError(w, r, log, err)
		}
	})
}

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w)
		next.ServeHTTP(w, r)
	})
}

func secure(w http.ResponseWriter) { w.Header().Set("X-Content-Type-Options", "nosniff") }

// recorder remembers what was answered, for the access log, and limits the time that the client has to take it.
type recorder struct {
	http.ResponseWriter

	body   *pacedBody // the request's
	status int
	bytes  int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
		if r.body.mustClose() {
			r.Header().Set("Connection", "close")
		}
		_ = r.body.connection.SetWriteDeadline(time.Now().Add(answerTimeout)) // fails only where nobody is left to wait for
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(content []byte) (int, error) {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	n, err := r.ResponseWriter.Write(content)
	r.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController find the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
