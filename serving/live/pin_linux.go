package live

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// cores lists the cores that this process may use.
func cores() []int {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return all()
	}
	var list []int
	for i := 0; len(list) < set.Count(); i++ {
		if set.IsSet(i) {
			list = append(list, i)
		}
	}
	return list
}

// pin locks the goroutine to its thread and the thread to a core. The lock is
// not taken back: the thread ends with the goroutine, and with it the pin.
func pin(core int) bool {
	runtime.LockOSThread()
	var set unix.CPUSet
	set.Set(core)
	return unix.SchedSetaffinity(0, &set) == nil
}

// wakeSharply asks the system not to let this thread sleep on for the 50 us by
// which it may otherwise bundle wake-ups.
func wakeSharply() {
	unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // where refused, sends come late and are counted
}

// preemptions is how often the system has taken this thread off its core for
// another one.
func preemptions() int64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
		return 0
	}
	return int64(u.Nivcsw)
}
