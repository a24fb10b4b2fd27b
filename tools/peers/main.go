// Command peers measures runexp's models beside the engines that would serve
// them otherwise: ONNX Runtime and, where it is installed, PyTorch.
//
// The stance: only what ran side by side is compared. An engine runs as a child
// process that states the graphs on its own (graphs.py), gets the same
// parameters and, pass by pass, the same fresh inputs; the two engines take
// turns of a few passes each, so that drift of the machine meets both alike;
// every output is compared. All run on one thread. Each engine runs twice: on
// the 4 KiB pages that it gets by default, and with glibc's allocator advising
// huge pages. Parameters go through a pipe and inputs too: nothing is written
// but the results, and an interrupted run leaves nothing behind.
//
// Rows of models that were not measured stay in the table, so that a run can
// be split:
//
//	peers -python .venv-peers/bin/python -models rm1,rm2
//	peers -python .venv-peers/bin/python -models din
//
// Start with Point in table.go, what is measured, then measure.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"runexp/models"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stderr, os.Args[1:])
	stop()
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintf(os.Stderr, "peers: %v\n", err)
	os.Exit(1)
}

// options are the command line.
type options struct {
	python  string // interpreter that has onnxruntime
	torch   string // interpreter that has PyTorch, or "" for none
	scripts string // folder of the Python files
	models  []string
	batches []int
	reps    int     // passes timed at each point, at least
	scale   float64 // of the tables' rows
	out     string  // folder of the results
}

func parse(stderr io.Writer, args []string) (options, error) {
	var o options
	var names, batches string
	f := flag.NewFlagSet("peers", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.python, "python", "python3", "interpreter that has onnxruntime")
	f.StringVar(&o.torch, "torch", "", "interpreter that has PyTorch (none: without it)")
	f.StringVar(&o.scripts, "scripts", "tools/peers", "folder of the Python files")
	f.StringVar(&names, "models", strings.Join(models.Names(), ","), "models to measure")
	f.StringVar(&batches, "batches", "1,4,16,64,256,1024", "batch sizes to measure")
	f.IntVar(&o.reps, "reps", 30, "passes to time at each point, at least")
	f.Float64Var(&o.scale, "table-scale", 1, "rows of the tables, as a share of the full size")
	f.StringVar(&o.out, "out", "results/peers", "folder of the results")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%s: unexpected argument", f.Arg(0))
	}
	o.models = strings.Split(names, ",")
	for text := range strings.SplitSeq(batches, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return o, fmt.Errorf("-batches: %q is not a batch size", text)
		}
		o.batches = append(o.batches, n)
	}
	if o.reps < 1 {
		return o, fmt.Errorf("-reps: %d is less than 1", o.reps)
	}
	return o, nil
}

// run measures every model with every engine and adds the points to the table
// after each, so that an interrupted run keeps what it has.
func run(ctx context.Context, stderr io.Writer, args []string) error {
	o, err := parse(stderr, args)
	if err != nil {
		return err
	}
	for _, name := range o.models {
		if !slices.Contains(models.Names(), name) {
			return fmt.Errorf("-models: %q is not one of %s", name, strings.Join(models.Names(), ", "))
		}
		points, err := measureModel(ctx, stderr, o, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := publish(o, name, points); err != nil {
			return err
		}
	}
	return nil
}

// engine is one way to run a peer.
type engine struct {
	name   string // the Python module is NAME_engine
	python string
	huge   bool // glibc's allocator advises huge pages
}

// pages names the kind of page that the allocator asks for.
func (e engine) pages() string {
	if e.huge {
		return "thp"
	}
	return "4k"
}

// engines lists the peers in the order in which they are measured.
func (o options) engines() []engine {
	list := []engine{{"onnx", o.python, false}, {"onnx", o.python, true}}
	if o.torch != "" {
		list = append(list, engine{"torch", o.torch, false}, engine{"torch", o.torch, true})
	}
	return list
}

func measureModel(ctx context.Context, stderr io.Writer, o options, name string) ([]Point, error) {
	cfg, err := models.ByName(name)
	if err != nil {
		return nil, err
	}
	for i, rows := range cfg.TableRows {
		cfg.TableRows[i] = max(int(math.Round(float64(rows)*o.scale)), cfg.Lookups)
	}
	var points []Point
	for _, e := range o.engines() {
		found, err := beside(ctx, stderr, o, cfg, e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
		points = append(points, found...)
	}
	return points, nil
}
