package platform

import "testing"

func TestCores(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		membership string
		files      map[string]string
		want       int
	}{
		"no quota":             {"0::/\n", map[string]string{"/sys/fs/cgroup/cpu.max": "max 100000\n"}, 8},
		"no cgroup v2":         {"4:cpu:/a\n", nil, 8},
		"rounded up":           {"0::/\n", map[string]string{"/sys/fs/cgroup/cpu.max": "150000 100000\n"}, 2},
		"at least one":         {"0::/\n", map[string]string{"/sys/fs/cgroup/cpu.max": "1000 100000\n"}, 1},
		"never above affinity": {"0::/\n", map[string]string{"/sys/fs/cgroup/cpu.max": "1600000 100000\n"}, 8},
		"a parent binds":       {"1:x:/\n0::/a/b\n", map[string]string{"/sys/fs/cgroup/a/cpu.max": "300000 100000"}, 3},
		"the smallest of both": {"0::/a\n", map[string]string{
			"/sys/fs/cgroup/a/cpu.max": "4 1", "/sys/fs/cgroup/cpu.max": "2 1",
		}, 2},
		"nonsense is no quota":  {"0::/\n", map[string]string{"/sys/fs/cgroup/cpu.max": "lots"}, 8},
		"zero is not a number ": {"0::/\n", map[string]string{"/sys/fs/cgroup/cpu.max": "0 0"}, 8},
	} {
		got := cores(8, cgroup{c.membership, func(file string) string { return c.files[file] }})
		equal(t, name, got, c.want)
	}
	if Cores() < 1 {
		t.Error("this machine has no core")
	}
}
