package export

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// incompletePrefix starts the names of files that are being written.
const incompletePrefix = ".incomplete-"

func isIncomplete(name string) bool { return strings.HasPrefix(name, incompletePrefix) }

// staleAfter is the age at which nobody can still be writing a file, where that cannot
// be told in a better way.
const staleAfter = 24 * time.Hour

// hold locks a file that is being written, so that other runs can tell whether its
// writer still lives: the lock goes when the process does. A file system without locks
// is no harm.
func hold(path string) (release func()) {
	if runtime.GOOS == "windows" {
		// A lock there keeps our own other handle from writing.
		return func() {}
	}
	l := flock.New(path, flock.SetFlag(os.O_RDONLY))
	_, _ = l.TryLock()
	return func() { _ = l.Close() }
}

// removeIncomplete removes what killed runs left half done. Whatever is written by a
// run that is under way stays.
func (f *folder) removeIncomplete() error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range entries {
		if !isIncomplete(d.Name()) || !d.Type().IsRegular() {
			continue
		}
		abandoned, err := isAbandoned(filepath.Join(f.dir, d.Name()), d)
		if err == nil && abandoned {
			err = f.root.Remove(d.Name())
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, f.named(err, d.Name()))
		}
	}
	return errors.Join(errs...)
}

// isAbandoned reports whether the process that wrote a file is gone: nobody holds it
// or, where that cannot be found out, it is old.
func isAbandoned(path string, d fs.DirEntry) (bool, error) {
	if runtime.GOOS != "windows" {
		l := flock.New(path, flock.SetFlag(os.O_RDONLY))
		defer l.Close()
		if locked, err := l.TryLock(); err == nil {
			return locked, nil
		}
	}
	info, err := d.Info()
	return err == nil && time.Since(info.ModTime()) > staleAfter, err
}
