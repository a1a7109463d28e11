package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// idle opens connections, uses each once, and keeps them.
func idle(given settings) error {
	target, err := url.Parse(given.base)
	if err != nil {
		return err
	}
	kept := make([]net.Conn, 0, given.connections)
	for range given.connections {
		connection, err := connected(target)
		if err != nil {
			return fmt.Errorf("connection %d: %w", len(kept)+1, err)
		}
		kept = append(kept, connection)
	}
	if err := say(map[string]int{"connections": len(kept)}); err != nil {
		return err
	}
	return untilEnd()
}

func connected(target *url.URL) (net.Conn, error) {
	connection, err := net.DialTimeout("tcp", target.Host, waits)
	if err != nil {
		return nil, err
	}
	if err := connection.SetDeadline(time.Now().Add(waits)); err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(connection, "GET /livez HTTP/1.1\r\nHost: %s\r\n\r\n", target.Host); err != nil {
		return nil, err
	}
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	code, err := status(answer, err)
	if err == nil && code != http.StatusOK {
		err = fmt.Errorf("status %d", code)
	}
	return connection, err
}
