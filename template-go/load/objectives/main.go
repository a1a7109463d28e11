// Command objectives reads slo.yaml, the limits and the rates of the load test, and prints what a profile asks for as one
// line of JSON: k6 reads no YAML. What is wrong with the file ends it with one sentence.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

const file = "slo.yaml"

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "make load: "+err.Error())
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	const folder, profile, all = 0, 1, 2
	if len(args) != all {
		return errors.New("usage: objectives FOLDER PROFILE")
	}
	root, err := os.OpenRoot(args[folder])
	if err != nil {
		return fmt.Errorf("look for %s: %w", file, err)
	}
	content, err := root.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no %s at the root of the service: bring it back, it has the limits and the rates", file)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	plan, err := parse(content, args[profile])
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(plan); err != nil {
		return fmt.Errorf("print the plan: %w", err)
	}
	return nil
}
