//go:build !linux

package live

import "runtime"

func cores() []int { return all() }

// pin locks the goroutine to its thread, which goes where the system puts it.
func pin(int) bool {
	runtime.LockOSThread()
	return false
}

func wakeSharply() {}

func preemptions() int64 { return 0 }
