package platform

import (
	"iter"
	"os"
	"path"
	"strings"
)

const cgroupRoot = "/sys/fs/cgroup"

// cgroup is the cgroup v2 that this process is in, as /proc/self/cgroup names it.
type cgroup struct {
	membership string
	read       func(name string) string // empty where there is no such file: then there is no such limit
}

// ownCgroup fails where there are no cgroups.
func ownCgroup() (group cgroup, found bool) {
	membership, err := os.ReadFile("/proc/self/cgroup")
	return cgroup{membership: string(membership), read: func(name string) string {
		content, _ := os.ReadFile(name)
		return string(content)
	}}, err == nil
}

// limits are what a file says on the way from the process's own group up to the root: each of them binds.
func (c cgroup) limits(file string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(c.membership) {
			group, found := strings.CutPrefix(strings.TrimSpace(line), "0::")
			for found {
				if !yield(strings.TrimSpace(c.read(path.Join(cgroupRoot, group, file)))) {
					return
				}
				found = group != "/" && group != "."
				group = path.Dir(group)
			}
		}
	}
}
