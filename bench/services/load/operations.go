package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

const (
	order = `{"customer_id": "ada", "items": [{"sku": "book", "quantity": 2, "unit_price_cents": 1250}]}`
	quote = `{"sku": "book", "quantity": 2}`
	waits = time.Minute
)

// operation sends one request and returns the status of its answer, or an error when there is none.
type operation func() (int, error)

func client(connections int) *http.Client {
	return &http.Client{
		Transport: &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: connections},
		Timeout:   waits,
	}
}

// operationOf prepares what an operation needs, and returns it.
func operationOf(given settings, using *http.Client) (operation, int, error) {
	post := func(path, body string) operation {
		return func() (int, error) {
			answer, err := using.Post(given.base+path, "application/json", strings.NewReader(body))
			return status(answer, err)
		}
	}
	get := func(url string) operation {
		return func() (int, error) {
			answer, err := using.Get(url)
			return status(answer, err)
		}
	}
	switch given.operation {
	case "read":
		answer, err := using.Post(given.base+"/v1/orders", "application/json", strings.NewReader(order))
		code, err := status(answer, err)
		if err != nil || code != http.StatusCreated {
			return nil, 0, fmt.Errorf("no order to read: status %d, %w", code, err)
		}
		return get(given.base + answer.Header.Get("Location")), http.StatusOK, nil
	case "get":
		return get(given.base + given.path), http.StatusOK, nil
	case "list":
		return get(given.base + "/v1/orders?limit=1"), http.StatusOK, nil
	case "quote":
		return post("/v1/quotes", quote), http.StatusOK, nil
	case "simulate":
		simulate := func() (int, error) {
			body := fmt.Sprintf(`{"iterations": %d, "seed": %d}`, given.iterations, 1+rand.Int64N(1<<52))
			return post("/v1/simulations", body)()
		}
		return simulate, http.StatusOK, nil
	}
	return nil, 0, fmt.Errorf("there is no operation %q", given.operation)
}

// status reads an answer to its end, so that its connection is used again.
func status(answer *http.Response, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	if closing := answer.Body.Close(); err == nil {
		err = closing
	}
	return answer.StatusCode, err
}
