package experiments

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"runexp/pipeline"
	"runexp/serving/load"
)

// fromFile are the prefixes of a law of arrivals or sizes that is read from a
// file.
var fromFile = []string{"file:", "trace:"}

// law resolves the path in a law that is read from a file; file is "" for any
// other law.
func (e *Experiment) law(spec string) (resolved, file string) {
	for _, prefix := range fromFile {
		if name, ok := strings.CutPrefix(spec, prefix); ok {
			return prefix + e.path(name), e.path(name)
		}
	}
	return spec, ""
}

// sizes and arrivals are the laws of an experiment with their paths resolved.
func (e *Experiment) sizes() string {
	spec, _ := e.law(e.Load.Sizes)
	return spec
}

func (e *Experiment) arrivals() string {
	spec, _ := e.law(e.Load.Arrivals)
	return spec
}

// indexDist is the law of indices with its path resolved.
func (e *Experiment) indexDist() string {
	const prefix = "synthetic:"
	if name, ok := strings.CutPrefix(e.Profile.IndexDist, prefix); ok {
		return prefix + e.path(name)
	}
	return e.Profile.IndexDist
}

// contents is a stage's Config with the digests of the files that it names:
// another content is another action, another path alone would not be.
type contents struct {
	Config any               `json:"config"`
	Files  map[string]string `json:"files"` // path to sha256
}

// withFiles adds the files of the load to what a stage depends on. The stage
// reads them when it runs, which may be long after: it fails if they are not
// the same then, for its rows are kept under the content that was declared. A
// file that cannot be read has been reported when the load was checked.
func (e *Experiment) withFiles(s pipeline.Stage) pipeline.Stage {
	files := map[string]string{}
	for _, spec := range append([]string{e.Load.Arrivals, e.Load.Sizes}, e.Optimize.TunedOn...) {
		_, name := e.law(spec)
		if name == "" {
			continue
		}
		if sum, err := digest(name); err == nil {
			files[name] = sum
		}
	}
	if len(files) == 0 {
		return s
	}
	s.Config = contents{s.Config, files}
	run := s.Run
	s.Run = func(ctx context.Context, t *pipeline.Task) error {
		if err := unchanged(files); err != nil {
			return err
		}
		if err := run(ctx, t); err != nil {
			return err
		}
		return unchanged(files) // between the check and the read, too
	}
	return s
}

// unchanged reports a file whose digest is another than declared.
func unchanged(files map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sum, err := digest(name)
		if err != nil {
			return err
		}
		if sum != files[name] {
			return fmt.Errorf("%s changed during the run", name)
		}
	}
	return nil
}

func digest(name string) (string, error) {
	text, err := load.ReadFile(name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
