package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"runexp/internal/atomicfile"
	"runexp/internal/timing"
	"runexp/pipeline/cache"
)

// CleanOptions says how much Clean removes of what it may.
type CleanOptions struct {
	OlderThan time.Duration // only what was stored longer ago
	MaxBytes  int64         // only until the cache is no larger, the oldest first; negative: no limit, all goes
	Dry       bool          // nothing: say what would go
}

// Cleaned is what Clean removed, and what is left.
type Cleaned struct {
	Actions    int   // records of runs that no manifest refers to
	Objects    int   // their outputs
	Parts      int   // of stages that were stopped: these start over
	Temps      int   // unfinished files of runs that were killed
	Bytes      int64 // of all these
	Left       int   // files in the cache
	LeftBytes  int64
	Referenced int64 // bytes of LeftBytes that a manifest refers to
}

// Clean removes from the cache of a results folder what no manifest in it
// refers to, and the unfinished files of killed runs there and in the folders
// of its experiments. It never removes what a manifest refers to, and removes
// nothing while a run uses the folder or a manifest in it is damaged.
func Clean(results string, o CleanOptions) (Cleaned, error) {
	c := cacheIn(results)
	if _, err := os.Stat(results); err != nil {
		return Cleaned{}, err
	}
	leave, err := c.Alone()
	if errors.Is(err, atomicfile.ErrLocked) {
		return Cleaned{}, fmt.Errorf("%s: a run is using it: clean when it has ended", results)
	}
	if err != nil {
		return Cleaned{}, err
	}
	defer leave()
	w := &cleaning{cache: c, o: o, now: timing.Date(), kept: map[string]bool{}, uses: map[string]int{}}
	if err := w.readManifests(results); err != nil {
		return Cleaned{}, err
	}
	if w.list, err = c.List(); err != nil {
		return Cleaned{}, err
	}
	w.choose()
	defer w.release()
	if err := w.temps(); err != nil {
		return Cleaned{}, err
	}
	return w.sum(), w.remove()
}

// cleaning is the state of one call of Clean.
type cleaning struct {
	cache   *cache.Cache
	o       CleanOptions
	now     time.Time
	folders []string        // of the experiments
	held    []func()        // gives the locked ones back
	kept    map[string]bool // IDs of actions and objects that a manifest refers to
	uses    map[string]int  // for an object, the records left that name it
	list    []cache.Entry   // what is there
	gone    []cache.Entry   // what of it goes, records before the outputs they name
}

// readManifests takes note of what the experiments refer to.
func (w *cleaning) readManifests(results string) error {
	list, err := os.ReadDir(results) // no pattern: the path may hold its signs
	if err != nil {
		return err
	}
	for _, d := range list {
		dir := filepath.Join(results, d.Name())
		if info, err := os.Stat(dir); err == nil && !info.IsDir() {
			continue
		}
		m, err := ReadManifest(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%w: what it refers to is not known; run the experiment, or remove its folder", err)
		}
		w.folders = append(w.folders, dir)
		for _, r := range m.Stages {
			w.kept[r.ActionID] = true
			for _, f := range r.Files {
				w.kept[f.OutputID] = true
			}
		}
	}
	return nil
}

// choose picks what goes, oldest first. An object goes with the last record
// that names it.
func (w *cleaning) choose() {
	var total int64
	objects := map[string]cache.Entry{}
	outputs := map[string][]string{} // of an action
	for _, e := range w.list {
		total += e.Bytes
		switch e.Kind {
		case cache.Object:
			objects[e.ID] = e
		case cache.Action:
			outputs[e.ID] = w.outputs(e.ID)
			for _, id := range outputs[e.ID] {
				w.uses[id]++
			}
		}
	}
	slices.SortStableFunc(w.list, func(a, b cache.Entry) int {
		return cmp.Or(a.Stored.Compare(b.Stored), cmp.Compare(a.Kind, b.Kind))
	})
	drop := func(e cache.Entry) {
		w.gone = append(w.gone, e)
		total -= e.Bytes
	}
	for _, e := range w.list {
		switch {
		case e.Kind == cache.Temp:
			drop(e)
		case w.kept[e.ID] && e.Kind != cache.Part || w.now.Sub(e.Stored) < w.o.OlderThan || w.o.MaxBytes >= 0 && total <= w.o.MaxBytes:
		case e.Kind == cache.Object:
			if w.uses[e.ID] == 0 {
				drop(e)
			}
		default:
			drop(e)
			for _, id := range outputs[e.ID] {
				w.uses[id]--
				if o, ok := objects[id]; ok && w.uses[id] == 0 && !w.kept[id] && o.Stored.Before(e.Stored) { // else it is still to come
					drop(o)
				}
			}
		}
	}
}

// outputs returns the objects that a record names; a damaged one names none.
func (w *cleaning) outputs(action string) (ids []string) {
	data, err := w.cache.Lookup(action)
	if err != nil {
		return nil
	}
	e, err := parseEntry(action, data)
	if err != nil {
		return nil
	}
	for _, o := range e.Outputs {
		ids = append(ids, o.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// temps adds the unfinished files in the folders of the experiments. Their
// writers are dead: a living one holds the lock of the folder, which is kept
// until all is removed. Other folders may be somebody else's.
func (w *cleaning) temps() error {
	for _, dir := range w.folders {
		unlock, err := atomicfile.TryLock(dir)
		if errors.Is(err, atomicfile.ErrLocked) {
			continue
		}
		if err != nil {
			return err
		}
		w.held = append(w.held, unlock)
		if err := eachTemp(dir, w.temp); err != nil {
			return err
		}
	}
	return nil
}

func (w *cleaning) temp(path string, d fs.DirEntry) error {
	info, err := d.Info()
	if err == nil {
		w.gone = append(w.gone, cache.Entry{Kind: cache.Temp, Path: path, Bytes: info.Size()})
	}
	return err
}

func (w *cleaning) release() {
	for _, unlock := range w.held {
		unlock()
	}
}

func (w *cleaning) sum() (c Cleaned) {
	gone := map[string]bool{}
	for _, e := range w.gone {
		gone[e.Path] = true
		c.Bytes += e.Bytes
		switch e.Kind {
		case cache.Action:
			c.Actions++
		case cache.Object:
			c.Objects++
		case cache.Part:
			c.Parts++
		case cache.Temp:
			c.Temps++
		}
	}
	for _, e := range w.list {
		if gone[e.Path] {
			continue
		}
		c.Left++
		c.LeftBytes += e.Bytes
		if w.kept[e.ID] {
			c.Referenced += e.Bytes
		}
	}
	return c
}

func (w *cleaning) remove() error {
	if w.o.Dry {
		return nil
	}
	for _, e := range w.gone {
		if err := w.cache.Remove(e); err != nil {
			return err
		}
	}
	return nil
}
