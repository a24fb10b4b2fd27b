package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"runexp/pipeline/artifact"
	"runexp/pipeline/cache"
)

// Lineage is where a table or figure came from.
type Lineage struct {
	artifact.Meta
	From     []*Lineage `json:"from,omitempty"`     // what it was made from; an artifact used twice is one Lineage
	Problems []string   `json:"problems,omitempty"` // where the files at hand disagree with the record
}

// WhyFile walks a table or figure back to what it was made from, by the
// sidecars beside it. Results is the folder whose cache may know artifacts that
// are no longer there; it may be empty.
func WhyFile(path, results string) (*Lineage, error) {
	given := path
	path = strings.TrimSuffix(path, artifact.SidecarSuffix) // of the file, or of its sidecar
	m, err := artifact.ReadMeta(path)
	if err != nil {
		return nil, fmt.Errorf("%s: no sidecar to say where it came from: %w", path, err)
	}
	if m.Name == "" {
		return nil, fmt.Errorf("%s: not the sidecar of a table or figure", sidecarOf(given))
	}
	dir, ok := strings.CutSuffix(filepath.ToSlash(filepath.Clean(path)), m.Name)
	if !ok || dir != "" && !strings.HasSuffix(dir, "/") {
		return nil, fmt.Errorf("%s: its sidecar is that of %s", path, m.Name)
	}
	w := walk{dir: filepath.Join(".", dir), cache: cacheIn(results), seen: map[string]*Lineage{}}
	if filepath.IsAbs(path) {
		w.dir = filepath.Clean(dir)
	}
	return w.from(m), nil
}

// sidecarOf is the sidecar that was read for the file given, or that file.
func sidecarOf(given string) string {
	return strings.TrimSuffix(given, artifact.SidecarSuffix) + artifact.SidecarSuffix
}

// walk goes from artifacts to their inputs.
type walk struct {
	dir   string // the experiment's folder
	cache *cache.Cache
	seen  map[string]*Lineage // by action and name; nil while it is being walked
}

// from returns the lineage of the artifact with this sidecar.
func (w *walk) from(m artifact.Meta) *Lineage {
	key := m.ActionID + " " + m.Name
	if l, walked := w.seen[key]; l != nil {
		return l
	} else if walked { // no hash allows it, so a sidecar is made up
		return &Lineage{Meta: m, Problems: []string{m.Name + ": its sidecar names itself as an input"}}
	}
	w.seen[key] = nil
	l := &Lineage{Meta: m, Problems: w.problems(m)}
	for _, in := range m.Inputs {
		input, err := w.input(in)
		if err != nil {
			l.Problems = append(l.Problems, fmt.Sprintf("input %s of stage %s: %v", in.Table, in.Stage, err))
			continue
		}
		l.From = append(l.From, w.from(input))
	}
	w.seen[key] = l
	return l
}

// input finds the sidecar of an input: beside the artifact if that is still
// the one used, otherwise in the cache.
func (w *walk) input(in artifact.Input) (artifact.Meta, error) {
	beside, errBeside := artifact.ReadMeta(filepath.Join(w.dir, artifact.Table{Name: in.Table}.File()))
	if errBeside == nil && beside.OutputID == in.OutputID {
		return beside, nil
	}
	data, err := w.cache.Lookup(in.ActionID)
	if err == nil {
		var e *entry
		if e, err = parseEntry(in.ActionID, data); err == nil && e.table(in.Table).ID == in.OutputID {
			return e.meta(e.table(in.Table)), nil
		}
	}
	if errBeside == nil {
		return artifact.Meta{}, fmt.Errorf("the folder holds another one, and the cache does not know the one used")
	}
	return artifact.Meta{}, fmt.Errorf("neither the folder nor the cache knows it")
}

// problems compares an artifact that is in the folder with its record.
func (w *walk) problems(m artifact.Meta) (list []string) {
	path := filepath.Join(w.dir, filepath.FromSlash(m.Name))
	if beside, err := artifact.ReadMeta(path); err != nil || beside.ActionID != m.ActionID {
		return nil // not in the folder: there is nothing to compare
	}
	if got, err := cache.SumFile(path); err != nil {
		list = append(list, fmt.Sprintf("%s: %v", m.Name, err))
	} else if got != m.OutputID {
		list = append(list, m.Name+": its bytes are not those in its sidecar")
	}
	manifest, err := ReadManifest(w.dir)
	if err != nil {
		return append(list, err.Error())
	}
	f := manifest.file(m.Name)
	side, err := os.ReadFile(path + artifact.SidecarSuffix)
	if err != nil || f == nil || cache.Sum(side) != f.Sidecar {
		list = append(list, m.Name+artifact.SidecarSuffix+": not the sidecar in "+manifestName)
	}
	return list
}
