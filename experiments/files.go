package experiments

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"

	"runexp/pipeline"
)

const sizesFromFile = "file:"

// sizes resolves the path in a law of query sizes that is read from a file.
func (e *Experiment) sizes(spec string) string {
	if name, ok := strings.CutPrefix(spec, sizesFromFile); ok {
		return sizesFromFile + e.path(name)
	}
	return spec
}

// contents is a stage's Config with the digests of the files that it names:
// another content is another action, another path alone would not be.
type contents struct {
	Config any               `json:"config"`
	Files  map[string]string `json:"files"` // path to sha256
}

// withFiles adds the files with query sizes to what a stage depends on. A file
// that cannot be read has been reported when the sizes were parsed.
func (e *Experiment) withFiles(s pipeline.Stage) pipeline.Stage {
	files := map[string]string{}
	for _, spec := range append([]string{e.Load.Sizes}, e.Optimize.TunedOn...) {
		name, ok := strings.CutPrefix(e.sizes(spec), sizesFromFile)
		if !ok {
			continue
		}
		if text, err := os.ReadFile(name); err == nil {
			sum := sha256.Sum256(text)
			files[name] = hex.EncodeToString(sum[:])
		}
	}
	if len(files) > 0 {
		s.Config = contents{s.Config, files}
	}
	return s
}
