// The least that creates and reads orders: net/http and pgx, the statements and the pool of the rendered service, the same
// JSON, and a line for each request by the standard logger.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	insertOrder = `INSERT INTO orders (id, customer_id, total_cents, status, version, created_at, updated_at)` +
		` VALUES ($1, $2, $3, $4, $5, $6, $7)`
	insertItem = `INSERT INTO order_items (order_id, position, sku, quantity, unit_price_cents) VALUES ($1, $2, $3, $4, $5)`
	selectOne  = `SELECT id, customer_id, total_cents, status, version, created_at, updated_at, sku, quantity, unit_price_cents` +
		` FROM (SELECT id, customer_id, total_cents, status, version, created_at, updated_at FROM orders WHERE id = $1) AS found` +
		` JOIN order_items ON order_id = id ORDER BY created_at DESC, id DESC, position`
	timeLayout = "2006-01-02T15:04:05.000000Z"
	mostBytes  = 1 << 20
)

type item struct {
	Sku            string `json:"sku"`
	Quantity       int    `json:"quantity"`
	UnitPriceCents int64  `json:"unit_price_cents"`
}

type newOrder struct {
	CustomerID string `json:"customer_id"`
	Items      []item `json:"items"`
}

type order struct {
	ID         string `json:"id"`
	CustomerID string `json:"customer_id"`
	Items      []item `json:"items"`
	TotalCents int64  `json:"total_cents"`
	Status     string `json:"status"`
	CreatedAt  string `json:"created_at"`
	UpdatedAt  string `json:"updated_at"`
}

func (n newOrder) valid() bool {
	if !named(n.CustomerID) || len(n.Items) < 1 || len(n.Items) > 100 {
		return false
	}
	for _, one := range n.Items {
		if !named(one.Sku) || one.Quantity < 1 || one.Quantity > 1000 || one.UnitPriceCents < 0 || one.UnitPriceCents > 10_000_000 {
			return false
		}
	}
	return true
}

func named(text string) bool {
	length := utf8.RuneCountInString(text)
	return length >= 1 && length <= 64
}

type service struct{ pool *pgxpool.Pool }

func (s service) create(w http.ResponseWriter, r *http.Request) {
	var wanted newOrder
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBytes))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wanted); err != nil {
		http.Error(w, "not an order", http.StatusBadRequest)
		return
	}
	if !wanted.valid() {
		http.Error(w, "not a valid order", http.StatusUnprocessableEntity)
		return
	}
	id, err := uuid.NewV7()
	if err != nil {
		fail(w, err)
		return
	}
	now := time.Now().UTC().Format(timeLayout)
	made := order{ID: id.String(), CustomerID: wanted.CustomerID, Items: wanted.Items, Status: "new", CreatedAt: now, UpdatedAt: now}
	for _, one := range wanted.Items {
		made.TotalCents += int64(one.Quantity) * one.UnitPriceCents
	}
	if err := s.insert(r.Context(), made); err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Location", "/v1/orders/"+made.ID)
	write(w, http.StatusCreated, made, "1")
}

// insert sends all statements at once; PostgreSQL makes one transaction of them.
func (s service) insert(ctx context.Context, made order) error {
	batch := &pgx.Batch{}
	batch.Queue(insertOrder, made.ID, made.CustomerID, made.TotalCents, made.Status, 1, made.CreatedAt, made.UpdatedAt)
	for position, one := range made.Items {
		batch.Queue(insertItem, made.ID, position, one.Sku, one.Quantity, one.UnitPriceCents)
	}
	return s.pool.SendBatch(ctx, batch).Close()
}

func (s service) read(w http.ResponseWriter, r *http.Request) {
	rows, err := s.pool.Query(r.Context(), selectOne, r.PathValue("id"))
	if err != nil {
		fail(w, err)
		return
	}
	defer rows.Close()
	var found order
	var version string
	for rows.Next() {
		var one item
		var changes int64
		if err := rows.Scan(&found.ID, &found.CustomerID, &found.TotalCents, &found.Status, &changes, &found.CreatedAt,
			&found.UpdatedAt, &one.Sku, &one.Quantity, &one.UnitPriceCents); err != nil {
			fail(w, err)
			return
		}
		version = strconv.FormatInt(changes, 10)
		found.Items = append(found.Items, one)
	}
	if err := rows.Err(); err != nil {
		fail(w, err)
		return
	}
	if found.ID == "" {
		http.NotFound(w, r)
		return
	}
	write(w, http.StatusOK, found, version)
}

func write(w http.ResponseWriter, status int, body order, version string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", `"`+version+`"`)
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}

func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "internal error", http.StatusInternalServerError)
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		seen := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		log.Printf("%s %s %d %s", r.Method, r.URL.Path, seen.status, time.Since(begun))
	})
}

func main() {
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = 10
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	s := service{pool}
	routes := http.NewServeMux()
	routes.HandleFunc("POST /v1/orders", s.create)
	routes.HandleFunc("GET /v1/orders/{id}", s.read)
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), logged(routes)); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
