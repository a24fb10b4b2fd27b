package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"runexp/internal/atomicfile"
	"runexp/pipeline/artifact"
	"runexp/pipeline/cache"
)

// folder is an experiment's folder and the cache beside it.
type folder struct {
	experiment string
	dir        string
	cache      *cache.Cache
}

func openFolder(results, experiment string) folder {
	return folder{experiment, filepath.Join(results, experiment), cacheIn(results)}
}

func cacheIn(results string) *cache.Cache { return cache.New(filepath.Join(results, ".cache")) }

// sweep removes the unfinished files of runs that were killed. Whoever writes
// into the folder holds its lock, so under the lock every such file is dead.
func (f folder) sweep(ctx context.Context) error {
	if _, err := os.Stat(f.dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	unlock, err := f.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return eachTemp(f.dir, func(path string, _ fs.DirEntry) error { return os.Remove(path) })
}

// eachTemp calls do for every unfinished file below dir.
func eachTemp(dir string, do func(path string, d fs.DirEntry) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(d.Name(), atomicfile.TempPrefix) {
			return err
		}
		return do(path, d)
	})
}

// lock waits until nobody else writes into the folder.
func (f folder) lock(ctx context.Context) (unlock func(), err error) {
	return obtain(ctx, func() (func(), error) { return atomicfile.Lock(f.dir) })
}

// enter takes note of a user of the cache.
func (f folder) enter(ctx context.Context) (leave func(), err error) {
	return obtain(ctx, f.cache.Enter)
}

// obtain takes a lock unless ctx is done before it is free. The wait of the
// system cannot be broken off: it goes on aside, and what it gets is given back.
func obtain(ctx context.Context, lock func() (func(), error)) (func(), error) {
	var unlock func()
	var err error
	over := make(chan struct{})
	go func() {
		unlock, err = lock()
		close(over)
	}()
	select {
	case <-over:
		return unlock, err
	case <-ctx.Done():
	}
	go func() {
		if <-over; err == nil {
			unlock()
		}
	}()
	return nil, ctx.Err()
}

// state is how the files of an entry stand on disk.
type state struct {
	lost   []output // neither in the cache nor in the folder: the stage must run
	heal   []output // in the folder, but missing or damaged in the cache
	write  []output // in the cache, but missing or different in the folder, table or sidecar
	notes  []string // what is wrong with files that something vouched for, and what a run does about it
	faults []string // the same for files of the folder, without what a run does
	stale  bool     // the manifest does not say what the folder should hold
}

func (s *state) sound() bool { return len(s.lost)+len(s.heal)+len(s.write) == 0 && !s.stale }

// inspect compares the files of an entry with their hashes, in the folder and
// in the cache.
func (f folder) inspect(e *entry) (*state, error) {
	m, damaged := loadManifest(f.experiment, f.dir)
	s, err := f.inspectBy(m, e)
	if err == nil && damaged {
		s.notes = append([]string{manifestName + ": damaged: written again"}, s.notes...)
	}
	return s, err
}

// inspectBy is inspect under a manifest that says what is known to be there.
func (f folder) inspectBy(m *Manifest, e *entry) (*state, error) {
	s := new(state)
	want, err := e.record()
	if err != nil {
		return nil, err
	}
	r := m.stage(e.Stage)
	s.stale = r == nil || !r.equal(want)
	for i, o := range e.Outputs {
		s.add(o, f.check(want.Files[i], m.file(o.Name)), f.cache.Check(o.ID))
	}
	return s, nil
}

// problem is what is wrong with a file in the folder.
type problem struct {
	differs bool   // the file is not what it should be
	sidecar bool   // its sidecar is not
	note    string // empty if that is no surprise: another run's file, or none yet
}

// check compares a file and its sidecar with what they should be. If they
// differ, it is a surprise unless the manifest knows them as they are.
func (f folder) check(want File, known *File) problem {
	if known == nil {
		known = new(File)
	}
	path := filepath.Join(f.dir, filepath.FromSlash(want.Name))
	file, fileNote := compare(path, want.OutputID, known.OutputID)
	side, sideNote := compare(path+artifact.SidecarSuffix, want.Sidecar, known.Sidecar)
	switch {
	case fileNote != "":
		return problem{!file, !side, want.Name + ": " + fileNote}
	case sideNote != "":
		return problem{!file, !side, want.Name + artifact.SidecarSuffix + ": " + sideNote}
	}
	return problem{!file, !side, ""}
}

// compare reports whether the file at path has the hash wanted, and if it has
// neither that nor the one known to be there, what is wrong with it.
func compare(path, want, known string) (same bool, note string) {
	got, err := cache.SumFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && known == "":
		return false, ""
	case errors.Is(err, fs.ErrNotExist):
		return false, "missing"
	case err != nil:
		return false, "unreadable"
	case got != want && got != known:
		return false, "truncated, changed or foreign"
	}
	return got == want, ""
}

func (s *state) add(o output, p problem, object error) {
	switch {
	case object != nil && p.differs:
		s.lost = append(s.lost, o)
		s.faults = append(s.faults, o.Name+": sound neither in the folder nor in the cache")
		s.notes = append(s.notes, fmt.Sprintf("%s: its copy in the cache is %s: the stage runs again", o.Name, fault(object)))
		return
	case object != nil:
		s.heal = append(s.heal, o)
		s.notes = append(s.notes, fmt.Sprintf("%s: its copy in the cache is %s: copied from the folder", o.Name, fault(object)))
	}
	if p.differs || p.sidecar {
		s.write = append(s.write, o)
	}
	if p.note != "" {
		s.notes = append(s.notes, p.note+": written again from the cache")
		s.faults = append(s.faults, p.note)
	}
}

// fault says in a word what is wrong with a cache object.
func fault(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "missing"
	case errors.Is(err, cache.ErrDamaged):
		return "damaged"
	}
	return "unreadable"
}

// settle makes the folder hold what the entry says, from the cache, and
// returns how it found the folder. If an output is lost it changes nothing.
func (f folder) settle(ctx context.Context, e *entry) (*state, error) {
	s, err := f.inspect(e)
	if err != nil || s.sound() || len(s.lost) > 0 {
		return s, err
	}
	unlock, err := f.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if s, err = f.inspect(e); err != nil || len(s.lost) > 0 { // another process may have been at it
		return s, err
	}
	for _, o := range s.heal {
		data, err := os.ReadFile(f.path(o))
		if err != nil {
			return nil, err
		}
		if _, err := f.cache.Put(data); err != nil { // named by what was read, whatever it is
			return nil, err
		}
	}
	for _, o := range s.write {
		if err := f.install(e, o); err != nil {
			return nil, err
		}
	}
	return s, f.register(e)
}

func (f folder) path(o output) string { return filepath.Join(f.dir, filepath.FromSlash(o.Name)) }

// install writes an output and its sidecar into the folder.
func (f folder) install(e *entry, o output) error {
	data, err := f.cache.Get(o.ID)
	if err != nil {
		return err
	}
	side, err := marshal(e.meta(o))
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(f.path(o), data); err != nil {
		return err
	}
	return atomicfile.WriteBytes(f.path(o)+artifact.SidecarSuffix, side)
}

// register puts the entry into the manifest and removes the files that the stage
// put out before and does not any more.
func (f folder) register(e *entry) error {
	m, _ := loadManifest(f.experiment, f.dir)
	r, err := e.record()
	if err != nil {
		return err
	}
	gone := m.put(r)
	if err := m.write(f.dir); err != nil {
		return err
	}
	for _, name := range gone {
		path := filepath.Join(f.dir, filepath.FromSlash(name))
		for _, p := range []string{path, path + artifact.SidecarSuffix} {
			if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// load returns the bytes of an output: the cache's, or else the folder's copy.
func (f folder) load(o output) ([]byte, error) {
	data, err := f.cache.Get(o.ID)
	if err == nil {
		return data, nil
	}
	if copied, e := os.ReadFile(f.path(o)); e == nil && cache.Sum(copied) == o.ID {
		return copied, nil
	}
	return nil, fmt.Errorf("%s: changed during the run: %w", o.Name, err)
}

// find returns the record of an action and nil, or why there is none.
func (f folder) find(action string, tables []artifact.Table) (*entry, error) {
	data, err := f.cache.Lookup(action)
	if err != nil {
		return nil, err
	}
	e, err := parseEntry(action, data)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(tables, func(t artifact.Table) bool { return e.table(t.Name).Schema != t.Schema }) {
		return nil, fmt.Errorf("%w: tables are missing", cache.ErrDamaged)
	}
	return e, nil
}
