package main

import (
	"fmt"
	"math"

	"runexp/internal/kernel"
	"runexp/internal/npz"
	"runexp/internal/stream"
	"runexp/models"
)

// seed of every parameter and input: one of those with which no model's outputs,
// most of which end in Relu, are all zero.
const seed = 2

// parameters are the values of a model, shared by both engines: by name, in the
// form of an archive of tensors.
type parameters struct {
	arrays map[string]npz.Array
	memory []float32 // the tables, where models keep theirs
}

// draw makes random parameters: layers W ~ N(0, 2/(in+out)) and b ~ N(0, 1/out)
// as usual; tables U(-1/sqrt(L), 1/sqrt(L)) for L lookups per item, which makes
// a sum of rows as large as the other inputs. With the usual 1/sqrt(rows) the
// outputs would hardly depend on which rows were summed, and comparing them would
// tell little.
func draw(s spec, dim int) (*parameters, error) {
	total := 0
	for _, t := range s.Tables {
		total += t.Rows * dim
	}
	memory, err := kernel.Alloc(total)
	if err != nil {
		return nil, err
	}
	p := &parameters{map[string]npz.Array{}, memory}
	bound := float32(1 / math.Sqrt(float64(s.Lookups)))
	for _, t := range s.Tables {
		n := t.Rows * dim
		kernel.FillUniform(memory[:n:n], stream.New(seed, t.Name).Uint64(), -bound, bound)
		p.arrays["param/"+t.Name+"_w"] = npz.Array{Shape: []int{t.Rows, dim}, F32: memory[:n:n]}
		memory = memory[n:]
	}
	for _, l := range s.Layers {
		p.arrays["param/"+l.Name+"_w"] = normal(l.Name+"_w", 2/float64(l.In+l.Out), l.Out, l.In)
		p.arrays["param/"+l.Name+"_b"] = normal(l.Name+"_b", 1/float64(l.Out), l.Out)
	}
	return p, nil
}

// normal draws an array of mean 0.
func normal(name string, variance float64, shape ...int) npz.Array {
	n := 1
	for _, d := range shape {
		n *= d
	}
	rng, deviation := stream.New(seed, name), math.Sqrt(variance)
	a := npz.Array{Shape: shape, F32: make([]float32, n)}
	for i := range a.F32 {
		a.F32[i] = float32(deviation * rng.NormFloat64())
	}
	return a
}

// send sends every parameter in the order that the peer expects.
func (p *parameters) send(c *child) error {
	var names []string
	for _, t := range c.spec.Tables {
		names = append(names, t.Name+"_w")
	}
	for _, l := range c.spec.Layers {
		names = append(names, l.Name+"_w", l.Name+"_b")
	}
	for _, name := range names {
		if err := send(c, p.arrays["param/"+name].F32); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// model is runexp's model with these parameters. An archive holds inputs too:
// the smallest batch that there is stands in for them.
func (p *parameters) model(cfg models.Config, s spec) (*models.Model, error) {
	for _, t := range s.Tables {
		p.arrays["input/"+t.Name+"_l"] = npz.Array{Shape: []int{1}, I32: []int32{0}}
		p.arrays["input/"+t.Name+"_i"] = npz.Array{Shape: []int{0}, I32: []int32{}}
	}
	if s.Dense > 0 {
		p.arrays["input/dense_in"] = npz.Array{Shape: []int{1, s.Dense}, F32: make([]float32, s.Dense)}
	}
	m, _, err := models.FromTensors(cfg, models.Corrected, p.arrays)
	return m, err
}

// free gives the memory back; models and arrays must not be used afterwards.
func (p *parameters) free() error { return kernel.Free(p.memory) }
