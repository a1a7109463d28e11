// Package server has the routes.
package server

import (
	"net/http"
	"os"
	"time"

	"default/internal/database"
)

// Server answers with what the database has.
type Server struct {
	db database.Service
}

// NewServer listens at PORT.
func NewServer() *http.Server {
	s := &Server{db: database.New()}
	return &http.Server{
		Addr:         ":" + os.Getenv("PORT"),
		Handler:      s.RegisterRoutes(),
		IdleTimeout:  time.Minute,
		ReadTimeout:  10 * time.Second,
		WriteTimeout: 30 * time.Second,
	}
}
