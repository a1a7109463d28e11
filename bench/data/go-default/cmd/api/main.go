// The two routes as a service from go-blueprint has them with chi and PostgreSQL: its folders, its server's times, its
// logging middleware, database/sql over pgx with the pool as it is. Only the way the parts are put together is from there.
package main

import (
	"log"

	"default/internal/server"
)

func main() {
	log.Fatal(server.NewServer().ListenAndServe())
}
