package cache

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestObjects(t *testing.T) {
	c := New(t.TempDir())
	id, err := c.Put([]byte("rows"))
	if err != nil || id != Sum([]byte("rows")) {
		t.Fatalf("got %s, %v", id, err)
	}
	if again, err := c.Put([]byte("rows")); err != nil || again != id {
		t.Errorf("put twice: %s, %v", again, err)
	}
	if data, err := c.Get(id); err != nil || string(data) != "rows" || c.Check(id) != nil {
		t.Errorf("got %q, %v, %v", data, err, c.Check(id))
	}
	if _, err := c.Get(Sum(nil)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("one that is not there: error %v", err)
	}
	if err := os.WriteFile(c.ObjectPath(id), []byte("rowz"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get(id); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.ObjectPath(id)) {
		t.Errorf("a damaged one: error %v", err)
	}
	if err := c.Check(id); !errors.Is(err, ErrDamaged) {
		t.Errorf("a damaged one: check %v", err)
	}
	if _, err := c.Put([]byte("rows")); err != nil || c.Check(id) != nil {
		t.Errorf("put over a damaged one: %v, %v", err, c.Check(id))
	}
}

func TestActions(t *testing.T) {
	c := New(t.TempDir())
	id, other := ID([]string{"a"}), ID([]string{"b"})
	if _, err := c.Lookup(id); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("one that is not there: error %v", err)
	}
	for _, record := range []string{"first", "second\nline", ""} {
		if err := c.Record(id, []byte(record)); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Lookup(id); err != nil || string(got) != record {
			t.Errorf("got %q, %v, want %q", got, err, record)
		}
	}
	if err := os.Rename(c.ActionPath(id), c.ActionPath(other)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Lookup(other); !errors.Is(err, ErrDamaged) {
		t.Errorf("another action's record: error %v", err)
	}
}

// TestNames gives names that must not become paths.
func TestNames(t *testing.T) {
	c := New(t.TempDir())
	for _, id := range []string{"", "..", "../../etc/passwd", strings.Repeat("z", 64), strings.Repeat("a", 62)} {
		_, get := c.Get(id)
		_, lookup := c.Lookup(id)
		for _, err := range []error{get, lookup, c.Check(id)} {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%q: error %v", id, err)
			}
		}
	}
}

func TestHash(t *testing.T) {
	var h Hash
	h.Line("stage %s v%d", "fit", 3)
	h.Line("config a=%q", "x")
	h.Line("a\nb")
	h.Line(`"a\nb"`)
	want := []string{"stage fit v3", `config a="x"`, `"a\nb"`, `"\"a\\nb\""`}
	if !slices.Equal(h.Lines(), want) {
		t.Errorf("got %q, want %q", h.Lines(), want)
	}
	if h.ID() != ID(want) || h.ID() == ID(want[:3]) || ID([]string{"a", "b"}) == ID([]string{"a\nb", ""}) {
		t.Error("the ID does not depend on the lines alone, or not on all")
	}
}

func FuzzUnseal(f *testing.F) {
	id := ID([]string{"a"})
	f.Add([]byte("record"))
	f.Add(append(header(id, []byte("record")), "record"...))
	f.Fuzz(func(t *testing.T, data []byte) {
		record, ok := unseal(id, data)
		if ok && string(append(header(id, record), record...)) != string(data) {
			t.Error("taken, but not what is written")
		}
	})
}
