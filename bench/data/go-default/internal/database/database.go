// Package database keeps orders in PostgreSQL.
package database

import (
	"context"
	"database/sql"
	"errors"
	"log"
	"os"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// Item is a line of an order.
type Item struct {
	Sku            string `json:"sku"`
	Quantity       int    `json:"quantity"`
	UnitPriceCents int64  `json:"unit_price_cents"`
}

// Order is what a customer ordered.
type Order struct {
	ID         string `json:"id"`
	CustomerID string `json:"customer_id"`
	Items      []Item `json:"items"`
	TotalCents int64  `json:"total_cents"`
	Status     string `json:"status"`
	Version    int    `json:"-"`
	CreatedAt  string `json:"created_at"`
	UpdatedAt  string `json:"updated_at"`
}

// ErrNotFound is returned for an id that no order has.
var ErrNotFound = errors.New("no such order")

// Service is what the routes need of the database.
type Service interface {
	CreateOrder(ctx context.Context, order Order) error
	ReadOrder(ctx context.Context, id string) (Order, error)
}

type service struct {
	db *sql.DB
}

// New opens the database that DATABASE_URL names.
func New() Service {
	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	return &service{db: db}
}

func (s *service) CreateOrder(ctx context.Context, order Order) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `INSERT INTO orders (id, customer_id, total_cents, status, version, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, order.ID, order.CustomerID, order.TotalCents, order.Status, order.Version,
		order.CreatedAt, order.UpdatedAt); err != nil {
		return err
	}
	for position, item := range order.Items {
		if _, err := tx.ExecContext(ctx, `INSERT INTO order_items (order_id, position, sku, quantity, unit_price_cents)
			VALUES ($1, $2, $3, $4, $5)`, order.ID, position, item.Sku, item.Quantity, item.UnitPriceCents); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (s *service) ReadOrder(ctx context.Context, id string) (Order, error) {
	var order Order
	err := s.db.QueryRowContext(ctx, `SELECT id, customer_id, total_cents, status, version, created_at, updated_at
		FROM orders WHERE id = $1`, id).Scan(&order.ID, &order.CustomerID, &order.TotalCents, &order.Status, &order.Version,
		&order.CreatedAt, &order.UpdatedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return order, ErrNotFound
	}
	if err != nil {
		return order, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT sku, quantity, unit_price_cents FROM order_items
		WHERE order_id = $1 ORDER BY position`, id)
	if err != nil {
		return order, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var item Item
		if err := rows.Scan(&item.Sku, &item.Quantity, &item.UnitPriceCents); err != nil {
			return order, err
		}
		order.Items = append(order.Items, item)
	}
	return order, rows.Err()
}
