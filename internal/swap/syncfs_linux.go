package swap

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// FileSystem makes everything in one file system durable at once, which is
// cheaper than file by file where there are many.
type FileSystem struct{ dir *os.File }

// OpenFileSystem opens the file system that dir lies in: errors of writing from
// then on are told by Sync. It is nil where syncing would not tell them, which
// kernels before 5.8 do not. Source: syncfs(2).
func OpenFileSystem(dir string) (*FileSystem, error) {
	if !tellsErrors() {
		return nil, nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	return &FileSystem{dir: f}, nil
}

func tellsErrors() bool {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return false
	}
	release, _, _ := bytes.Cut(name.Release[:], []byte{0})
	var major, minor int
	if _, err := fmt.Sscanf(string(release), "%d.%d", &major, &minor); err != nil {
		return false
	}
	return major > 5 || major == 5 && minor >= 8
}

// Sync makes everything durable and closes f.
func (f *FileSystem) Sync() error {
	err := ignoringEINTR(func() error { return unix.Syncfs(int(f.dir.Fd())) })
	if err != nil {
		err = &os.PathError{Op: "syncfs", Path: f.dir.Name(), Err: err}
	}
	return errors.Join(err, f.dir.Close())
}

// Close closes f without syncing.
func (f *FileSystem) Close() error { return f.dir.Close() }
