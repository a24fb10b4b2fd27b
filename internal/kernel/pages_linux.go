package kernel

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// isHuge reports whether the mapping that holds addr has transparent huge pages,
// according to /proc/self/smaps: after a line with the bounds of each mapping
// come lines like "AnonHugePages:      2048 kB".
func isHuge(addr uintptr) bool {
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return false
	}
	defer f.Close()
	inside := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var lo, hi uintptr
		var kib int
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &lo, &hi); n == 2 {
			inside = lo <= addr && addr < hi
		}
		if value, ok := strings.CutPrefix(lines.Text(), "AnonHugePages:"); ok && inside {
			_, err := fmt.Sscanf(value, "%d kB", &kib)
			return err == nil && kib > 0
		}
	}
	return false
}
