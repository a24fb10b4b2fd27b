package timing

import (
	"syscall"
	"time"
)

// sleep blocks the thread itself: a goroutine locked to a thread is woken from
// time.Sleep through a second thread, which takes as long again.
func sleep(d time.Duration) {
	t := syscall.NsecToTimespec(int64(d))
	syscall.Nanosleep(&t, nil) // a signal ends it early: the caller looks at the clock
}
