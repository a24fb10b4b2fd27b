package report

import "strconv"

// table is one HTML table: sortable, and filterable when it is long.
type table struct {
	ID      string
	Caption string
	Columns []tableColumn
	Rows    [][]cell
}

type tableColumn struct {
	Name    string
	Numeric bool
}

// cell is a text and, for a number, the value that it sorts by.
type cell struct {
	Text string
	Sort string // empty: sort by Text
}

// columns names the columns; one that starts with # holds numbers.
func columns(names ...string) []tableColumn {
	var cs []tableColumn
	for _, n := range names {
		c := tableColumn{Name: n}
		if n[0] == '#' {
			c = tableColumn{Name: n[1:], Numeric: true}
		}
		cs = append(cs, c)
	}
	return cs
}

// add appends a row; it has as many cells as the table has columns.
func (t *table) add(cells ...cell) {
	if len(cells) != len(t.Columns) {
		panic("report: table " + t.ID + ": a row has " + strconv.Itoa(len(cells)) + " cells")
	}
	t.Rows = append(t.Rows, cells)
}

// Long tables are folded away and get a filter.
func (t table) Folded() bool     { return len(t.Rows) > 40 }
func (t table) Filterable() bool { return len(t.Rows) > 10 }

var empty = cell{Text: "–", Sort: "-1"}

func text(s string) cell { return cell{Text: s} }

func number(v float64, shown string) cell {
	return cell{Text: shown, Sort: strconv.FormatFloat(v, 'g', -1, 64)}
}

func whole(v int32) cell { return number(float64(v), strconv.Itoa(int(v))) }

func ns(v int64) cell { return number(float64(v), duration(v)) }

// threshold shows an offload threshold; 0 never offloads, and sorts last.
func threshold(v int32) cell {
	if v == 0 {
		return number(1e9, "never")
	}
	return whole(v)
}

// optional shows a nullable measure.
func optional(v *float64, format func(float64) string) cell {
	if v == nil {
		return empty
	}
	return number(*v, format(*v))
}
