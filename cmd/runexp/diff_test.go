package main

import (
	"slices"
	"testing"

	"runexp/experiments"
	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// Every table of every shipped experiment has a shape whose columns exist.
func TestShapesFitTables(t *testing.T) {
	for _, name := range experiments.Names() {
		e, err := experiments.Load(name, experiments.Options{})
		if err != nil {
			t.Fatal(err)
		}
		g, err := experiments.Graph(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range g.Stages() {
			for _, table := range s.Tables {
				shape, known := record.Shapes()[table.Name]
				if !known {
					t.Errorf("%s: table %s has no shape", name, table.Name)
				}
				columns := append(slices.Clone(shape.Key), shape.Repeat...)
				for measure, b := range shape.Interval {
					columns = append(columns, measure, b.Lo, b.Hi)
				}
				for _, column := range columns {
					if !slices.ContainsFunc(table.Columns, func(c artifact.Column) bool { return c.Name == column }) {
						t.Errorf("table %s: its shape names column %s, which it has not", table.Name, column)
					}
				}
			}
		}
	}
}
