package models

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Config describes a model in the terms, and under the JSON keys, of the old
// release's config files. The zero value is not a model: make one with ByName,
// Load or Resolve, or call Validate.
type Config struct {
	Type    string `json:"model_type"` // dlrm, wnd, mtwnd, ncf, din or dien: which graph
	Label   string `json:"model_name"` // any label of one line; the type if empty
	Variant string `json:"variant"`    // corrected (if empty) or release

	TableRows    Sizes `json:"arch_embedding_size"`          // per table
	Dim          int   `json:"arch_sparse_feature_size"`     // values per row, D
	Lookups      int   `json:"num_indices_per_lookup"`       // indices per item and table, L
	FixedLookups bool  `json:"num_indices_per_lookup_fixed"` // false: generated inputs have 0..L

	// Bottom: dlrm, "dense input-...-output"; wnd and mtwnd, the width of the
	// dense input; din, the hidden sizes of the attention unit; else ignored.
	Bottom Sizes `json:"arch_mlp_bot"`
	// Top: the layers after the interaction, whose input is implied. For ncf
	// all but the last are the MLP branch, the last is the final layer.
	Top Sizes `json:"arch_mlp_top"`
	// TaskLayers: mtwnd, the layers of a tower, the first being its input.
	TaskLayers Sizes `json:"arch_mlp_tasks"`
	Tasks      int   `json:"num_multi_tasks"` // mtwnd: number of towers

	Interaction     string `json:"arch_interaction_op"`     // dlrm: cat or dot
	InteractionSelf bool   `json:"arch_interaction_itself"` // dlrm, dot: with each vector by itself
	Hidden          int    `json:"hidden_size"`             // dien: state of the recurrent layers
	// BehaviorTables: din, corrected, with exactly four tables listed: how
	// many behaviour tables the second one stands for.
	BehaviorTables int `json:"user_behavior_tables"`
}

// Name is the model's label.
func (c Config) Name() string {
	if c.Label == "" {
		return c.Type
	}
	return c.Label
}

// checkLabel reports a name that would break the lines of a table or a terminal
// apart.
func checkLabel(label string) error {
	if strings.ContainsFunc(label, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) }) {
		return fmt.Errorf("model_name: %.60q holds a line break or another control character", label)
	}
	return nil
}

// checkOnce reports a key that a JSON object has twice. encoding/json takes the
// last, which is not what the first tells a reader.
func checkOnce(object []byte) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil { // the opening brace
		return err
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if seen[name] {
			return fmt.Errorf("%.60s: stands twice", name)
		}
		seen[name] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
	}
	return nil
}

// Bounds of a model file. They are far above any published model; they keep a
// typing error, or a hostile file of a few kilobytes, from becoming a graph of
// gigabytes.
const (
	maxTables  = 1 << 12
	maxRows    = 1<<31 - 1 // indices are int32
	maxDim     = 1 << 12
	maxLookups = 1 << 16
	maxLayers  = 64
	maxWidth   = 1 << 16
	maxTasks   = 256
	maxOps     = 100_000
	maxParams  = 1 << 40
)

// Sizes is a list of sizes, written "128-64-32".
type Sizes []int

// MarshalText writes the sizes.
func (s Sizes) MarshalText() ([]byte, error) {
	return []byte(s.String()), nil
}

func (s Sizes) String() string {
	fields := make([]string, len(s))
	for i, n := range s {
		fields[i] = strconv.Itoa(n)
	}
	return strings.Join(fields, "-")
}

// UnmarshalText reads sizes; the empty text is no sizes.
func (s *Sizes) UnmarshalText(text []byte) error {
	*s = nil
	if len(text) == 0 {
		return nil
	}
	for field := range strings.SplitSeq(string(text), "-") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return fmt.Errorf("%.40q is not a list of sizes such as 128-64-32", text)
		}
		*s = append(*s, n)
	}
	return nil
}

// last returns the last size, 0 if there is none.
func (s Sizes) last() int {
	if len(s) == 0 {
		return 0
	}
	return s[len(s)-1]
}
