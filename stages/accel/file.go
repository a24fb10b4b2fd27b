package accel

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"runexp/hw"
	"runexp/models"
)

// File is a user's latency CSV, read whole. Its digest stands for its content
// wherever a Config is printed or hashed, so the stage runs again when the
// content changes and only then.
type File struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	text   string
}

// maxFile bounds a latency CSV: far above any that people or loggers write.
const maxFile = 64 << 20

// ReadFile reads a latency CSV. Whether its lines make sense is said by
// Config.Validate, which knows the models asked for.
func ReadFile(path string) (File, error) {
	var text []byte
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		text, err = io.ReadAll(io.LimitReader(f, maxFile+1)) // a device or a pipe has no size to ask for
	}
	if len(text) > maxFile {
		return File{}, fmt.Errorf("%s: more than the %d bytes that a latency CSV may have", path, maxFile)
	}
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return File{}, fmt.Errorf("%s: %w", path, err)
	}
	sum := sha256.Sum256(text)
	return File{Path: path, SHA256: hex.EncodeToString(sum[:]), text: string(text)}, nil
}

// samples parses the file. Beside the standard models it may name those of the
// experiment.
func (f File) samples(c Config) ([]Sample, error) {
	known := Standard()
	for _, m := range c.Models {
		if !slices.Contains(known.Models, m.Name()) {
			known.Models = append(known.Models, m.Name())
		}
	}
	return ReadCSV(f.Path, strings.NewReader(f.text), known)
}

// Known lists the names that may stand in a file.
type Known struct{ Models, CPUs, Accelerators []string }

// Standard is what the program knows by itself.
func Standard() Known {
	return Known{Models: models.Names(), CPUs: hw.CPUNames(), Accelerators: hw.AccelNames()}
}
