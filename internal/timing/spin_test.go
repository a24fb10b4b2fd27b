package timing

import (
	"testing"
	"time"
)

// It never returns early; late is for the machine to say, within reason.
func TestSpinUntil(t *testing.T) {
	for _, ahead := range []time.Duration{-time.Second, 0, 10 * time.Microsecond, 3 * time.Millisecond} {
		at := Now() + ahead
		SpinUntil(at)
		if late := Now() - at; late < 0 || ahead >= 0 && late > time.Second {
			t.Errorf("%v ahead: it returned %v late", ahead, late)
		}
	}
}
