// Loads one service for `make bench`, and plays the suppliers that its quotes ask. What it measured it prints as one
// line of JSON; it fails when the service answers what it should not.
//
//	load closed    so many requests, so many at once: what a service costs
//	load open      requests at a constant rate, answered or not: how long its clients wait
//	load idle      connections that are kept and not used, until its standard input ends
//	load suppliers answers after a time, until its standard input ends
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

type settings struct {
	base        string
	operation   string
	path        string
	requests    int
	concurrency int
	rate        float64
	length      time.Duration
	iterations  int
	connections int
	delay       time.Duration
}

var commands = map[string]func(settings) error{
	"closed": closed, "open": open, "idle": idle, "suppliers": suppliers,
}

func main() {
	var given settings
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	flags.StringVar(&given.base, "base", "", "URL of the service")
	flags.StringVar(&given.operation, "operation", "read", "read, list, get, quote or simulate")
	flags.StringVar(&given.path, "path", "/livez", "what the operation get asks for")
	flags.IntVar(&given.requests, "requests", 1000, "closed: how many")
	flags.IntVar(&given.concurrency, "concurrency", 16, "closed: how many at once")
	flags.Float64Var(&given.rate, "rate", 50, "open: requests a second")
	flags.DurationVar(&given.length, "for", 5*time.Second, "open: how long")
	flags.IntVar(&given.iterations, "iterations", 100_000, "size of a simulation")
	flags.IntVar(&given.connections, "connections", 1000, "idle: how many")
	flags.DurationVar(&given.delay, "delay", 20*time.Millisecond, "suppliers: time to answer")
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fail(errors.New("the first word is closed, open, idle or suppliers"))
	}
	if err := flags.Parse(os.Args[2:]); err != nil {
		fail(err)
	}
	if err := commands[os.Args[1]](given); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// say prints one line of JSON.
func say(what any) error { return json.NewEncoder(os.Stdout).Encode(what) }

// untilEnd waits for the end of standard input.
func untilEnd() error {
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}
