package main

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// required reports a flag that has no default and was left out.
func required(cmd *cobra.Command, names ...string) error {
	for _, name := range names {
		if f := cmd.Flags().Lookup(name); !f.Changed || f.Value.String() == "" {
			return usagef("%s: required flag --%s is missing; see %s -h", cmd.Name(), name, cmd.CommandPath())
		}
	}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// effective reports a flag of sim that can change nothing: who gives it expects
// a result that it shaped. An accelerator left idle on purpose has its threshold
// set, to 0.
func (f *simFlags) effective(thresholdGiven bool) error {
	curve := strings.HasPrefix(f.service, "curve:")
	accelCurve := strings.HasPrefix(f.accelService, "curve:")
	const ofCurve = "needs --service curve:TABLE"
	for _, r := range []struct {
		flag         string
		given, works bool
		needs        string
	}{
		{"model", f.model != "", curve || accelCurve, "needs a curve:TABLE as --service or --accel-service"},
		{"platform", f.platform != "", curve, ofCurve},
		{"engine", f.engine != "", curve, ofCurve},
		{"colocation", f.colocation, curve, ofCurve},
		{"residual", f.residual != "", curve, ofCurve},
		{"accel-platform", f.accelPlatform != "", accelCurve, "needs --accel-service curve:TABLE"},
		{"accelerators", f.accelerators > 0, thresholdGiven, "needs --threshold: without it no query goes to an accelerator"},
	} {
		if r.given && !r.works {
			return usagef("sim: --%s has no effect: it %s", r.flag, r.needs)
		}
	}
	if f.timeline != "" && filepath.Clean(f.timeline) == filepath.Clean(f.records) {
		return usagef("sim: --timeline and --records are the same file: %s", f.timeline)
	}
	return nil
}

// The simulator keeps a few words for every core and server, so that these are
// gigabytes; a warehouse has fewer.
const (
	mostOfServer  = 1_000_000 // cores of one server, or its accelerators
	mostServers   = 1_000_000
	mostOfCluster = 100_000_000 // cores of all servers
)

// bounded reports a count that no memory holds.
func (f *simFlags) bounded() error {
	for _, c := range []struct {
		flag    string
		n, most int
		ofEvery string
	}{
		{"cores", f.cores, mostOfServer, "cores a server"},
		{"accelerators", f.accelerators, mostOfServer, "accelerators a server"},
		{"servers", f.servers, mostServers, "servers"},
		{"batch", f.batch, math.MaxInt32, "items"},
		{"threshold", f.threshold, math.MaxInt32, "items"},
	} {
		if c.n > c.most {
			return fmt.Errorf("--%s: %d is more than %d %s", c.flag, c.n, c.most, c.ofEvery)
		}
	}
	if each := f.cores + f.accelerators; f.servers*each > mostOfCluster {
		return fmt.Errorf("--servers: %d of %d cores and accelerators are %d, more than the %d that can be simulated",
			f.servers, each, f.servers*each, mostOfCluster)
	}
	return nil
}
