package compare

import (
	"runexp/internal/sample"
)

// compare notes the measures in which the rows of one key differ.
func (p plan) compare(r *Result, a, b [][]any) {
	for _, m := range p.measures {
		r.Values++
		c := Change{Measure: p.columns[m.column].Name, Significant: Unknown}
		xs, ys := numbers(a, m.column), numbers(b, m.column)
		if len(xs) == 0 || len(ys) == 0 {
			c.A, c.B = alone(a, m.column), alone(b, m.column)
			if c.A == c.B {
				continue
			}
		} else {
			x, y := sample.Median(xs), sample.Median(ys)
			if x == y {
				continue
			}
			c.A, c.B = x, y
			if x != 0 {
				relative := y/x - 1
				c.Relative = &relative
			}
			c.Significant = significance(m, a, b, xs, ys)
		}
		if c.Significant == Significant {
			r.Significant++
		}
		c.Key = p.keyOf(a[0])
		r.Changes = append(r.Changes, c)
	}
}

// numbers returns the values of a column that are numbers.
func numbers(rows [][]any, column int) (list []float64) {
	for _, row := range rows {
		switch v := row[column].(type) {
		case int64:
			list = append(list, float64(v))
		case uint64:
			list = append(list, float64(v))
		case float64:
			if v == v { // not a number is not one
				list = append(list, v)
			}
		}
	}
	return list
}

// alone returns the value of a column without numbers on a side: the word that
// all rows share, or a number, or nil.
func alone(rows [][]any, column int) any {
	if list := numbers(rows, column); len(list) > 0 {
		return sample.Median(list)
	}
	if f, nan := rows[0][column].(float64); nan && f != f {
		return nil
	}
	return rows[0][column]
}

// fewest repetitions allow a p-value below Alpha: 2 of the 924 orders of six and
// six are as far apart as can be, 2 of 3432 of seven and seven.
const fewest = 7

// significance goes by repetitions if both sides have enough, otherwise by
// intervals if both have them.
func significance(m measure, a, b [][]any, xs, ys []float64) string {
	if len(xs) >= fewest && len(ys) >= fewest {
		return word(sample.RankSum(xs, ys) < Alpha)
	}
	loA, hiA, okA := interval(m, a)
	loB, hiB, okB := interval(m, b)
	if !okA || !okB {
		return Unknown
	}
	return word(hiA < loB || hiB < loA)
}

func word(significant bool) string {
	if significant {
		return Significant
	}
	return NotSignificant
}

// interval returns the interval of the only row.
func interval(m measure, rows [][]any) (lo, hi float64, ok bool) {
	if m.lo < 0 || m.hi < 0 || len(rows) != 1 {
		return 0, 0, false
	}
	los, his := numbers(rows, m.lo), numbers(rows, m.hi)
	if len(los) == 0 || len(his) == 0 {
		return 0, 0, false
	}
	return los[0], his[0], true
}
