//go:build !unix

package atomicfile

import "os"

// Lock makes dir. There are no locks on this system: two runs in one results
// folder at once may leave a table beside the other run's sidecar, which the
// next run notices and repairs.
func Lock(dir string) (unlock func(), err error) {
	return func() {}, os.MkdirAll(dir, 0o755)
}

// Share makes dir, as Lock does.
func Share(dir string) (unlock func(), err error) { return Lock(dir) }

// TryLock makes dir, as Lock does.
func TryLock(dir string) (unlock func(), err error) { return Lock(dir) }

// TryLockFile does nothing: two measurements at once may disturb each other.
func TryLockFile(path, who string) (unlock func(), holder string, err error) {
	return func() {}, "", nil
}
