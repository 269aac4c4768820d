package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/plugins-hcl/plugins/plugin"
)

// The folders of a cache.
const (
	blobDir = plugin.SHA256 // ab/abcdef…, by digest
	tempDir = "tmp"         // downloads under way, and their locks

	tempPrefix = "download-"
)

// Store is a folder of packages. It may be used by several goroutines at once, and
// the folder by several processes.
type Store struct {
	dir       string
	temporary bool
	flights   flights
	sweep     sync.Once
}

// DirError says that the folder of the cache cannot be used.
type DirError struct {
	Dir string
	Err error
}

func (e *DirError) Error() string {
	return fmt.Sprintf("the cache in %s cannot be written: %v; choose another folder with --cache-dir", e.Dir, e.Err)
}

func (e *DirError) Unwrap() error { return e.Err }

var errNoFolder = errors.New("it is a file, not a folder")

// Open opens the cache in dir, which is made when something is first kept in it.
// An empty dir is a temporary folder, which Close removes.
func Open(dir string) (*Store, error) {
	if dir == "" {
		dir, err := os.MkdirTemp("", "plugins-cache-")
		if err != nil {
			return nil, &DirError{Dir: os.TempDir(), Err: err}
		}
		return &Store{dir: dir, temporary: true}, nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, &DirError{Dir: dir, Err: err}
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, &DirError{Dir: dir, Err: errNoFolder}
	}
	return &Store{dir: dir}, nil
}

// Close removes a temporary cache. Blobs that are still open stay readable where
// the operating system lets them.
func (s *Store) Close() error {
	if !s.temporary {
		return nil
	}
	return os.RemoveAll(s.dir)
}

// Dir is the folder, as an absolute path.
func (s *Store) Dir() string { return s.dir }

// path is where the package with digest d is kept.
func (s *Store) path(d plugin.Digest) string {
	return filepath.Join(s.dir, blobDir, d.Hex()[:2], d.Hex())
}

// fail names the cache in an error of writing to it.
func (s *Store) fail(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &DirError{Dir: s.dir, Err: err}
}
