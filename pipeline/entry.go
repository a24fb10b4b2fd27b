package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"runexp/pipeline/artifact"
	"runexp/pipeline/cache"
)

// entry is the record of an action in the cache: what went in, what came out.
// Sidecars are made from it alone, so they can be made again.
type entry struct {
	Stage    string           `json:"stage"`
	Version  int              `json:"version"`
	Lines    []string         `json:"lines"`
	Measured bool             `json:"measured"`
	Config   json.RawMessage  `json:"config"`
	Inputs   []artifact.Input `json:"inputs"`
	Outputs  []output         `json:"outputs"` // tables in the order declared, then files by name
	Warnings []string         `json:"warnings"`
	Created  time.Time        `json:"created"`
	TookNS   int64            `json:"took_ns"`
	Host     string           `json:"host"`
	Code     string           `json:"code"`
}

// output is one file that an action put out.
type output struct {
	Name    string            `json:"name"` // relative to the experiment's folder
	ID      string            `json:"output_id"`
	Table   string            `json:"table,omitempty"` // empty for a file that is no table
	Schema  string            `json:"schema,omitempty"`
	Columns []artifact.Column `json:"columns,omitempty"`
	Rows    int               `json:"rows,omitempty"`
}

func (e *entry) action() string { return cache.ID(e.Lines) }

// table returns the output that is the table called name.
func (e *entry) table(name string) output {
	for _, o := range e.Outputs {
		if o.Table == name {
			return o
		}
	}
	return output{}
}

// has reports whether the file called name is an output.
func (e *entry) has(name string) bool {
	return slices.ContainsFunc(e.Outputs, func(o output) bool { return o.Name == name })
}

// meta returns the sidecar of an output.
func (e *entry) meta(o output) artifact.Meta {
	return artifact.Meta{
		Name: o.Name, Stage: e.Stage, Version: e.Version, ActionID: e.action(), OutputID: o.ID, Inputs: e.Inputs,
		Code: e.Code, Created: e.Created, Host: e.Host, Measured: e.Measured, Config: e.Config, Warnings: e.Warnings,
		Schema: o.Schema, Columns: o.Columns, Rows: o.Rows,
	}
}

// outcome describes the entry to a Reporter.
func (e *entry) outcome(status string) Outcome {
	o := Outcome{Status: status, Took: time.Duration(e.TookNS), Rows: map[string]int{}, Warnings: e.Warnings}
	for _, out := range e.Outputs {
		o.Files = append(o.Files, out.Name)
		if out.Table != "" {
			o.Rows[out.Table] = out.Rows
		}
	}
	return o
}

// parseEntry decodes the record of the action called id.
func parseEntry(id string, data []byte) (*entry, error) {
	e := new(entry)
	if err := json.Unmarshal(data, e); err != nil {
		return nil, fmt.Errorf("%w: %v", cache.ErrDamaged, err)
	}
	if e.action() != id || slices.ContainsFunc(e.Outputs, func(o output) bool { return checkName(o.Name) != nil }) {
		return nil, fmt.Errorf("%w: the record is of another action", cache.ErrDamaged)
	}
	return e, nil
}

// marshal encodes records, sidecars and manifests, for people to read too.
func marshal(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(data, '\n'), nil
}

var errName = errors.New("the name of a file must be a relative path below the experiment's folder, without hidden parts")
