package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "b.txt")
	if err := WriteBytes(path, []byte("one")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := Write(path, func(w io.Writer) error {
		if _, err := w.Write([]byte("half")); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "one" {
		t.Errorf("after a failed write: %q, %v, want the old content", got, err)
	}
	if err := WriteBytes(path, []byte("two")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "two" {
		t.Errorf("after a second write: %q, %v", got, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("temporary files are left: %v, %v", entries, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v, %v, want 0644", info.Mode(), err)
	}
}

// A folder where the file belongs is named, and nothing is left beside it.
func TestWriteOverDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table")
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteBytes(path, []byte("one")); err == nil || err.Error() != path+": is a directory" {
		t.Errorf("got %v, want %s: is a directory", err, path)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("temporary files are left: %v, %v", entries, err)
	}
}

func TestLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	var wg sync.WaitGroup
	var inside, total atomic.Int32
	for range 8 {
		wg.Go(func() {
			unlock, err := Lock(dir)
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			if n := inside.Add(1); n != 1 {
				t.Errorf("%d holders at once", n)
			}
			runtime.Gosched()
			inside.Add(-1)
			total.Add(1)
		})
	}
	wg.Wait()
	if n := total.Load(); n != 8 {
		t.Errorf("%d holders in all, want 8", n)
	}
}

// Sharers do not mind each other; one who would be alone does.
func TestShare(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	one, err := Share(dir)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Share(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, leave := range []func(){one, two} {
		if _, err := TryLock(dir); !errors.Is(err, ErrLocked) {
			t.Errorf("while it is shared: %v", err)
		}
		leave()
	}
	unlock, err := TryLock(dir)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

// A lock file says who holds it, and serves whoever may only read it.
func TestTryLockFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	for _, who := range []string{"a long name of the first", "second"} {
		unlock, _, err := TryLockFile(path, who)
		if err != nil {
			t.Fatal(err)
		}
		if _, holder, err := TryLockFile(path, "other"); !errors.Is(err, ErrLocked) || holder != who {
			t.Errorf("held by %q: %q, %v", who, holder, err)
		}
		unlock()
	}
	if err := os.WriteFile(path, []byte("one that died\n"), 0o444); err != nil {
		t.Fatal(err)
	}
	unlock, holder, err := TryLockFile(path, "heir")
	if err != nil || holder != "" {
		t.Errorf("after a dead holder: %q, %v", holder, err)
	}
	unlock()
	if _, _, err := TryLockFile(filepath.Join(path, "no", "folder"), ""); err == nil {
		t.Error("no error where no file can be")
	}
}
