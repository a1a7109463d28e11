package main

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

// suppliers answers every request after the delay, and says its address.
func suppliers(given settings) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	answer := http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
		time.Sleep(given.delay)
		response.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(response, `{"unit_price_cents": 1250}`)
	})
	go func() { _ = http.Serve(listener, answer) }()
	if err := say(map[string]string{"address": "http://" + listener.Addr().String()}); err != nil {
		return err
	}
	return untilEnd()
}
