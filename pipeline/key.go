package pipeline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"runexp/pipeline/cache"
)

// formatVersion is bumped when records or the lines of action IDs change
// meaning: nothing kept before is a hit afterwards.
const formatVersion = 1

// unknown stands in place of an input's name while the stage that makes it has
// to run first.
const unknown = "?"

// lines returns what the action ID of a stage is made of. Inputs are the
// records of the stages it comes after; one that is missing has to run first.
func (g *Graph) lines(s Stage, host []string, inputs map[string]*entry) []string {
	var h cache.Hash
	h.Line("module runexp")
	h.Line("pipeline v%d", formatVersion)
	h.Line("go %s", runtime.Version())
	h.Line("arch %s", arch())
	h.Line("stage %s v%d", s.Name, s.Version)
	for _, t := range s.Tables {
		h.Line("table %s %s", t.Name, t.Schema)
	}
	for _, line := range configLines(g.configs[s.Name]) {
		h.Line("config %s", line)
	}
	for _, name := range s.After {
		g.inputLines(&h, name, inputs[name])
	}
	if warnings := g.upstream(s, inputs); len(warnings) > 0 { // Task.Warnings shows them to Run
		var w cache.Hash
		for _, warning := range warnings {
			w.Line("%s", warning)
		}
		h.Line("warnings %d %s", len(warnings), w.ID())
	}
	if s.Host {
		for _, line := range host {
			h.Line("host %s", line)
		}
	}
	return h.Lines()
}

// arch returns what the program was compiled for.
func arch() string {
	var settings []debug.BuildSetting
	if info, ok := debug.ReadBuildInfo(); ok {
		settings = info.Settings
	}
	return archOf(runtime.GOARCH, settings)
}

// archOf adds the level of the architecture to its name unless it is the
// lowest: from amd64 v3 on the compiler fuses multiplications and additions,
// which rounds differently.
func archOf(arch string, settings []debug.BuildSetting) string {
	for _, s := range settings {
		amd64 := s.Key == "GOAMD64" && s.Value != "v1"
		arm64 := s.Key == "GOARM64" && s.Value != "v8.0"
		if amd64 || arm64 {
			return arch + "/" + s.Value
		}
	}
	return arch
}

// inputLines adds the tables of an input by content: a stage that runs again
// and puts out the same rows does not make its readers run.
func (g *Graph) inputLines(h *cache.Hash, name string, e *entry) {
	s, _ := g.Stage(name) // NewGraph has checked the name
	for _, t := range s.Tables {
		id := unknown
		if e != nil {
			id = e.table(t.Name).ID
		}
		h.Line("input %s %s %s", name, t.Name, id)
	}
	switch { // Task.Meta shows it to Run
	case s.Host && e == nil:
		h.Line("input-host %s %s", name, unknown)
	case s.Host && e.Host != "":
		h.Line("input-host %s %s", name, e.Host)
	}
}

// upstream returns the warnings of all stages that s comes after, directly or
// not, each as "stage: text".
func (g *Graph) upstream(s Stage, done map[string]*entry) []string {
	stages, _ := g.needed([]string{s.Name})
	var warnings []string
	for _, u := range stages {
		if e := done[u.Name]; e != nil && u.Name != s.Name {
			for _, w := range e.Warnings {
				warnings = append(warnings, u.Name+": "+w)
			}
		}
	}
	return warnings
}

// canonical returns v as JSON with sorted keys.
func canonical(v any) (json.RawMessage, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	tree, err := parse(data)
	if err != nil {
		return nil, err
	}
	return json.Marshal(tree)
}

// parse keeps numbers as they are written.
func parse(data []byte) (tree any, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	err = d.Decode(&tree)
	return tree, err
}

// configLines prints canonical JSON with one line per value, so that a change
// can be named: "load.rate_qps=100". Arrays of scalars are one value.
func configLines(config json.RawMessage) []string {
	tree, err := parse(config)
	if err != nil { // canonical has made it
		panic(err)
	}
	return appendLines(nil, "", tree)
}

func appendLines(lines []string, path string, tree any) []string {
	switch v := tree.(type) {
	case map[string]any:
		if len(v) == 0 {
			break
		}
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, cmp.Compare[string])
		for _, k := range keys {
			lines = appendLines(lines, join(path, k), v[k])
		}
		return lines
	case []any:
		if !slices.ContainsFunc(v, isTree) {
			break
		}
		for i, e := range v {
			lines = appendLines(lines, fmt.Sprintf("%s[%d]", path, i), e)
		}
		return lines
	}
	value, _ := json.Marshal(tree) // it came from JSON
	return append(lines, path+"="+string(value))
}

func isTree(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// join appends a key to a path, quoted if it could be read as more than one.
func join(path, key string) string {
	if key == "" || strings.ContainsAny(key, ` .[]="`) {
		key = strconv.Quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// code says what this program was built from. It is recorded, not hashed: a
// stage's Version says when the code that matters has changed.
func code() string {
	parts := []string{"runexp", runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return strings.Join(parts, " ")
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			parts = append(parts, s.Value)
		case s.Key == "vcs.modified" && s.Value == "true":
			parts = append(parts, "modified")
		}
	}
	return strings.Join(parts, " ")
}
