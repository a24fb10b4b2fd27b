// Package experiments turns an experiment, one YAML file that asks one
// question, into a graph of stages. It is strict: an unknown key, a wrong type,
// an empty section or a value out of range is one error that names the key and
// the line, never a silent default. Values come in layers (default, file,
// environment, --set) and every value keeps where it was given.
//
// Start reading at Config.settings, the table in which every key is declared
// with its default and its meaning; Load fills a Config from it; Graph, the
// only place where stages are wired, turns the Config into stage values.
package experiments

import (
	"embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"runexp/internal/words"
	"runexp/models"
	"runexp/models/locality"
)

//go:embed *.yaml *.csv
var embedded embed.FS

// Names lists the embedded experiments, sorted.
func Names() []string {
	files, _ := fs.Glob(embedded, "*.yaml") // the pattern is valid
	for i, f := range files {
		files[i] = strings.TrimSuffix(f, ".yaml")
	}
	return files
}

// Options are the layers above the file.
type Options struct {
	Environ []string // "NAME=value" lines, as from os.Environ
	Set     []string // "key=value" arguments, later ones win
}

// Experiment is a validated Config with where each value came from.
type Experiment struct {
	Config
	Source   string // file name, embedded or not
	Question string // the comment that opens the file, on one line
	Dir      string // folder that relative paths in it start from
	Settings []Value
	Warnings []string // doubts about the model files

	models  []models.Config
	indices locality.Spec
}

// Value is one resolved key.
type Value struct {
	Key     string `json:"key"`
	Value   any    `json:"value"`
	Layer   string `json:"layer"`           // FromDefault, FromFile, FromEnvironment or FromSet
	Where   string `json:"where,omitempty"` // file and line, or variable
	Default any    `json:"default"`
	Doc     string `json:"doc"`
}

// Load reads an experiment, embedded under a name or in a file, and resolves
// and checks every key. Errors are of type *Error.
func Load(nameOrPath string, o Options) (*Experiment, error) {
	e, text, err := open(nameOrPath)
	if err != nil {
		return nil, err
	}
	d := declare(&e.Config)
	file, err := parseFile(d, e.Source, text)
	if err != nil {
		return nil, err
	}
	environment, err := parseEnviron(d, o.Environ)
	if err != nil {
		return nil, err
	}
	sets, err := parseSets(d, o.Set)
	if err != nil {
		return nil, err
	}
	if err := e.resolve(d, file, environment, sets); err != nil {
		return nil, err
	}
	return e, e.validate()
}

// open finds the text of an experiment.
func open(nameOrPath string) (*Experiment, []byte, error) {
	if isPath(nameOrPath) {
		text, err := readFile(nameOrPath)
		if err != nil {
			return nil, nil, err
		}
		stem := strings.TrimSuffix(filepath.Base(nameOrPath), filepath.Ext(nameOrPath))
		return &Experiment{
			Config: Config{Name: stem}, Source: nameOrPath, Question: question(text), Dir: filepath.Dir(nameOrPath),
		}, text, nil
	}
	file := nameOrPath + ".yaml"
	text, err := embedded.ReadFile(path.Clean(file))
	if err != nil {
		return nil, nil, faultf(nameOrPath, "", "unknown experiment%s; shipped: %s; a file needs its .yaml ending",
			words.DidYouMean(nameOrPath, Names()), strings.Join(Names(), ", "))
	}
	return &Experiment{Config: Config{Name: nameOrPath}, Source: file, Question: question(text), Dir: "."}, text, nil
}

// isPath tells a file from the name of an embedded experiment.
func isPath(s string) bool {
	ext := filepath.Ext(s)
	return ext == ".yaml" || ext == ".yml" || strings.ContainsRune(s, filepath.Separator)
}

// maxFileBytes is far above any experiment and far below what would hurt.
const maxFileBytes = 1 << 20

// readFile reads an experiment file of a sane size.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fileFault(name, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fileFault(name, err)
	}
	if len(text) > maxFileBytes {
		return nil, faultf(name, "", "more than %d bytes are no experiment file", maxFileBytes)
	}
	return text, nil
}

// fileFault is a failed read without the repetition of the path.
func fileFault(name string, err error) *Error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return faultf(name, "", "%v", err)
}

// resolve merges the layers and fills the Config. Viper merges; it forgets
// where a value came from and would convert types, so both stay here.
func (e *Experiment) resolve(d declarations, file, environment, sets layer) error {
	v := viper.New()
	for _, s := range d.settings {
		v.SetDefault(s.path, s.def)
	}
	v.SetDefault("name", e.Name)
	for _, l := range []layer{file, environment} {
		for key, g := range l {
			if err := v.MergeConfigMap(nest(key, g.value)); err != nil {
				return &Error{Where: g.where, Key: key, Problem: err.Error()}
			}
		}
	}
	for key, g := range sets {
		v.Set(key, g.value)
	}
	for _, s := range d.settings {
		if err := v.UnmarshalKey(s.path, s.into, exactly); err != nil {
			return faultf(e.Source, s.path, "%v", err)
		}
		value := Value{Key: s.path, Value: v.Get(s.path), Layer: FromDefault, Default: s.def, Doc: s.doc}
		for _, l := range []struct {
			name  string
			layer layer
		}{{FromFile, file}, {FromEnvironment, environment}, {FromSet, sets}} {
			if g, ok := l.layer[s.path]; ok {
				value.Layer, value.Where = l.name, g.where
			}
		}
		e.Settings = append(e.Settings, value)
	}
	return nil
}

// exactly switches viper's conversions off.
func exactly(c *mapstructure.DecoderConfig) {
	c.WeaklyTypedInput = false
	c.DecodeHook = nil
}

// nest turns "a.b" = v into {a: {b: v}}.
func nest(key string, v any) map[string]any {
	section, word := splitKey(key)
	if section == "" {
		return map[string]any{word: v}
	}
	return nest(section, map[string]any{word: v})
}

// where says where a key was given, for messages about its value.
func (e *Experiment) where(key string) string {
	for _, v := range e.Settings {
		if v.Key == key && v.Where != "" {
			return v.Where
		}
	}
	return e.Source
}

// Question returns what an embedded experiment asks, "" if there is none of
// that name.
func Question(name string) string {
	text, _ := embedded.ReadFile(name + ".yaml") // no file has no question
	return question(text)
}

// question is the comment that opens a file, on one line.
func question(text []byte) string {
	var words []string
	for line := range strings.Lines(string(text)) {
		comment, ok := strings.CutPrefix(line, "#")
		if !ok {
			break
		}
		words = append(words, strings.Fields(comment)...)
	}
	return strings.Join(words, " ")
}
