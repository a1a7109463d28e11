// Command flames takes profiles of a running Go service from its operations port and draws them as flame graphs, each a
// page that needs nothing else: `make profile` calls it.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const patience = 30 * time.Second // beyond the time that the profile itself takes

func main() {
	if len(os.Args) != len([]string{"flames", "address", "folder", "seconds"}) {
		fail("usage: flames ADDRESS FOLDER SECONDS")
	}
	seconds, err := strconv.Atoi(os.Args[3])
	if err != nil {
		fail("SECONDS must be an integer, not " + os.Args[3])
	}
	if err := take(context.Background(), os.Args[1], os.Args[2], seconds); err != nil {
		fail(err.Error())
	}
}

func fail(sentence string) {
	fmt.Fprintln(os.Stderr, "make profile: "+sentence)
	os.Exit(1)
}

// take writes the profile of the processor, and then of the memory: what is held when that much work is done.
func take(ctx context.Context, address, folder string, seconds int) error {
	limited, cancel := context.WithTimeout(ctx, time.Duration(seconds)*time.Second+patience)
	defer cancel()
	for _, one := range []struct{ name, path string }{
		{"cpu", "/debug/pprof/profile?seconds=" + strconv.Itoa(seconds)},
		{"heap", "/debug/pprof/heap"},
	} {
		content, err := fetch(limited, "http://"+address+one.path)
		if err != nil {
			return err
		}
		raw := filepath.Join(folder, one.name+".pprof")
		if err := os.WriteFile(raw, content, 0o600); err != nil {
			return fmt.Errorf("keep the profile: %w", err)
		}
		page, err := draw(raw)
		if err != nil {
			return fmt.Errorf("draw %s: %w", raw, err)
		}
		if err := os.WriteFile(filepath.Join(folder, one.name+".html"), page, 0o600); err != nil {
			return fmt.Errorf("keep the flame graph: %w", err)
		}
	}
	return nil
}

func fetch(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("ask for a profile: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask for a profile: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s gave %d", url, response.StatusCode)
	}
	return content, nil
}
