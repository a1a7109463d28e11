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

const (
	patience = 30 * time.Second // beyond the time that the profile itself takes
	readable = 0o644
)

func main() {
	if len(os.Args) != len([]string{"flames", "port", "folder", "seconds"}) {
		fail("usage: flames PORT FOLDER SECONDS")
	}
	port, err := strconv.ParseUint(os.Args[1], 10, 16)
	if err != nil {
		fail("PORT must be a port, not " + os.Args[1])
	}
	seconds, err := strconv.Atoi(os.Args[3])
	if err != nil {
		fail("SECONDS must be an integer, not " + os.Args[3])
	}
	if err := take(context.Background(), int(port), os.Args[2], seconds); err != nil {
		fail(err.Error())
	}
}

func fail(sentence string) {
	fmt.Fprintln(os.Stderr, "make profile: "+sentence)
	os.Exit(1)
}

// take writes the profile of the processor, and then of the memory: what is held when that much work is done.
func take(ctx context.Context, port int, folder string, seconds int) error {
	limited, cancel := context.WithTimeout(ctx, time.Duration(seconds)*time.Second+patience)
	defer cancel()
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("look for the folder: %w", err)
	}
	defer func() { _ = root.Close() }()
	for _, one := range []struct{ name, path string }{
		{"cpu", "/debug/pprof/profile?seconds=" + strconv.Itoa(seconds)},
		{"heap", "/debug/pprof/heap"},
	} {
		content, err := fetch(limited, fmt.Sprintf("http://127.0.0.1:%d%s", port, one.path))
		if err != nil {
			return err
		}
		if err := root.WriteFile(one.name+".pprof", content, readable); err != nil {
			return fmt.Errorf("keep the profile: %w", err)
		}
		page, err := draw(limited, filepath.Join(folder, one.name+".pprof"))
		if err != nil {
			return fmt.Errorf("draw the profile of the %s: %w", one.name, err)
		}
		if err := root.WriteFile(one.name+".html", page, readable); err != nil {
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
