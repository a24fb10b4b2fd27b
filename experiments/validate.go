package experiments

import (
	"path/filepath"
	"slices"
	"strings"

	"runexp/internal/words"
	"runexp/models"
	"runexp/models/locality"
	"runexp/stages/node"
)

// validate checks what no rule of a single key can: names against files and
// keys against each other.
func (e *Experiment) validate() error {
	if err := name().check(e.Name); err != nil {
		return e.fault("name", "%v", err)
	}
	if _, err := node.ParseArrivals(e.arrivals()); err != nil {
		return e.fault("load.arrivals", "%v", err)
	}
	if _, err := node.ParseSizes(e.sizes(), e.Load.MaxQuerySize); err != nil {
		return e.fault("load.sizes", "%v", err)
	}
	for _, spec := range e.Optimize.TunedOn {
		law, _ := e.law(spec)
		if _, err := node.ParseSizes(law, e.Load.MaxQuerySize); err != nil {
			return e.fault("optimize.tuned_on", "%v", err)
		}
	}
	var err error
	if e.indices, err = locality.Parse(e.indexDist()); err != nil {
		return e.fault("profile.index_dist", "%v", err)
	}
	return e.loadModels()
}

// fault is an error about the resolved value of a key.
func (e *Experiment) fault(key, format string, args ...any) error {
	return faultf(e.where(key), key, format, args...)
}

// loadModels reads the models. A model file may label itself as it likes, but
// two models of one experiment need two labels.
func (e *Experiment) loadModels() error {
	labels := map[string]bool{}
	for _, m := range e.Models {
		known := slices.Contains(models.Names(), m)
		if !known && !strings.HasSuffix(m, ".json") && !strings.ContainsRune(m, '/') {
			return e.fault("models", "unknown model %q%s; shipped: %s; a file needs its .json ending",
				m, words.DidYouMean(m, models.Names()), strings.Join(models.Names(), ", "))
		}
		if !known {
			m = e.path(m)
		}
		cfg, warnings, err := models.Resolve(m)
		if err != nil {
			return e.fault("models", "%v", err)
		}
		if labels[cfg.Name()] {
			return e.fault("models", "two models are called %q", cfg.Name())
		}
		labels[cfg.Name()] = true
		e.models = append(e.models, cfg)
		e.Warnings = append(e.Warnings, warnings...)
	}
	return nil
}

// path resolves a file named in the experiment.
func (e *Experiment) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(e.Dir, name)
}
