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
	docsDir = "documents"   // of servers, for this user alone

	tempPrefix = "download-"
)

// Store is a folder of packages. It may be used by several goroutines at once, and
// the folder by several processes.
type Store struct {
	dir       string
	temporary bool
	flights   flights

	mu      sync.Mutex
	instead string // a temporary folder, where dir turned out not to be writable; else ""
	warned  bool
}

// DirError says that the folder of the cache cannot be used.
type DirError struct {
	Dir     string
	Instead string // the temporary folder that could not be used either; "" where none was tried
	Err     error
}

func (e *DirError) Error() string {
	if e.Instead != "" {
		return fmt.Sprintf("neither the cache in %s nor %s in its place can be written: %v", e.Dir, e.Instead, e.Err)
	}
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
	removeStale(filepath.Join(dir, tempDir))
	return &Store{dir: dir}, nil
}

// Close removes what is temporary. Blobs that are still open stay readable where
// the operating system lets them.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.temporary {
		err = os.RemoveAll(s.dir)
	}
	if s.instead != "" {
		err = errors.Join(err, os.RemoveAll(s.instead))
	}
	return err
}

// Dir is the folder, as an absolute path.
func (s *Store) Dir() string { return s.dir }

// Has reports whether the package with digest d seems to be here: it is not read.
func (s *Store) Has(d plugin.Digest) bool {
	for _, dir := range s.folders() {
		if Kept(dir, d) {
			return true
		}
	}
	return false
}

// Kept is [Store.Has] of a cache that need not be opened.
func Kept(dir string, d plugin.Digest) bool {
	info, err := os.Lstat(path(dir, d))
	return err == nil && info.Mode().IsRegular()
}

// path is where the package with digest d is kept in a folder.
func path(dir string, d plugin.Digest) string {
	return filepath.Join(dir, blobDir, d.Hex()[:2], d.Hex())
}

// folders are where packages may be: the last is the one that is written to.
func (s *Store) folders() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.instead != "" {
		return []string{s.dir, s.instead}
	}
	return []string{s.dir}
}

// goWithout makes a temporary folder take the place of a cache that cannot be written:
// it only saves work. It says so once.
func (s *Store) goWithout(cause *DirError, observe plugin.Observer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.temporary, cause.Dir != s.dir:
		return &DirError{Dir: s.dir, Instead: s.instead, Err: cause.Err}
	case s.instead != "":
		return nil // somebody else was faster
	}
	dir, err := os.MkdirTemp("", "plugins-cache-")
	if err != nil {
		return &DirError{Dir: s.dir, Instead: os.TempDir(), Err: bare(err)}
	}
	s.instead = dir
	s.warn(cause, observe)
	return nil
}

// warn tells once that the cache is not written. It is called with s.mu held.
func (s *Store) warn(cause *DirError, observe plugin.Observer) {
	if !s.warned {
		s.warned = true
		observe.Tell(plugin.WarningEvent{Message: cause.Error() + "; this run goes on without it"})
	}
}

// bare is an error without the path that its context tells already.
func bare(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
