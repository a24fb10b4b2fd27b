package timing

import (
	"testing"
	"time"
)

// It never returns early. How late it returns is for the machine to say: a
// process that is stalled is late by any amount.
func TestWaitUntil(t *testing.T) {
	for _, spin := range []time.Duration{0, 100 * time.Microsecond} {
		for _, ahead := range []time.Duration{-time.Second, 0, 10 * time.Microsecond, 3 * time.Millisecond} {
			at := Now() + ahead
			WaitUntil(at, spin)
			if late := Now() - at; late < 0 {
				t.Errorf("%v ahead, spin %v: it returned %v early", ahead, spin, -late)
			}
		}
	}
}
