package validate

import (
	"fmt"
	"math"
	"slices"

	"runexp/stages/record"
)

// Fleet says how few servers, simulated, have the p95 of the largest cluster:
// for each model, machine, policy and rate per server, one row per cluster and
// one with the fewest servers from which on all clusters are within tolerance.
// Rows come in the order of the trials.
func Fleet(trials []record.Trial) []record.Validation {
	var groups [][]record.Trial
	for _, t := range trials {
		i := slices.IndexFunc(groups, func(g []record.Trial) bool { return alike(g[0], t) })
		if i < 0 {
			i = len(groups)
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], t)
	}
	var rows []record.Validation
	for _, g := range groups {
		if len(g) > 1 {
			rows = append(rows, fleetOf(shared(g[0]), g)...)
		}
	}
	return rows
}

// alike reports whether two trials differ in their servers alone. Rates are
// rounded to a few digits, so those of one server may differ in the last.
func alike(a, b record.Trial) bool {
	one, other := a.RateQPS/float64(a.Servers), b.RateQPS/float64(b.Servers)
	return shared(a) == shared(b) && math.Abs(one/other-1) < 2e-3
}

// shared is the key of a trial without its servers and its rate.
func shared(t record.Trial) record.Trial {
	return record.Trial{
		Experiment: t.Experiment, Model: t.Model, CPUPlatform: t.CPUPlatform, Engine: t.Engine, AccelPlatform: t.AccelPlatform,
		Cores: t.Cores, Accelerators: t.Accelerators, Router: t.Router, Arrivals: t.Arrivals, SizeDist: t.SizeDist,
		BatchSize: t.BatchSize, OffloadThreshold: t.OffloadThreshold, Admission: t.Admission, Seed: t.Seed,
	}
}

// fleetOf compares clusters in ascending order of servers with the last.
func fleetOf(k record.Trial, clusters []record.Trial) []record.Validation {
	fleet := clusters[len(clusters)-1]
	name := fmt.Sprintf("%s on %s + %s (%s), %s, batch %d, threshold %d, %.0f %% busy", k.Model, k.CPUPlatform, k.AccelPlatform, k.Engine,
		k.Router, k.BatchSize, k.OffloadThreshold, 100*max(fleet.CPUUtil, fleet.AccelUtil))
	if fleet.P95NS == nil {
		return nil // the whole fleet is saturated: it has no tail
	}
	var rows []record.Validation
	fewest := fleet.Servers
	for i := len(clusters) - 1; i >= 0; i-- {
		c := clusters[i]
		row := record.Validation{CheckName: "fleet", CaseName: name, Metric: fmt.Sprintf("p95_ns of %d servers", c.Servers),
			Expected: float64(*fleet.P95NS), ExpectedLo: real(fleet.P95LoNS), ExpectedHi: real(fleet.P95HiNS), Tolerance: tailTolerance}
		if c.P95NS == nil {
			row.Note = "saturated"
		} else {
			row.Observed, row.Lo, row.Hi = float64(*c.P95NS), real(c.P95LoNS), real(c.P95HiNS)
		}
		row.RelError = row.Observed/row.Expected - 1
		row.Pass = c.P95NS != nil && math.Abs(row.RelError) <= row.Tolerance
		if !row.Pass && row.Note == "" {
			row.Note = "so few servers do not stand for the fleet"
		}
		if row.Pass && (len(rows) == 0 || rows[0].Pass) {
			fewest = c.Servers
		}
		rows = append([]record.Validation{row}, rows...)
	}
	return append(rows, record.Validation{CheckName: "fleet", CaseName: name, Metric: "servers_needed",
		Expected: float64(fleet.Servers), Observed: float64(fewest), RelError: float64(fewest)/float64(fleet.Servers) - 1, Pass: true,
		Note: "fewest servers whose p95, and that of every larger cluster, is within 10 % of the fleet's"})
}

func real(ns *int64) *float64 {
	if ns == nil {
		return nil
	}
	x := float64(*ns)
	return &x
}
