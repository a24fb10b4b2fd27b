package pipeline

import (
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk runs the crash experiment where no file may grow beyond a limit,
// which fails writes as a full disk does, at every place where one may first
// run out: the log of parts, a table, a figure. The run says what it could not
// write, nothing with a name is half-written, and with room again the
// experiment goes on to the tables of a run that never failed. A part that could
// not be kept is made again.
func TestFullDisk(t *testing.T) {
	if dir := os.Getenv("PIPELINE_TEST_FULL"); dir != "" {
		limit, err := strconv.ParseUint(os.Getenv("PIPELINE_TEST_LIMIT"), 10, 64)
		must(t, err)
		signal.Ignore(syscall.SIGXFSZ)
		must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}))
		must(t, crashRun(t, dir, "before"))
		return
	}
	clean := t.TempDir()
	must(t, crashRun(t, clean, "log"))
	want := tree(t, filepath.Join(clean, "results"))
	for _, limit := range []int{1 << 10, 8 << 10, 16 << 10, 32 << 10} {
		t.Run(strconv.Itoa(limit), func(t *testing.T) {
			t.Parallel()
			c := crash{dir: t.TempDir()}
			child := c.start("before")
			child.Args[1] = "-test.run=^TestFullDisk$"
			child.Env = append(child.Env, "PIPELINE_TEST_FULL="+c.dir, "PIPELINE_TEST_LIMIT="+strconv.Itoa(limit))
			out, err := child.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "file too large") || strings.Contains(string(out), "panic") {
				t.Errorf("a process that may write %d bytes: %v\n%s", limit, err, out)
			}
			said := crashLog{filepath.Join(c.dir, "before")}.lines()
			ended := slices.DeleteFunc(slices.Clone(said), func(line string) bool { return !strings.HasPrefix(line, "done ") })
			if err := c.recover(t, ended, want); err != nil {
				t.Errorf("full after %d bytes, %s: %v", limit, whereabouts(said), err)
			}
		})
	}
}

// A results folder, or its cache, that cannot be made is an error that names it.
func TestNoFolder(t *testing.T) {
	for _, name := range []string{"results", "results/.cache"} {
		dir := t.TempDir()
		file := filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		must(t, os.WriteFile(file, []byte("in the way"), 0o644))
		if err := crashRun(t, dir, "log"); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s is a file: %v", name, err)
		}
	}
}
