package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"runexp/pipeline/artifact"
	"runexp/pipeline/cache"
)

// Part returns the rows of one part of a long stage: those that an earlier run
// of the same action had got before it was stopped, or else those that compute
// returns, which are kept until the stage has ended. So a stage that makes its
// rows in parts goes on where it was killed.
//
// Key names the part within the action, whose ID covers the stage's version,
// configuration and inputs. Compute must depend on nothing else, and whatever
// is to outlive it must be in its rows: a warning it gives with Task.Warn is
// not repeated when the part is taken from the cache. Rows are of a type that
// artifact.TableOf accepts. A part that cannot be kept, on a full disk say, is
// a warning and no error. Part may be called from several goroutines.
func Part[T any](t *Task, key string, compute func() ([]T, error)) ([]T, error) {
	id := cache.ID([]string{"part " + key, "rows " + artifact.TableOf[T]("part").Schema})
	rows, err := keptPart[T](t.parts, id)
	if err == nil {
		return rows, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.report.Warn(t.stage.Name, fmt.Sprintf("part %s: %v: made again", key, err))
	}
	if rows, err = compute(); err != nil || t.parts == nil {
		return rows, err
	}
	var b bytes.Buffer
	if err := artifact.Write(&b, rows); err != nil {
		return nil, t.fail("part %s: %w", key, err)
	}
	if err := t.parts.keep(id, b.Bytes()); err != nil {
		t.report.Warn(t.stage.Name, fmt.Sprintf("part %s: not kept: %v", key, err))
	}
	return rows, nil
}

// parts is where the parts of one action are kept; nil keeps none.
type parts struct {
	cache  *cache.Cache
	action string
}

func (p *parts) keep(id string, data []byte) error { return p.cache.KeepPart(p.action, id, data) }

func keptPart[T any](p *parts, id string) ([]T, error) {
	if p == nil {
		return nil, fs.ErrNotExist
	}
	data, err := p.cache.Part(p.action, id)
	if err != nil {
		return nil, err
	}
	return artifact.ReadBytes[T](data)
}
