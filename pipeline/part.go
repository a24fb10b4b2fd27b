package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"runexp/pipeline/cache"
)

// Part returns one part of what a long stage works out: what an earlier run of
// the same action had got before it was stopped, or else what compute returns,
// which is kept until the stage has ended. So a stage that works in parts goes
// on where it was killed.
//
// Key names the part within the action, whose ID covers the stage's version,
// configuration and inputs. Compute must depend on nothing else, and what is to
// outlive it must be in the T it returns: a warning given with Task.Warn is not
// repeated when the part is taken from the cache. T must be the same after JSON:
// rows, or a struct of several kinds of rows, which are kept together or not at
// all. A part that cannot be kept, on a full disk say, is a warning and no
// error; one that is made after the run has ended is an error. Part may be called from several goroutines.
func Part[T any](t *Task, key string, compute func() (T, error)) (T, error) {
	id := cache.ID([]string{"part " + key})
	kept, err := keptPart[T](t.parts, id)
	if err == nil {
		return kept, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.report.Warn(t.stage.Name, fmt.Sprintf("part %s: %v: made again", key, err))
	}
	made, err := compute()
	if err != nil || t.parts == nil {
		return made, err
	}
	data, err := json.Marshal(made)
	if err == nil {
		err = t.parts.keep(id, data)
	}
	if errors.Is(err, errOver) {
		return made, err
	}
	if err != nil {
		t.report.Warn(t.stage.Name, fmt.Sprintf("part %s: not kept: %v", key, err))
	}
	return made, nil
}

// parts is where the parts of one action are kept; nil keeps none.
type parts struct {
	cache  *cache.Cache
	action string
	gate   *gate
}

func (p *parts) keep(id string, data []byte) error {
	return p.gate.pass(func() error { return p.cache.KeepPart(p.action, id, data) })
}

// gate lets nothing pass once it is closed.
type gate struct {
	mu   sync.RWMutex
	over bool
}

var errOver = errors.New("the run is over")

func (g *gate) pass(do func() error) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.over {
		return errOver
	}
	return do()
}

// close waits for those who are passing.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
}

func keptPart[T any](p *parts, id string) (kept T, err error) {
	if p == nil {
		return kept, fs.ErrNotExist
	}
	data, err := p.cache.Part(p.action, id)
	if err != nil {
		return kept, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields() // a T of another shape
	if err := d.Decode(&kept); err != nil {
		return kept, fmt.Errorf("%w: %v", cache.ErrDamaged, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return kept, fmt.Errorf("%w: more than one value", cache.ErrDamaged)
	}
	return kept, nil
}
