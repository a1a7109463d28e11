package platform

import (
	"math"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"
)

const cgroupRoot = "/sys/fs/cgroup"

// Cores is how many CPUs the affinity mask and the cgroup v2 quota (rounded up) leave to this process, at least one.
// GOMAXPROCS is no measure of it: Go never takes it below two.
func Cores() int {
	membership, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return runtime.NumCPU()
	}
	return cores(runtime.NumCPU(), string(membership), func(name string) string {
		content, _ := os.ReadFile(name) // a group without a quota file has no quota
		return string(content)
	})
}

// cores takes the smallest quota on the way from the process's own group up to the root: each of them binds.
func cores(affinity int, membership string, read func(name string) string) int {
	count := affinity
	for line := range strings.Lines(membership) {
		group, found := strings.CutPrefix(strings.TrimSpace(line), "0::")
		if !found {
			continue
		}
		for {
			count = min(count, quota(read(path.Join(cgroupRoot, group, "cpu.max"))))
			if group == "/" || group == "." {
				break
			}
			group = path.Dir(group)
		}
	}
	return max(count, 1)
}

// quota reads the "quota period" (both in microseconds) of cpu.max.
func quota(line string) int {
	limit, period, _ := strings.Cut(strings.TrimSpace(line), " ")
	l, err1 := strconv.ParseFloat(limit, 64)
	p, err2 := strconv.ParseFloat(period, 64)
	if err1 != nil || err2 != nil || l <= 0 || p <= 0 { // "max" is no number
		return math.MaxInt
	}
	return int(math.Ceil(l / p))
}
