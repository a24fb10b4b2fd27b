package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"runexp/internal/atomicfile"
	"runexp/pipeline/artifact"
	"runexp/pipeline/cache"
)

const manifestName = "manifest.json"

// Manifest lists what an experiment's folder holds: for each stage, the action
// that ran last and the files it put out.
type Manifest struct {
	Experiment string   `json:"experiment"`
	Stages     []Record `json:"stages"`
	Sum        string   `json:"sha256"` // of this file with the field empty
}

// Record is one stage of a manifest.
type Record struct {
	Stage    string        `json:"stage"`
	Version  int           `json:"version"`
	ActionID string        `json:"action_id"`
	Lines    []string      `json:"lines"` // what ActionID is the hash of
	Measured bool          `json:"measured"`
	Created  time.Time     `json:"created"`
	Took     time.Duration `json:"took_ns"`
	Host     string        `json:"host"`
	Warnings []string      `json:"warnings"`
	Files    []File        `json:"files"`
}

// File is one file of a manifest.
type File struct {
	Name     string `json:"name"`
	Table    string `json:"table,omitempty"`
	OutputID string `json:"output_id"` // sha256 of the file
	Sidecar  string `json:"sidecar"`   // sha256 of its sidecar
	Rows     int    `json:"rows,omitempty"`
}

// ReadManifest reads the manifest in an experiment's folder. A missing one is
// an error that wraps fs.ErrNotExist, a damaged one, or one that names files
// elsewhere, wraps cache.ErrDamaged.
func ReadManifest(folder string) (*Manifest, error) {
	path := filepath.Join(folder, manifestName)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := new(Manifest)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("%s: %w: %v", path, cache.ErrDamaged, err)
	}
	if again, err := m.marshal(); err != nil || string(again) != string(data) {
		return nil, fmt.Errorf("%s: %w", path, cache.ErrDamaged)
	}
	if !m.local() {
		return nil, fmt.Errorf("%s: %w: %w", path, cache.ErrDamaged, errName)
	}
	return m, nil
}

// local reports whether every file is below the experiment's folder, and every
// table in the file of its name. Names become paths, and a manifest may come
// from anywhere.
func (m *Manifest) local() bool {
	for _, r := range m.Stages {
		for _, f := range r.Files {
			if checkName(f.Name) != nil || f.Table != "" && f.Name != (artifact.Table{Name: f.Table}).File() {
				return false
			}
		}
	}
	return true
}

// marshal encodes the manifest with its sum.
func (m *Manifest) marshal() ([]byte, error) {
	sealed := *m
	sealed.Sum = ""
	data, err := marshal(sealed)
	if err != nil {
		return nil, err
	}
	sealed.Sum = cache.Sum(data)
	return marshal(sealed)
}

// stage returns the record of a stage, or nil.
func (m *Manifest) stage(name string) *Record {
	for i := range m.Stages {
		if m.Stages[i].Stage == name {
			return &m.Stages[i]
		}
	}
	return nil
}

// file returns the record of a file, or nil.
func (m *Manifest) file(name string) *File {
	for _, r := range m.Stages {
		for i := range r.Files {
			if r.Files[i].Name == name {
				return &r.Files[i]
			}
		}
	}
	return nil
}

// put replaces or adds the record of a stage and returns the files of the old
// record that no stage has any more.
func (m *Manifest) put(r Record) (gone []string) {
	var old []File
	if i := slices.IndexFunc(m.Stages, func(o Record) bool { return o.Stage == r.Stage }); i >= 0 {
		old = m.Stages[i].Files
		m.Stages[i] = r
	} else {
		m.Stages = append(m.Stages, r)
	}
	for _, f := range old {
		if m.file(f.Name) == nil {
			gone = append(gone, f.Name)
		}
	}
	return gone
}

// write replaces the manifest in folder.
func (m *Manifest) write(folder string) error {
	data, err := m.marshal()
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(folder, manifestName), data)
}

// sameFiles reports whether two records are of one action that put out the same
// files, whoever ran it.
func (r Record) sameFiles(o Record) bool {
	return r.ActionID == o.ActionID && slices.EqualFunc(r.Files, o.Files, func(a, b File) bool {
		return a.Name == b.Name && a.OutputID == b.OutputID
	})
}

// equal reports whether two records say the same.
func (r Record) equal(o Record) bool {
	a, errA := marshal(r)
	b, errB := marshal(o)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// record returns the manifest's record of the entry.
func (e *entry) record() (Record, error) {
	r := Record{Stage: e.Stage, Version: e.Version, ActionID: e.action(), Lines: e.Lines, Measured: e.Measured,
		Created: e.Created, Took: time.Duration(e.TookNS), Host: e.Host, Warnings: e.Warnings}
	for _, o := range e.Outputs {
		side, err := marshal(e.meta(o))
		if err != nil {
			return r, err
		}
		r.Files = append(r.Files, File{Name: o.Name, Table: o.Table, OutputID: o.ID, Sidecar: cache.Sum(side), Rows: o.Rows})
	}
	return r, nil
}

// loadManifest is ReadManifest for those who will replace it: without one, or
// with a damaged one, they start anew.
func loadManifest(experiment, folder string) (m *Manifest, damaged bool) {
	m, err := ReadManifest(folder)
	if err != nil || m.Experiment != experiment {
		return &Manifest{Experiment: experiment}, errors.Is(err, cache.ErrDamaged)
	}
	return m, false
}
