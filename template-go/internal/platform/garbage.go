package platform

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
)

const (
	// A service has little in use at a time and makes much garbage, so Go's own 100 percent would collect it many times a
	// second: that is where a good part of the processor's time went.
	garbagePercent = 400
	// What Go counts is not all that a process takes.
	memoryShare = 0.9
)

// CollectGarbageLess lets garbage come to four times what is in use, and to no more than the cgroup's memory holds. Whoever
// sets GOGC or GOMEMLIMIT has the last word.
func CollectGarbageLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if group, found := ownCgroup(); found && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit(group))
	}
}

// memoryLimit takes the smallest limit; without any there is none, as Go has it.
func memoryLimit(group cgroup) int64 {
	limit := int64(math.MaxInt64)
	for line := range group.limits("memory.max") {
		if n, err := strconv.ParseInt(line, 10, 64); err == nil && n > 0 { // "max" is no number
			limit = min(limit, int64(memoryShare*float64(n)))
		}
	}
	return limit
}
