package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const good = `
objectives:
  - {name: read, method: GET, route: /, p99_ms: 250, availability: 0.999}
load:
  warm_up_seconds: 3
  least_achieved: 0.95
  profiles:
    smoke: [{seconds: 12, requests_per_second: 20}]
    spike: [{seconds: 1.5, requests_per_second: 0.5}, {seconds: 2, requests_per_second: 7}]
`

func planOf(t *testing.T, content, profile string) (printed, problem string) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, file), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run([]string{folder, profile}, &out); err != nil {
		return out.String(), err.Error()
	}
	return out.String(), ""
}

func TestAProfileIsPrinted(t *testing.T) {
	t.Parallel()
	printed, problem := planOf(t, good, "spike")
	want := `{"warm_up_seconds":3,"least_achieved":0.95,` +
		`"steps":[{"seconds":1.5,"requests_per_second":0.5},{"seconds":2,"requests_per_second":7}],` +
		`"objectives":{"read":{"p99_ms":250,"availability":0.999}}}` + "\n"
	if problem != "" || printed != want {
		t.Errorf("got %s%s", printed, problem)
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, replacement, problem string }{
		{"p99_ms: 250", "p99_ms: 0", "slo.yaml: p99_ms of read must be a positive number, not 0"},
		{"p99_ms: 250", `p99_ms: "250"`, `slo.yaml: p99_ms of read must be a positive number, not "250"`},
		{"p99_ms: 250, ", "", "slo.yaml: p99_ms of read must be a positive number, not missing"},
		{"p99_ms: 250", "p99_ms: .inf", "slo.yaml: p99_ms of read must be a positive number, not +Inf"},
		{"p99_ms: 250", "p99_ms: .nan", "slo.yaml: p99_ms of read must be a positive number, not NaN"},
		{"p99_ms: 250", "p99_ms: yes", `slo.yaml: p99_ms of read must be a positive number, not "yes"`},
		{"y: 0.999", "y: 99.9", "slo.yaml: availability of read must be a number between 0 and 1, not 99.9"},
		{"d: 0.95", "d: [1]", "slo.yaml: load.least_achieved must be a number between 0 and 1, not [1]"},
		{"up_seconds: 3", "up_seconds: -3", "slo.yaml: load.warm_up_seconds must be a positive number, at least 1, not -3"},
		{
			"second: 20", "second: -1",
			"slo.yaml: load.profiles.smoke[0].requests_per_second must be a positive number, not -1",
		},
		{
			"seconds: 2,", "seconds: 0,",
			"slo.yaml: load.profiles.spike[1].seconds must be a positive number, at least 1, not 0",
		},
		{
			"[{seconds: 12, requests_per_second: 20}]", "[]",
			"slo.yaml: load.profiles.smoke must be a list of {seconds, requests_per_second}, not empty",
		},
		{"{name: read,", "{", "slo.yaml: objectives[0] must have a name"},
		{"\nload", "\n  - {name: read, p99_ms: 1, availability: 0.9}\nload", "slo.yaml: objective read stands twice in it"},
		{"spike:", "peak:", `slo.yaml has no profile "spike", choose with PROFILE= one of: peak, smoke`},
		{
			"profiles:", "others:",
			"slo.yaml has nothing in load.profiles: write a profile, a list of {seconds, requests_per_second}",
		},
	} {
		if !strings.Contains(good, c.old) {
			t.Fatalf("%q is not there", c.old)
		}
		printed, problem := planOf(t, strings.Replace(good, c.old, c.replacement, 1), "spike")
		if problem != c.problem || printed != "" {
			t.Errorf("%s gave %s%q", c.replacement, printed, problem)
		}
	}
}

func TestWhatIsNoYAMLIsOneSentence(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"objectives: [", "objectives: 5\nload: 7", "- 1", "\xff"} {
		_, problem := planOf(t, content, "smoke")
		if !strings.HasPrefix(problem, "slo.yaml cannot be read: ") || strings.Contains(problem, "\n") {
			t.Errorf("%q gave %q", content, problem)
		}
	}
}

func TestAMissingFileIsNamed(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	for _, args := range [][]string{{t.TempDir(), "smoke"}, {filepath.Join(t.TempDir(), "none"), "smoke"}} {
		if err := run(args, &out); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%v gave %v", args, err)
		}
	}
	if err := run(nil, &out); err == nil || !strings.HasPrefix(err.Error(), "usage: ") {
		t.Errorf("no arguments gave %v", err)
	}
}
