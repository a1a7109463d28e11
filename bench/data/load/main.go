// Loads one service: creates orders and reads each of them, a fixed number, over connections that are kept.
// It prints how many seconds that took, and fails when any answer is not the expected one.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const body = `{"customer_id": "ada", "items": [{"sku": "book", "quantity": 2, "unit_price_cents": 1250},` +
	` {"sku": "pen", "quantity": 10, "unit_price_cents": 199}]}`

func main() {
	base := flag.String("base", "", "URL of the service")
	pairs := flag.Int64("pairs", 1000, "orders to create and read")
	concurrency := flag.Int("concurrency", 16, "requests at once")
	flag.Parse()
	client := &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: *concurrency, MaxConnsPerHost: *concurrency},
		Timeout:   time.Minute,
	}
	begun := time.Now()
	var taken atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, *concurrency)
	for range *concurrency {
		group.Go(func() {
			for taken.Add(1) <= *pairs {
				if err := pair(client, *base); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(failures)
	for err := range failures {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%.3f\n", time.Since(begun).Seconds())
}

// pair creates an order and reads it.
func pair(client *http.Client, base string) error {
	created, err := client.Post(base+"/v1/orders", "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	if err := end(created, http.StatusCreated); err != nil {
		return err
	}
	where, err := created.Location()
	if err != nil {
		return err
	}
	read, err := client.Get(where.String())
	if err != nil {
		return err
	}
	return end(read, http.StatusOK)
}

// end reads an answer to its end, so that its connection is used again.
func end(answer *http.Response, expected int) error {
	_, err := io.Copy(io.Discard, answer.Body)
	if answer.StatusCode != expected {
		err = errors.Join(err, fmt.Errorf("%s %s: %s", answer.Request.Method, answer.Request.URL, answer.Status))
	}
	return errors.Join(err, answer.Body.Close())
}
