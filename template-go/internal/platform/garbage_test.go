package platform

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	const own, parent = "/sys/fs/cgroup/a/memory.max", "/sys/fs/cgroup/memory.max"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"no limit":          {map[string]string{own: "max\n"}, math.MaxInt64},
		"no cgroup v2":      {nil, math.MaxInt64},
		"nine tenths":       {map[string]string{own: "1000\n", parent: "max\n"}, 900},
		"a parent binds":    {map[string]string{own: "max\n", parent: "2000\n"}, 1800},
		"the smaller of it": {map[string]string{own: "1000\n", parent: "500\n"}, 450},
		"nonsense is none":  {map[string]string{own: "much\n", parent: "0\n"}, math.MaxInt64},
	} {
		equal(t, name, memoryLimit(cgroup{"0::/a\n", func(file string) string { return c.files[file] }}), c.want)
	}
}

// It changes the process, so it runs alone.
func TestGarbageIsCollectedAsTheEnvironmentSays(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(1<<40)
	defer func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}()
	t.Setenv("GOGC", "100")
	t.Setenv("GOMEMLIMIT", "1TiB")
	CollectGarbageLess()
	equal(t, "percent that was set", debug.SetGCPercent(100), 100)
	equal(t, "limit that was set", debug.SetMemoryLimit(-1), 1<<40)
	t.Setenv("GOGC", "")
	CollectGarbageLess()
	equal(t, "percent of our own", debug.SetGCPercent(100), garbagePercent)
}
