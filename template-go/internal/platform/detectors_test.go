package platform

import (
	"os/exec"
	"strings"
	"testing"
)

// TestTheDetectorsFindWhatIsPlanted runs tests that must fail: a detector that finds nothing in them would find nothing in
// ours either.
func TestTheDetectorsFindWhatIsPlanted(t *testing.T) {
	t.Parallel()
	complaints := []string{"found unexpected goroutines", "deadlock: "}
	arguments := []string{"test", "-count=1", "-timeout=60s", "./testdata/planted"}
	if raceDetectorWorks(t) { // it needs what make test needs for it
		complaints = append(complaints, "DATA RACE")
		arguments = append(arguments, "-race")
	}
	run := exec.CommandContext(t.Context(), "go")
	run.Args = append(run.Args, arguments...)
	output, err := run.CombinedOutput()
	if err == nil {
		t.Error("the planted faults pass")
	}
	for _, complaint := range complaints {
		if !strings.Contains(string(output), complaint) {
			t.Errorf("nothing says %q: %s", complaint, output)
		}
	}
}

func raceDetectorWorks(t *testing.T) bool {
	t.Helper()
	enabled, err := exec.CommandContext(t.Context(), "go", "env", "CGO_ENABLED").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, err = exec.LookPath("cc")
	return err == nil && strings.TrimSpace(string(enabled)) == "1"
}
