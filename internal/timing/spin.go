package timing

import "time"

// SpinFor is how long before the moment SpinUntil stops sleeping and spins: a
// sleeping thread is woken tens of microseconds late.
const SpinFor = 100 * time.Microsecond

// SpinUntil returns at a time of Now or just after it: it sleeps, and spins for
// the last SpinFor. The goroutine should be locked to a thread with a core of
// its own.
func SpinUntil(at time.Duration) {
	for left := at - Now(); left > SpinFor; left = at - Now() {
		sleep(left - SpinFor)
	}
	for Now() < at {
	}
}
