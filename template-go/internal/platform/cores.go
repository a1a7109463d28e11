package platform

import (
	"math"
	"runtime"
	"strconv"
	"strings"
)

// Cores is how many CPUs the affinity mask and the cgroup v2 quota (rounded up) leave to this process, at least one.
// GOMAXPROCS is no measure of it: Go never takes it below two.
func Cores() int {
	group, found := ownCgroup()
	if !found {
		return runtime.NumCPU()
	}
	return cores(runtime.NumCPU(), group)
}

// cores takes the smallest quota.
func cores(affinity int, group cgroup) int {
	count := affinity
	for line := range group.limits("cpu.max") {
		count = min(count, quota(line))
	}
	return max(count, 1)
}

// quota reads the "quota period" (both in microseconds) of cpu.max.
func quota(line string) int {
	limit, period, _ := strings.Cut(line, " ")
	l, err1 := strconv.ParseFloat(limit, 64)
	p, err2 := strconv.ParseFloat(period, 64)
	if err1 != nil || err2 != nil || l <= 0 || p <= 0 { // "max" is no number
		return math.MaxInt
	}
	return int(math.Ceil(l / p))
}
