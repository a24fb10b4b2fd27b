// Package compare sets two tables of one schema side by side: rows are matched
// by key, and each measure is compared.
//
// Its stance: a change is worth as much as its interval. Where both sides have
// repetitions or intervals it says whether the change is significant, and where
// they have not it says that this is not known. Repetitions of one run know
// nothing of what differs from run to run, so a significant change is a reason
// to look, not a proof.
//
// Start reading at Tables.
package compare

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"runexp/pipeline/artifact"
	"runexp/stages/record"
)

// Significance says what is known about a change.
const (
	Significant    = "yes"     // intervals do not meet, or repetitions differ at Alpha
	NotSignificant = "no"      // they do
	Unknown        = "unknown" // a side has neither
)

// Alpha is the level of the test on repetitions. It is low because a table asks
// hundreds of times.
const Alpha = 0.001

// Change is one measure of one row that differs.
type Change struct {
	Key         Key      `json:"key"`
	Measure     string   `json:"measure"`
	A           any      `json:"a"` // of several repetitions the median; nil: null
	B           any      `json:"b"`
	Relative    *float64 `json:"relative"` // B/A - 1; nil if A is 0 or a side is no number
	Significant string   `json:"significant"`
}

// Result is how two tables compare.
type Result struct {
	Matched     int      `json:"matched"` // keys in both, repetitions counted as one
	OnlyA       []Key    `json:"only_a"`
	OnlyB       []Key    `json:"only_b"`
	Values      int      `json:"values"`  // compared
	Changes     []Change `json:"changes"` // largest first
	Significant int      `json:"significant"`
}

// Tables compares two tables. Changes from or to null, of words, and from 0 have
// no size and come first.
func Tables(shape record.Shape, a, b artifact.Rows) (Result, error) {
	if !slices.Equal(a.Columns, b.Columns) {
		return Result{}, errors.New("the tables have different columns")
	}
	p, err := newPlan(shape, a.Columns)
	if err != nil {
		return Result{}, err
	}
	groupsA, order, err := p.groups(a)
	if err != nil {
		return Result{}, fmt.Errorf("the first table: %w", err)
	}
	groupsB, orderB, err := p.groups(b)
	if err != nil {
		return Result{}, fmt.Errorf("the second table: %w", err)
	}
	r := Result{OnlyA: []Key{}, OnlyB: []Key{}, Changes: []Change{}}
	for _, id := range order {
		if groupsB[id] == nil {
			r.OnlyA = append(r.OnlyA, p.keyOf(groupsA[id][0]))
			continue
		}
		r.Matched++
		p.compare(&r, groupsA[id], groupsB[id])
	}
	for _, id := range orderB {
		if groupsA[id] == nil {
			r.OnlyB = append(r.OnlyB, p.keyOf(groupsB[id][0]))
		}
	}
	slices.SortStableFunc(r.Changes, func(a, b Change) int { return cmp.Compare(b.size(), a.size()) })
	return r, nil
}

func (c Change) size() float64 {
	if c.Relative == nil {
		return math.Inf(1)
	}
	return math.Abs(*c.Relative)
}

// plan says what the columns are.
type plan struct {
	columns  []artifact.Column
	key      []int // of the key, Repeat left out
	repeats  bool
	measures []measure
}

// measure is a column that is compared, with those of its interval or -1.
type measure struct{ column, lo, hi int }

func newPlan(shape record.Shape, columns []artifact.Column) (plan, error) {
	p := plan{columns: columns, repeats: len(shape.Repeat) > 0}
	index := func(name string) int {
		return slices.IndexFunc(columns, func(c artifact.Column) bool { return c.Name == name })
	}
	for _, name := range shape.Key {
		i := index(name)
		if i < 0 {
			return p, fmt.Errorf("no column %s, which is part of the key", name)
		}
		if !slices.Contains(shape.Repeat, name) {
			p.key = append(p.key, i)
		}
	}
	bounds := map[string]bool{}
	for _, b := range shape.Interval {
		bounds[b.Lo], bounds[b.Hi] = true, true
	}
	for i, c := range columns {
		if slices.Contains(shape.Key, c.Name) || bounds[c.Name] {
			continue
		}
		m := measure{i, -1, -1}
		if b, ok := shape.Interval[c.Name]; ok {
			m.lo, m.hi = index(b.Lo), index(b.Hi)
		}
		p.measures = append(p.measures, m)
	}
	return p, nil
}

// groups gathers the rows of each key, and lists the keys in order.
func (p plan) groups(t artifact.Rows) (groups map[string][][]any, order []string, err error) {
	groups = map[string][][]any{}
	var id strings.Builder
	for _, row := range t.Values {
		id.Reset()
		for _, i := range p.key {
			fmt.Fprintf(&id, "%q ", fmt.Sprint(row[i]))
		}
		rows, known := groups[id.String()]
		if !known {
			order = append(order, id.String())
		} else if !p.repeats {
			return nil, nil, fmt.Errorf("two rows have the key %s", p.keyOf(row))
		}
		groups[id.String()] = append(rows, row)
	}
	return groups, order, nil
}

func (p plan) keyOf(row []any) Key {
	key := make(Key, len(p.key))
	for i, k := range p.key {
		key[i] = Field{p.columns[k].Name, row[k]}
	}
	return key
}
