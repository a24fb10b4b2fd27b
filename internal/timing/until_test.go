package timing

import (
	"testing"
	"time"
)

// It never returns early; late is for the machine to say, within reason.
func TestWaitUntil(t *testing.T) {
	for _, spin := range []time.Duration{0, 100 * time.Microsecond} {
		for _, ahead := range []time.Duration{-time.Second, 0, 10 * time.Microsecond, 3 * time.Millisecond} {
			at := Now() + ahead
			WaitUntil(at, spin)
			if late := Now() - at; late < 0 || ahead >= 0 && late > time.Second {
				t.Errorf("%v ahead, spin %v: it returned %v late", ahead, spin, late)
			}
		}
	}
}
