package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"runexp/internal/atomicfile"
	"runexp/internal/timing"
)

// retry is how often a run looks whether the machine is free.
const retry = 100 * time.Millisecond

// nameless is after how many looks a holder without a name is taken for one
// that could not write it: two seconds, because on a busy machine a process may
// lie still between taking the lock and writing.
const nameless = 20

// alone waits until no other run measures on this machine, whatever its folder,
// and returns the function that lets the next one go on. While it waits it says
// once for whom. The lock of a process that died is free.
func (r *run) alone(ctx context.Context, stage string) (release func(), err error) {
	if r.o.Machine == "" {
		return func() {}, nil
	}
	who := fmt.Sprintf("experiment %s, process %d, since %s UTC", r.g.name, os.Getpid(), timing.Date().Format(time.DateTime))
	for looks, said := 1, false; ; looks++ {
		release, holder, err := atomicfile.TryLockFile(r.o.Machine, who)
		if !errors.Is(err, atomicfile.ErrLocked) {
			return release, err
		}
		if holder == "" && looks > nameless { // not one that is about to write its name, or to go
			holder = "it could not write its name"
		}
		if !said && holder != "" {
			said = true
			r.report.Warn(stage, "waits: another run measures on this machine: "+holder)
		}
		if !timing.Wait(retry, ctx.Done()) {
			return nil, ctx.Err()
		}
	}
}
