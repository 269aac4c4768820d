package swap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// NotADirectoryError says that what should be a folder is something else.
type NotADirectoryError struct {
	Path string
	Mode fs.FileMode
}

func (e *NotADirectoryError) Error() string {
	what := "a file"
	switch {
	case e.Mode&fs.ModeSymlink != 0:
		what = "a symbolic link, which hosts skip and apply will not follow"
	case !e.Mode.IsRegular():
		what = "not a folder"
	}
	return fmt.Sprintf("%s is %s; it must be a folder", e.Path, what)
}

// DanglingLinkError says that the plugin directory is a link that leads nowhere: a
// disk that is not mounted, say.
type DanglingLinkError struct{ Path, Target string }

func (e *DanglingLinkError) Error() string {
	return fmt.Sprintf("%s is a symbolic link to %s, which does not exist", e.Path, e.Target)
}

// Folder is the folder that is missing.
func (e *DanglingLinkError) Folder() string {
	if filepath.IsAbs(e.Target) {
		return e.Target
	}
	return filepath.Join(filepath.Dir(e.Path), e.Target)
}

// CheckDir refuses a plugin directory that is a link to nothing.
func CheckDir(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return nil // whoever uses it sees what it is
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	target, err := os.Readlink(dir)
	if err != nil {
		return err
	}
	return &DanglingLinkError{Path: dir, Target: target}
}
