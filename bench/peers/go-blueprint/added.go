// What the readiness suite asks for and the generator does not write: a slow route, an upload, a call to an upstream.
// Plain net/http and encoding/json with their defaults; errors are answered as the generated handlers answer them.

package server

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

func addRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /delay/{seconds}", delay)
	mux.HandleFunc("POST /upload", upload)
	mux.HandleFunc("GET /outbound", outbound)
}

func delay(w http.ResponseWriter, r *http.Request) {
	seconds, err := strconv.ParseFloat(r.PathValue("seconds"), 64)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	time.Sleep(time.Duration(seconds * float64(time.Second)))
	_ = json.NewEncoder(w).Encode(map[string]float64{"slept": seconds})
}

func upload(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var item struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(content, &item); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_ = json.NewEncoder(w).Encode(item)
}

func outbound(w http.ResponseWriter, _ *http.Request) {
	answer, err := http.Get(os.Getenv("UPSTREAM_URL"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		http.Error(w, answer.Status, http.StatusInternalServerError)
		return
	}
	_, _ = io.Copy(w, answer.Body)
}
