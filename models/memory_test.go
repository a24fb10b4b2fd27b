package models

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestAvailable reads the files of several kinds of machine.
func TestAvailable(t *testing.T) {
	const meminfo = "MemTotal:  16000000 kB\nMemAvailable:    8000000 kB\n"
	for _, c := range []struct {
		reason string
		files  map[string]string
		want   int64
	}{
		{"no files to read", nil, unlimited},
		{"a plain machine", map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n"}, 8_192_000_000},
		{"a container's limit, its file cache counted as free", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "4000\n", "sys/fs/cgroup/memory.current": "1500\n",
			"sys/fs/cgroup/memory.stat": "anon 1000\ninactive_file 300\n"}, 2800},
		{"no limit", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a\n",
			"sys/fs/cgroup/a/memory.max": "max\n", "sys/fs/cgroup/a/memory.current": "1500\n"}, 8_192_000_000},
		{"a limit of the parent", map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/b/memory.current": "10\n",
			"sys/fs/cgroup/a/memory.max": "100", "sys/fs/cgroup/a/memory.current": "20"}, 80},
		{"more in use than the limit", map[string]string{
			"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "100", "sys/fs/cgroup/a/memory.current": "120"}, 0},
		{"the first version of control groups", map[string]string{
			"proc/self/cgroup": "5:memory:/docker/x\n4:cpu:/\n",
			"sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": "5000", "sys/fs/cgroup/memory/docker/x/memory.usage_in_bytes": "1000",
			"sys/fs/cgroup/memory/docker/x/memory.stat": "total_inactive_file 7\n"}, 4007},
		{"files of nonsense", map[string]string{"proc/meminfo": "MemAvailable: lots\n", "proc/self/cgroup": "x\n"}, unlimited},
	} {
		files := fstest.MapFS{}
		for name, text := range c.files {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := available(files); got != c.want {
			t.Errorf("%s: %d bytes, want %d", c.reason, got, c.want)
		}
	}
}

// TestCompareMemory: the error says how much, and names the way out.
func TestCompareMemory(t *testing.T) {
	if err := compareMemory(10, 10); err != nil {
		t.Error(err)
	}
	err := compareMemory(5_890_000_000, 2_000_000_000)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"5.89 GB needed", "2.00 GB available", "table_scale"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v: does not say %q", err, want)
		}
	}
}
