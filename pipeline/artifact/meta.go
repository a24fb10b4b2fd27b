package artifact

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// SidecarSuffix is appended to a file's name to give its sidecar's.
const SidecarSuffix = ".json"

// Meta is the sidecar of a table or figure: everything about it that must not
// be in its bytes, because equal rows have to give equal bytes.
type Meta struct {
	Name     string          `json:"name"` // of the file, relative to the experiment's folder
	Stage    string          `json:"stage"`
	Version  int             `json:"version"`
	ActionID string          `json:"action_id"`
	OutputID string          `json:"output_id"` // sha256 of the file's bytes
	Inputs   []Input         `json:"inputs"`
	Code     string          `json:"code"` // module, Go version, revision
	Created  time.Time       `json:"created"`
	Host     string          `json:"host"`
	Measured bool            `json:"measured"` // the rows depend on Host
	Config   json.RawMessage `json:"config"`
	Warnings []string        `json:"warnings"`
	Schema   string          `json:"schema,omitempty"` // digest of Columns; empty for a file that is no table
	Columns  []Column        `json:"columns,omitempty"`
	Rows     int             `json:"rows,omitempty"`
}

// Input is one table that an artifact was made from.
type Input struct {
	Stage    string `json:"stage"`
	Table    string `json:"table"`
	OutputID string `json:"output_id"`
	ActionID string `json:"action_id"` // of the action that made the table
}

// ReadMeta reads the sidecar of the file at path.
func ReadMeta(path string) (Meta, error) {
	var m Meta
	data, err := os.ReadFile(path + SidecarSuffix)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("%s: %w", path+SidecarSuffix, err)
	}
	return m, nil
}
