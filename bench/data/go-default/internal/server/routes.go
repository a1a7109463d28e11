package server

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"

	"default/internal/database"
)

// RegisterRoutes makes the router.
func (s *Server) RegisterRoutes() http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.Logger)
	r.Post("/v1/orders", s.createOrder)
	r.Get("/v1/orders/{id}", s.readOrder)
	return r
}

func (s *Server) createOrder(w http.ResponseWriter, r *http.Request) {
	var order database.Order
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&struct {
		CustomerID *string          `json:"customer_id"`
		Items      *[]database.Item `json:"items"`
	}{&order.CustomerID, &order.Items}); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !valid(order) {
		http.Error(w, "not a valid order", http.StatusUnprocessableEntity)
		return
	}
	order.ID, order.Status, order.Version = uuid.NewString(), "new", 1
	order.CreatedAt = time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")
	order.UpdatedAt = order.CreatedAt
	for _, item := range order.Items {
		order.TotalCents += int64(item.Quantity) * item.UnitPriceCents
	}
	if err := s.db.CreateOrder(r.Context(), order); err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Location", "/v1/orders/"+order.ID)
	write(w, http.StatusCreated, order)
}

func (s *Server) readOrder(w http.ResponseWriter, r *http.Request) {
	order, err := s.db.ReadOrder(r.Context(), chi.URLParam(r, "id"))
	switch {
	case errors.Is(err, database.ErrNotFound):
		http.NotFound(w, r)
	case err != nil:
		fail(w, err)
	default:
		write(w, http.StatusOK, order)
	}
}

func valid(order database.Order) bool {
	if !named(order.CustomerID) || len(order.Items) < 1 || len(order.Items) > 100 {
		return false
	}
	for _, item := range order.Items {
		if !named(item.Sku) || item.Quantity < 1 || item.Quantity > 1000 || item.UnitPriceCents < 0 || item.UnitPriceCents > 10_000_000 {
			return false
		}
	}
	return true
}

func named(text string) bool {
	length := utf8.RuneCountInString(text)
	return length >= 1 && length <= 64
}

func write(w http.ResponseWriter, status int, order database.Order) {
	text, err := json.Marshal(order)
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", strconv.Quote(strconv.Itoa(order.Version)))
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "internal error", http.StatusInternalServerError)
}
