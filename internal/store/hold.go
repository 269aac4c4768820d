package store

import (
	"os"
	"runtime"
	"time"

	"github.com/gofrs/flock"
)

// hold locks a download's file, so that others can tell whether its writer still lives:
// the lock goes when the process does. It is not held where a file system knows no locks,
// or where somebody else holds it.
func hold(path string) (release func(), held bool) {
	if runtime.GOOS == "windows" {
		// A lock there keeps our own other handle from writing.
		return func() {}, true
	}
	l := flock.New(path, flock.SetFlag(os.O_RDONLY))
	held, _ = l.TryLock()
	return func() { _ = l.Close() }, held
}

// removeAbandoned removes what a process left that is gone: nobody holds it, or, where
// that cannot be found out, it is old.
func removeAbandoned(path string, age time.Duration) {
	if runtime.GOOS != "windows" {
		l := flock.New(path, flock.SetFlag(os.O_RDONLY))
		locked, err := l.TryLock()
		defer l.Close()
		if err == nil {
			if locked {
				_ = os.Remove(path)
			}
			return
		}
	}
	if age > staleAfter {
		_ = os.Remove(path)
	}
}

// isHeld reports whether somebody holds a file.
func isHeld(path string) bool {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || runtime.GOOS == "windows" {
		return false
	}
	l := flock.New(path, flock.SetFlag(os.O_RDONLY))
	defer l.Close()
	locked, err := l.TryLock()
	return err == nil && !locked
}
