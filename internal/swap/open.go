package swap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// LinkError says that something in a place of our own is a symbolic link: whoever put
// it there would have us read, write or delete what it leads to.
type LinkError struct{ Path string }

func (e *LinkError) Error() string {
	return fmt.Sprintf("%s is a symbolic link, which is not followed there", e.Path)
}

// Open opens the file at the slash-separated path rel below the folder dir to read
// it, without following a link on the way or at the end: that is a [*LinkError]. The
// folder dir itself may be reached through one.
func Open(dir, rel string) (*os.File, error) {
	parent, err := openRoot(dir, path.Dir(rel))
	if err != nil {
		return nil, err
	}
	defer parent.Close()
	at := filepath.Join(dir, filepath.FromSlash(rel))
	before, err := lstat(parent, path.Base(rel), at)
	if err != nil {
		return nil, err
	}
	f, err := parent.OpenFile(path.Base(rel), os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, named(err, at)
	}
	now, err := f.Stat()
	if err = same(before, now, err, at); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// OpenRoot is [Open] for a folder, as the root of what is done in it.
func OpenRoot(dir, rel string) (*os.Root, error) { return openRoot(dir, path.Clean(rel)) }

func openRoot(dir, rel string) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if err != nil || rel == "." {
		return root, err
	}
	at := dir
	for part := range strings.SplitSeq(rel, "/") {
		at = filepath.Join(at, part)
		next, err := openChild(root, part, at)
		if err = errors.Join(err, root.Close()); err != nil {
			return nil, err
		}
		root = next
	}
	return root, nil
}

// openChild opens a folder that lies in parent; at is its whole path.
func openChild(parent *os.Root, name, at string) (*os.Root, error) {
	before, err := lstat(parent, name, at)
	if err != nil {
		return nil, err
	}
	child, err := parent.OpenRoot(name)
	if err != nil {
		return nil, named(err, at)
	}
	now, err := child.Stat(".")
	if err = same(before, now, err, at); err != nil {
		return nil, errors.Join(err, child.Close())
	}
	return child, nil
}

// lstat refuses a link.
func lstat(parent *os.Root, name, at string) (fs.FileInfo, error) {
	info, err := parent.Lstat(name)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		err = &LinkError{Path: at}
	}
	return info, named(err, at)
}

// same refuses what was opened if it is not what was looked at: a link may have taken
// its place in between.
func same(before, now fs.FileInfo, err error, at string) error {
	if err == nil && !os.SameFile(before, now) {
		err = &LinkError{Path: at}
	}
	return named(err, at)
}

// named makes an error tell the whole path, where [os.Root] told a part of it.
func named(err error, at string) error {
	var part *fs.PathError
	if errors.As(err, &part) {
		return &fs.PathError{Op: part.Op, Path: at, Err: part.Err}
	}
	return err
}
