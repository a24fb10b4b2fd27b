package models

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The eight models at full size, in the release's format.
//
//go:embed configs/*.json
var configs embed.FS

// maxFile bounds a model file; the largest of the goldens has 85 kB.
const maxFile = 16 << 20

// ByName returns one of the eight models.
func ByName(name string) (Config, error) {
	if !slices.Contains(Names(), name) {
		return Config{}, checkOneOf("model", name, Names()...)
	}
	data, err := configs.ReadFile("configs/" + name + ".json")
	if err != nil {
		return Config{}, err
	}
	c, _, err := Parse(data)
	return c, err
}

// Load reads a model file. Warnings name keys that are not known and were
// ignored; an error names the key that is missing or impossible.
func Load(path string) (Config, []string, error) {
	f, err := os.Open(path)
	if err != nil {
		return Config{}, nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return Config{}, nil, err
	}
	if len(data) > maxFile {
		return Config{}, nil, fmt.Errorf("%s: longer than the %d bytes of any model file", path, maxFile)
	}
	c, warnings, err := Parse(data)
	if err != nil {
		return Config{}, nil, fmt.Errorf("%s: %w", path, err)
	}
	for i, w := range warnings {
		warnings[i] = path + ": " + w
	}
	return c, warnings, nil
}

// Resolve takes the name of one of the eight models or the path of a model
// file.
func Resolve(nameOrPath string) (Config, []string, error) {
	if c, err := ByName(nameOrPath); err == nil {
		return c, nil, nil
	}
	c, warnings, err := Load(nameOrPath)
	if errors.Is(err, fs.ErrNotExist) && filepath.Ext(nameOrPath) == "" {
		_, err = ByName(nameOrPath)
		err = fmt.Errorf("%w, nor is it a file", err)
	}
	return c, warnings, err
}

// Parse is Load on the contents of a file. The keys may also sit under
// "settings", as they do in the files that come with golden tensors.
func Parse(data []byte) (Config, []string, error) {
	keys, err := object(data)
	if err != nil {
		return Config{}, nil, err
	}
	if inner, nested := keys["settings"]; nested {
		if keys, err = object(inner); err != nil {
			return Config{}, nil, fmt.Errorf("settings: %w", err)
		}
	}
	c := Config{Variant: Corrected, FixedLookups: true, Tasks: 1, Interaction: "cat", Hidden: 64}
	var warnings []string
	fields := c.fields()
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		into, known := fields[key]
		if !known {
			warnings = append(warnings, fmt.Sprintf("%.60s: unknown key, ignored", key))
			continue
		}
		if err := decode(keys[key], into); err != nil {
			return Config{}, nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	c.Label = c.Name()
	if err := checkLabel(c.Label); err != nil {
		return Config{}, nil, err
	}
	if err := c.Validate(); err != nil {
		return Config{}, nil, err
	}
	return c, warnings, nil
}

// fields maps the keys of a model file to where their values go.
func (c *Config) fields() map[string]any {
	return map[string]any{
		"model_type": &c.Type, "model_name": &c.Label, "variant": &c.Variant,
		"arch_embedding_size": &c.TableRows, "arch_sparse_feature_size": &c.Dim,
		"num_indices_per_lookup": &c.Lookups, "num_indices_per_lookup_fixed": &c.FixedLookups,
		"arch_mlp_bot": &c.Bottom, "arch_mlp_top": &c.Top, "arch_mlp_tasks": &c.TaskLayers,
		"num_multi_tasks": &c.Tasks, "arch_interaction_op": &c.Interaction,
		"arch_interaction_itself": &c.InteractionSelf, "hidden_size": &c.Hidden,
		"user_behavior_tables": &c.BehaviorTables,
	}
}

// object splits a JSON object into its keys.
func object(data []byte) (map[string]json.RawMessage, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(data, &keys); err != nil || keys == nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("byte %d: %w", syntax.Offset, err)
		}
		return nil, errors.New("not a JSON object")
	}
	return keys, checkOnce(data)
}

// decode reads one value, which must have exactly the type wanted.
func decode(raw json.RawMessage, into any) error {
	if string(raw) == "null" {
		return errors.New("null is not a value")
	}
	err := json.Unmarshal(raw, into)
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		want := map[string]string{"int": "a whole number", "bool": "true or false"}[mismatch.Type.String()]
		if want == "" {
			want = "a text"
		}
		return fmt.Errorf("%s is not %s", strings.TrimSpace(fmt.Sprintf("%.40s", raw)), want)
	}
	return err
}
