package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// closed makes the requests, each client one after the other; every answer has to be the right one.
func closed(given settings) error {
	one, expected, err := operationOf(given, client(given.concurrency))
	if err != nil {
		return err
	}
	begun := time.Now()
	var taken atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, given.concurrency)
	for range given.concurrency {
		group.Go(func() {
			for taken.Add(1) <= int64(given.requests) {
				if code, err := one(); err != nil || code != expected {
					failures <- fmt.Errorf("%s: status %d, %w", given.operation, code, err)
					return
				}
			}
		})
	}
	group.Wait()
	close(failures)
	if err := <-failures; err != nil {
		return err
	}
	return say(map[string]float64{"seconds": time.Since(begun).Seconds()})
}
