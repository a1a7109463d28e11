package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// plan is what the load test is told.
type plan struct {
	WarmUpSeconds float64              `json:"warm_up_seconds"`
	LeastAchieved float64              `json:"least_achieved"`
	Steps         []step               `json:"steps"`
	Objectives    map[string]objective `json:"objectives"`
}

type step struct {
	Seconds           float64 `json:"seconds"`
	RequestsPerSecond float64 `json:"requests_per_second"`
}

type objective struct {
	P99Ms        float64 `json:"p99_ms"`
	Availability float64 `json:"availability"`
}

// document is the part of slo.yaml that counts here. A number is any value at first, so that a wrong one is named.
type document struct {
	Objectives []struct {
		Name         string `yaml:"name"`
		P99Ms        any    `yaml:"p99_ms"`
		Availability any    `yaml:"availability"`
	} `yaml:"objectives"`
	Load struct {
		WarmUpSeconds any                         `yaml:"warm_up_seconds"`
		LeastAchieved any                         `yaml:"least_achieved"`
		Profiles      map[string][]map[string]any `yaml:"profiles"`
	} `yaml:"load"`
}

// k6 takes no shorter span; figures of less than a second would mean nothing either.
const shortest = 1

func parse(content []byte, profile string) (*plan, error) {
	var read document
	if err := yaml.Unmarshal(content, &read); err != nil {
		// The library says it in several lines.
		return nil, fmt.Errorf("%s cannot be read: %s", file, strings.Join(strings.Fields(err.Error()), " "))
	}
	check := &checker{}
	result := &plan{
		WarmUpSeconds: check.atLeast(shortest, "load.warm_up_seconds", read.Load.WarmUpSeconds),
		LeastAchieved: check.share("load.least_achieved", read.Load.LeastAchieved),
		Objectives:    make(map[string]objective, len(read.Objectives)),
	}
	for i, one := range read.Objectives {
		if one.Name == "" {
			check.fail(fmt.Sprintf("objectives[%d] must have a name", i))
		}
		if _, known := result.Objectives[one.Name]; known {
			check.fail("objective " + one.Name + " stands twice in it")
		}
		result.Objectives[one.Name] = objective{
			P99Ms:        check.positive("p99_ms of "+one.Name, one.P99Ms),
			Availability: check.share("availability of "+one.Name, one.Availability),
		}
	}
	for _, name := range slices.Sorted(maps.Keys(read.Load.Profiles)) {
		steps := check.steps(name, read.Load.Profiles[name])
		if name == profile {
			result.Steps = steps
		}
	}
	if check.problem != "" {
		return nil, fmt.Errorf("%s: %s", file, check.problem)
	}
	if result.Steps == nil {
		return nil, unknown(profile, slices.Sorted(maps.Keys(read.Load.Profiles)))
	}
	return result, nil
}

func unknown(profile string, names []string) error {
	if len(names) == 0 {
		return errors.New(file + " has nothing in load.profiles: write a profile, a list of {seconds, requests_per_second}")
	}
	return fmt.Errorf("%s has no profile %q, choose with PROFILE= one of: %s", file, profile, strings.Join(names, ", "))
}
