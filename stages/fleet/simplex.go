package fleet

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// simplex minimises c x over rows x <= rhs, x >= 0. Where the solver gives up
// it gets the same program once more with its numbers nearer to one: a demand
// far below or above what a machine serves makes a matrix that looks singular.
func simplex(c []float64, rows [][]float64, rhs []float64) ([]float64, error) {
	x, err := solver(c, rows, rhs)
	if err == nil || errors.Is(err, errInfeasible) {
		return x, err
	}
	s := scalesOf(c, rows, rhs)
	if x, err = solver(s.scaled(c, rows, rhs)); err != nil {
		return nil, err
	}
	for j := range x {
		x[j] *= s.cols[j] * s.rhs
	}
	return x, nil
}

// solver calls gonum's simplex, which reports some programs that it cannot
// solve by a panic.
func solver(c []float64, rows [][]float64, rhs []float64) (x []float64, err error) {
	n, m := len(c), len(rows)
	a := mat.NewDense(m, n+m, nil)
	for i, r := range rows {
		for j, v := range r {
			a.Set(i, j, v)
		}
		a.Set(i, n+i, 1)
	}
	defer func() {
		if r := recover(); r != nil {
			x, err = nil, fmt.Errorf("linear program of %d rows: the solver fails: %v", m, r)
		}
	}()
	_, x, err = lp.Simplex(append(append([]float64{}, c...), make([]float64, m)...), a, rhs, 1e-9, nil)
	switch {
	case errors.Is(err, lp.ErrInfeasible):
		return nil, errInfeasible
	case err != nil:
		return nil, fmt.Errorf("linear program of %d rows: %w", m, err)
	}
	return x[:n], nil
}

// scales are what a linear program is multiplied by to bring its numbers near
// to one: each variable is cols[j] rhs times that of the scaled program.
type scales struct {
	rows, cols []float64
	rhs        float64
	objective  float64
}

// scalesOf makes the largest number of every column, then of every row, of the
// right-hand side and of the objective, one.
func scalesOf(c []float64, rows [][]float64, rhs []float64) scales {
	s := scales{cols: make([]float64, len(c)), rows: make([]float64, len(rows))}
	for j := range c {
		for _, r := range rows {
			s.cols[j] = max(s.cols[j], math.Abs(r[j]))
		}
		s.cols[j] = inverse(s.cols[j])
		s.objective = max(s.objective, math.Abs(c[j]*s.cols[j]))
	}
	for i, r := range rows {
		for j, v := range r {
			s.rows[i] = max(s.rows[i], math.Abs(v*s.cols[j]))
		}
		s.rows[i] = inverse(s.rows[i])
		s.rhs = max(s.rhs, math.Abs(rhs[i]*s.rows[i]))
	}
	s.objective = inverse(s.objective)
	if s.rhs == 0 {
		s.rhs = 1
	}
	return s
}

// inverse is 1/x, and 1 for 0: nothing to scale.
func inverse(x float64) float64 {
	if x == 0 {
		return 1
	}
	return 1 / x
}

func (s scales) scaled(c []float64, rows [][]float64, rhs []float64) ([]float64, [][]float64, []float64) {
	c2, rows2, rhs2 := make([]float64, len(c)), make([][]float64, len(rows)), make([]float64, len(rhs))
	for j, v := range c {
		c2[j] = v * s.cols[j] * s.objective
	}
	for i, r := range rows {
		rows2[i] = make([]float64, len(r))
		for j, v := range r {
			rows2[i][j] = v * s.cols[j] * s.rows[i]
		}
		rhs2[i] = rhs[i] * s.rows[i] / s.rhs
	}
	return c2, rows2, rhs2
}
