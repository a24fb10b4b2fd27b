package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"runexp/internal/timing"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // a second signal ends the process at once
		timing.Wait(patience, nil)
		fmt.Fprintln(os.Stderr, "runexp: interrupted")
		os.Exit(exitInterrupted)
	})
	os.Exit(run(ctx, os.Stdout, os.Stderr, os.Args[1:]))
}

// patience is how long a command may take to end when it is interrupted. What
// ends the process then is no worse than a kill, after which nothing is lost.
const patience = 3 * time.Second

// run is the whole program: it writes only to stdout and stderr and returns
// the exit code. Cancelling ctx ends it cleanly.
func run(ctx context.Context, stdout, stderr io.Writer, args []string) int {
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage usageError
	label := inkOn(stderr).paint(red, "runexp:")
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, interrupted(root, args))
		return exitInterrupted
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, label, oneLine(err))
		return exitUsage
	default:
		fmt.Fprintln(stderr, label, oneLine(err))
		return exitFailed
	}
}

// interrupted says what an interrupt leaves: only stages of an experiment are kept.
func interrupted(root *cobra.Command, args []string) string {
	if cmd, _, err := root.Find(args); err == nil && (cmd.Name() == "run" || cmd.Name() == "report") {
		return "runexp: interrupted: what finished is kept; the same command goes on from there"
	}
	return "runexp: interrupted"
}
