// Package timing is the only reader of the wall clock. Everything else either
// measures through it or lives in virtual time.
package timing

import "time"

var start = time.Now()

// Now returns the monotonic time since the process started. Differences
// between two calls are durations; the absolute value means nothing.
func Now() time.Duration { return time.Since(start) }

// Date returns the wall-clock time in UTC, for provenance only.
func Date() time.Time { return time.Now().UTC() }

// Wait pauses until d has passed or done is closed, and reports whether it
// waited in full.
func Wait(d time.Duration, done <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-done:
		return false
	}
}
