//go:build !linux

package timing

import "time"

func sleep(d time.Duration) { time.Sleep(d) }
