package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// usedPrecision is how exactly the time is kept at which a package was used last: it is
// that of the file's change, since many disks are mounted so that reading leaves none.
const usedPrecision = time.Minute

// used notes that a package or a document was used now. Where it is another user's, it
// cannot be noted.
func used(info fs.FileInfo, chtimes func(atime, mtime time.Time) error) {
	if age := time.Since(info.ModTime()); age > usedPrecision || age < 0 {
		_ = chtimes(time.Time{}, time.Now())
	}
}

// makeFolder makes a folder of the cache in dir. Where the cache is open to other users,
// so is what is in it, whatever the umask: they are to keep their packages there, too.
func makeFolder(dir, path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o022 == 0 {
		return nil
	}
	mode := info.Mode() & (fs.ModePerm | fs.ModeSetgid | fs.ModeSticky)
	for ; len(path) > len(dir); path = filepath.Dir(path) {
		_ = os.Chmod(path, mode) // another's folder is his to open
	}
	return nil
}

// rename gives a file of the cache its name. Whoever cleans the cache may remove the folder
// that was made for it; one who removes the file itself leaves what is open.
func rename(dir, from, to string) error {
	for range 100 {
		err := makeFolder(dir, filepath.Dir(to))
		if err == nil {
			err = os.Rename(from, to)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if _, err := os.Lstat(from); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	return fs.ErrNotExist
}

// private copies a package that another user could change between our looking at it and
// using it. It closes f.
func private(dir string, f *os.File, max int64) (*os.File, error) {
	defer f.Close()
	for _, dir := range []string{filepath.Join(dir, tempDir), os.TempDir()} {
		out, err := os.CreateTemp(dir, tempPrefix+"*")
		if err != nil {
			continue
		}
		_ = os.Remove(out.Name()) // what is open stays
		_, err = f.Seek(0, io.SeekStart)
		if err == nil {
			_, err = io.Copy(out, io.LimitReader(f, max+1))
		}
		if err == nil {
			_, err = out.Seek(0, io.SeekStart)
		}
		if err == nil {
			return out, nil
		}
		out.Close()
	}
	return nil, errNoCopy
}

var errNoCopy = errors.New("there is no place for a copy")

// Usage is what a cache holds.
type Usage struct {
	Dir       string
	Packages  int
	Documents int       // of registries, of this user
	Partial   int       // downloads that broke off
	Bytes     int64     // of all that
	Unused    time.Time // since when the package that was not used for longest was not; zero where there is none
}

// Usage tells what is in the cache.
func (s *Store) Usage() (Usage, error) {
	u := Usage{Dir: s.dir}
	var errs []error
	each := func(dir string, ours func(string) bool, visit func(fs.FileInfo)) {
		for _, d := range list(filepath.Join(s.dir, dir), &errs) {
			if info, err := d.Info(); err == nil && info.Mode().IsRegular() && ours(d.Name()) {
				u.Bytes += info.Size()
				visit(info)
			}
		}
	}
	for _, shard := range list(filepath.Join(s.dir, blobDir), &errs) {
		each(filepath.Join(blobDir, shard.Name()), isBlob, func(info fs.FileInfo) {
			u.Packages++
			if u.Unused.IsZero() || info.ModTime().Before(u.Unused) {
				u.Unused = info.ModTime()
			}
		})
	}
	each(tempDir, isTemp, func(info fs.FileInfo) {
		if filepath.Ext(info.Name()) == partSuffix {
			u.Partial++
		}
	})
	if root, ok := (documents{dir: filepath.Join(s.dir, docsDir)}).open(); ok {
		root.Close()
		each(docsDir, isDocument, func(fs.FileInfo) { u.Documents++ })
	}
	return u, errors.Join(errs...)
}
