package models

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// CheckMemory fails if the model with one engine, and so many bytes more, do not
// fit into what is available now.
func (g *Graph) CheckMemory(more int64) error { return checkMemory(g.MemoryBytes(1) + more) }

// checkMemory fails if need bytes are more than this machine, or the control
// group that this process runs in, can still give.
func checkMemory(need int64) error {
	return compareMemory(need, available(os.DirFS("/")))
}

// compareMemory fails if need is more than have, naming the way out.
func compareMemory(need, have int64) error {
	if need <= have {
		return nil
	}
	return fmt.Errorf("not enough memory: %s needed, %s available; a table_scale below 1 makes the tables smaller",
		gigabytes(need), gigabytes(have))
}

// gigabytes writes a size.
func gigabytes(n int64) string {
	return fmt.Sprintf("%.2f GB", float64(n)/1e9)
}

// unlimited stands for an amount of memory that is not known.
const unlimited = math.MaxInt64

// available returns how many bytes can be allocated without swapping, as far
// as the files of a Linux system tell.
func available(root fs.FS) int64 {
	have := int64(unlimited)
	if kb, ok := field(root, "proc/meminfo", "MemAvailable:"); ok {
		have = kb * 1024
	}
	return min(have, groupAvailable(root))
}

// groupAvailable returns the least that any control group around this process
// has left, by either version of the interface.
func groupAvailable(root fs.FS) int64 {
	have := int64(unlimited)
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return have
	}
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		switch {
		case parts[0] == "0":
			have = min(have, upwards(root, "sys/fs/cgroup", parts[2], "memory.max", "memory.current", "inactive_file"))
		case parts[1] == "memory":
			have = min(have, upwards(root, "sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"))
		}
	}
	return have
}

// upwards returns the least that a group and its parents have left: limit less
// use, where file pages not recently used count as free because the kernel
// drops them first.
func upwards(root fs.FS, mount, group, limitFile, usageFile, reclaimable string) int64 {
	have := int64(unlimited)
	for dir := path.Clean("/" + group); ; dir = path.Dir(dir) {
		base := path.Join(mount, dir)
		limit, limited := number(root, path.Join(base, limitFile))
		usage, used := number(root, path.Join(base, usageFile))
		if limited && used {
			cache, _ := field(root, path.Join(base, "memory.stat"), reclaimable)
			have = min(have, max(0, limit-usage+cache))
		}
		if dir == "/" {
			return have
		}
	}
}

// number reads a file that holds one number; "max" and a missing file are none.
func number(root fs.FS, name string) (int64, bool) {
	data, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(data)), 10, 64)
	return n, err == nil
}

// field reads the number after a name in a file of such lines.
func field(root fs.FS, file, name string) (int64, bool) {
	data, err := fs.ReadFile(root, file)
	if err != nil {
		return 0, false
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) > 1 && words[0] == name {
			n, err := strconv.ParseInt(words[1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
