package main

import (
	"fmt"
	"math"
)

// checker keeps the first problem: one sentence is enough to mend the next thing.
type checker struct{ problem string }

func (c *checker) fail(problem string) {
	if c.problem == "" {
		c.problem = problem
	}
}

func (c *checker) steps(profile string, read []map[string]any) []step {
	if len(read) == 0 {
		c.fail(fmt.Sprintf("load.profiles.%s must be a list of {seconds, requests_per_second}, not empty", profile))
	}
	steps := make([]step, 0, len(read))
	for i, one := range read {
		at := fmt.Sprintf("load.profiles.%s[%d].", profile, i)
		steps = append(steps, step{
			Seconds:           c.atLeast(shortest, at+"seconds", one["seconds"]),
			RequestsPerSecond: c.positive(at+"requests_per_second", one["requests_per_second"]),
		})
	}
	return steps
}

func (c *checker) positive(name string, value any) float64 {
	found, ok := number(value)
	if !ok || found <= 0 {
		c.fail(name + " must be a positive number, not " + shown(value))
	}
	return found
}

func (c *checker) atLeast(least float64, name string, value any) float64 {
	found, ok := number(value)
	if !ok || found < least {
		c.fail(fmt.Sprintf("%s must be a positive number, at least %g, not %s", name, least, shown(value)))
	}
	return found
}

func (c *checker) share(name string, value any) float64 {
	found, ok := number(value)
	if !ok || found <= 0 || found >= 1 {
		c.fail(name + " must be a number between 0 and 1, not " + shown(value))
	}
	return found
}

func number(value any) (float64, bool) {
	switch found := value.(type) {
	case int:
		return float64(found), true
	case float64:
		return found, !math.IsNaN(found) && !math.IsInf(found, 0)
	default:
		return 0, false
	}
}

func shown(value any) string {
	switch value.(type) {
	case nil:
		return "missing"
	case string:
		return fmt.Sprintf("%q", value)
	default:
		return fmt.Sprint(value)
	}
}
