package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"unsafe"

	"runexp/models"
)

// child is a peer engine in a process of its own; serve.py has the dialogue.
type child struct {
	cmd  *exec.Cmd
	kill context.CancelFunc
	in   io.WriteCloser
	out  *bufio.Reader
	spec spec
}

// spec is what a peer's graph is made of, as the peer states it.
type spec struct {
	Engine, Version string
	Tables          []table
	Layers          []layer
	Dense, Lookups  int // width of the dense input, lookups per item and table
}

// table is an embedding table.
type table struct {
	Name string
	Rows int
}

// layer is a linear layer: W is [Out, In], b is [Out].
type layer struct {
	Name    string
	Out, In int
}

// start starts an engine and tells it the model. Cancelling ctx kills it.
func start(ctx context.Context, stderr io.Writer, scripts string, e engine, cfg models.Config) (*child, error) {
	ctx, kill := context.WithCancel(ctx)
	c := &child{cmd: exec.CommandContext(ctx, e.python, filepath.Join(scripts, "serve.py")), kill: kill}
	c.cmd.Stderr = stderr
	// NumPy would advise huge pages by itself, which most other users of the
	// engines' libraries do not.
	c.cmd.Env = append(os.Environ(), "NUMPY_MADVISE_HUGEPAGE=0", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "PYTHONDONTWRITEBYTECODE=1")
	if e.huge {
		c.cmd.Env = append(c.cmd.Env, "GLIBC_TUNABLES=glibc.malloc.hugetlb=1")
	}
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReaderSize(out, 1<<16)
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	if err := c.ask(map[string]any{"engine": e.name, "config": cfg}, &c.spec); err != nil {
		return nil, c.close(err)
	}
	return c, nil
}

// close ends the process and returns err or, if there is none, how it ended. On
// an error the process may be waiting for us: it is killed.
func (c *child) close(err error) error {
	c.in.Close()
	if err != nil {
		c.kill()
		_ = c.cmd.Wait()
		return err
	}
	return c.cmd.Wait()
}

// ask sends a line and reads the answer.
func (c *child) ask(question, answer any) error {
	line, err := json.Marshal(question)
	if err != nil {
		return err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return err
	}
	return c.hear(answer)
}

// hear reads a line.
func (c *child) hear(answer any) error {
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("%s gave no answer: %w", c.cmd.Path, err)
	}
	return json.Unmarshal(line, answer)
}

// send sends raw values. Both sides run on one machine, so its byte order does.
func send[T float32 | int32](c *child, x []T) error {
	_, err := c.in.Write(raw(x))
	return err
}

// receive reads n raw values.
func (c *child) receive(n int) ([]float32, error) {
	x := make([]float32, n)
	_, err := io.ReadFull(c.out, raw(x))
	return x, err
}

// raw is the memory of x.
func raw[T float32 | int32](x []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
}

// result is a turn's answer.
type result struct {
	NS      []int64
	Outputs int
}

// turn runs a peer on some batches, and returns the time of each pass and all
// outputs one after the other.
func (c *child) turn(batches []*models.Batch) ([]int64, []float32, error) {
	line, err := json.Marshal(map[string]int{"batch": batches[0].Size, "passes": len(batches)})
	if err != nil {
		return nil, nil, err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return nil, nil, err
	}
	for _, b := range batches {
		if err := c.sendBatch(b); err != nil {
			return nil, nil, err
		}
	}
	var r result
	if err := c.hear(&r); err != nil {
		return nil, nil, err
	}
	out, err := c.receive(r.Outputs)
	if err != nil {
		return nil, nil, err
	}
	return r.NS, out, nil
}

func (c *child) sendBatch(b *models.Batch) error {
	if err := send(c, b.Dense); err != nil {
		return err
	}
	for _, indices := range b.Indices {
		if err := send(c, indices); err != nil {
			return err
		}
	}
	return nil
}
