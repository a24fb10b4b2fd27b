// Package models holds the eight recommendation models as graphs of operators:
// DLRM in three shapes, NCF, Wide & Deep and its multi-task form, DIN and DIEN.
//
// The stance: a model is a small Config, in the file format of the old release,
// and one function per topology that turns it into a Graph. A Graph has no
// weights, so costs and sizes of a model are known without building it
// (Describe). Build adds weights and tables, FromTensors takes them from an
// archive; both give a Model that any number of Engines share, each the
// single-threaded worker of one core.
//
// A graph runs in one of two ways, with the same numbers out. FusionNone runs its
// operators one by one, in the order in which the old framework ran them: that
// makes a breakdown of time by kind of operator comparable with the published
// one. FusionFull compiles it into fewer operators (fuse.go): what serves.
//
// Every model has two variants. "corrected" (the default) computes what the
// model's paper says; "release" what the public release's code does, to the
// rounding error. Topology files say where they differ.
//
// Start with Config, then dlrm.go, then Graph, Engine and fuse.go.
package models

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Version is bumped whenever the code of models or models/op changes: it
// enters the cache keys of measured stages. TestVersion forces that.
const Version = 6

// The variants of a model.
const (
	Corrected = "corrected"
	Release   = "release"
)

// targets are the eight models in the order of the paper, with its medium
// target for the 95th percentile of latency (Gupta et al., ISCA 2020, table 2).
var targets = []struct {
	name   string
	target time.Duration
}{
	{"rm1", 100 * time.Millisecond},
	{"rm2", 400 * time.Millisecond},
	{"rm3", 100 * time.Millisecond},
	{"ncf", 5 * time.Millisecond},
	{"wnd", 25 * time.Millisecond},
	{"mtwnd", 25 * time.Millisecond},
	{"din", 100 * time.Millisecond},
	{"dien", 35 * time.Millisecond},
}

// Names returns the names of the eight models in the order of the paper.
func Names() []string {
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.name
	}
	return names
}

// Target is the paper's medium target for the 95th percentile of latency, by
// the model's name, or 0 for a model that is not one of the eight.
func (c Config) Target() time.Duration {
	for _, t := range targets {
		if t.name == c.Name() {
			return t.target
		}
	}
	return 0
}

// Options say how a model is made from its Config.
type Options struct {
	// Variant overrides the Config's unless empty.
	Variant string
	// TableScale, in (0, 1], multiplies the rows of every table; 0 means 1. A
	// scaled table fits in nearer memory: it is not the same experiment.
	TableScale float64
	// Seed of the initial weights.
	Seed uint64
}

// resolve returns the options with their defaults filled in.
func (o Options) resolve(cfg Config) (Options, error) {
	if o.Variant == "" {
		o.Variant = cfg.Variant
	}
	if o.Variant == "" {
		o.Variant = Corrected
	}
	if err := checkVariant(o.Variant); err != nil {
		return o, err
	}
	if o.TableScale == 0 {
		o.TableScale = 1
	}
	if !(o.TableScale > 0 && o.TableScale <= 1) {
		return o, fmt.Errorf("table_scale: %g is not in (0, 1]", o.TableScale)
	}
	return o, nil
}

// checkVariant reports an unknown variant.
func checkVariant(v string) error {
	return checkOneOf("variant", v, Corrected, Release)
}

// checkOneOf reports a value that is not one of those allowed.
func checkOneOf(key, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s: %q is not one of %s", key, value, strings.Join(allowed, ", "))
}
