package timing

import "time"

// WaitUntil returns at a time of Now or just after it: it sleeps, and spins for
// the last while. A sleeping thread is woken tens of microseconds late, so spin
// should be as long, on a goroutine locked to a thread with a core of its own;
// on a core that others need, it should be zero.
func WaitUntil(at, spin time.Duration) {
	for left := at - Now(); left > spin; left = at - Now() {
		sleep(left - spin)
	}
	for Now() < at {
	}
}
