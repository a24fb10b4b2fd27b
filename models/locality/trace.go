package locality

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"runexp/internal/npz"
)

// ReadTrace reads the rows that were accessed, in order: an .npz archive with
// one array of integers, or a text with one number per line.
func ReadTrace(path string) ([]int32, error) {
	if strings.HasSuffix(path, ".npz") {
		return readArchive(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	trace, err := parseTrace(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return trace, nil
}

func readArchive(path string) ([]int32, error) {
	arrays, err := npz.Read(path)
	if err != nil {
		return nil, err
	}
	if len(arrays) != 1 {
		return nil, fmt.Errorf("%s: %d arrays, want one", path, len(arrays))
	}
	var trace []int32
	for name, a := range arrays {
		if trace, err = a.Ints(); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, name, err)
		}
		for i, row := range trace {
			if row < 0 {
				return nil, fmt.Errorf("%s: %s: element %d: %d is negative", path, name, i, row)
			}
		}
	}
	if len(trace) == 0 {
		return nil, fmt.Errorf("%s: no accesses", path)
	}
	return trace, nil
}

func parseTrace(r io.Reader) ([]int32, error) {
	var trace []int32
	lines := bufio.NewScanner(r)
	for line := 1; lines.Scan(); line++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			continue
		}
		row, err := strconv.ParseInt(text, 10, 32)
		if err != nil || row < 0 {
			return nil, fmt.Errorf("line %d: %q is not a row", line, text)
		}
		trace = append(trace, int32(row))
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(trace) == 0 {
		return nil, fmt.Errorf("no accesses")
	}
	return trace, nil
}

// WriteTrace writes one row per line.
func WriteTrace(w io.Writer, trace []int32) error {
	b := bufio.NewWriter(w)
	for _, row := range trace {
		b.WriteString(strconv.Itoa(int(row)))
		b.WriteByte('\n')
	}
	return b.Flush()
}
