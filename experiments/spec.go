package experiments

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"runexp/stages/optimize"
	"runexp/stages/report"
	"runexp/stages/simulate"
)

// The specs are strings with parts, checked by parsing them.

// parsePolicy reads BATCH/THRESHOLD.
func parsePolicy(spec string) (simulate.Policy, error) {
	batch, threshold, ok := strings.Cut(spec, "/")
	b, errB := strconv.Atoi(batch)
	t, errT := strconv.Atoi(threshold)
	if !ok || errB != nil || errT != nil || b < 1 || t < 0 {
		return simulate.Policy{}, fmt.Errorf("%q is not BATCH/THRESHOLD, such as 64/0 or 64/300", spec)
	}
	return simulate.Policy{BatchSize: b, OffloadThreshold: t}, nil
}

// mixPart is some servers of one kind, as parseMix reads them.
type mixPart struct {
	servers    int
	cpu, accel string
}

// parseMix reads COUNT*CPU/ACCEL+COUNT*CPU/ACCEL...
func parseMix(spec string) ([]mixPart, error) {
	var parts []mixPart
	for _, part := range strings.Split(spec, "+") {
		count, machine, ok1 := strings.Cut(part, "*")
		cpu, accel, ok2 := strings.Cut(machine, "/")
		n, err := strconv.Atoi(count)
		if !ok1 || !ok2 || err != nil || n < 1 || n > 1_000_000 || cpu == "" || accel == "" {
			return nil, fmt.Errorf("%q is not COUNT*CPU/ACCEL joined by +, such as 6*skylake/none+2*skylake/t4", spec)
		}
		parts = append(parts, mixPart{n, cpu, accel})
	}
	return parts, nil
}

// sla is a medium p95 target of the user's own.
type sla struct {
	model  string
	target time.Duration
}

// parseSLA reads MODEL=TIME.
func parseSLA(spec string) (sla, error) {
	model, text, ok := strings.Cut(spec, "=")
	if !ok || model == "" {
		return sla{}, fmt.Errorf("%q is not MODEL=TIME, such as rm1=80ms", spec)
	}
	target, err := time.ParseDuration(text)
	if err != nil {
		return sla{}, fmt.Errorf("%q: %q is not a time such as 80ms", spec, text)
	}
	if target <= 0 {
		return sla{}, fmt.Errorf("%q: a target of %v is not above 0", spec, target)
	}
	return sla{model, target}, nil
}

// cellsOf parses patterns that have been checked.
func cellsOf(specs []string) []optimize.Cell {
	var cells []optimize.Cell
	for _, spec := range specs {
		cell, _ := optimize.ParseCell(spec)
		cells = append(cells, cell)
	}
	return cells
}

// parseNode reads CPU/ENGINE/ACCEL.
func parseNode(spec string) (report.Node, error) {
	parts := strings.Split(spec, "/")
	if len(parts) != 3 || slices.Contains(parts, "") {
		return report.Node{}, fmt.Errorf("%q is not CPU/ENGINE/ACCEL, such as skylake/reference/gtx1080ti", spec)
	}
	return report.Node{CPU: parts[0], Engine: parts[1], Accel: parts[2]}, nil
}

// targetNames lists the targets of the paper.
func targetNames() []string {
	var names []string
	for _, t := range optimize.DefaultTargets() {
		names = append(names, t.Name)
	}
	return names
}
