package swap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// maxLinks is how many links in a row are followed, as Linux does.
const maxLinks = 40

// OutsideError says that a file to be written is a symbolic link that leads out of the
// folder it must stay in.
type OutsideError struct {
	Path   string // the link
	Target string // where it leads in the end
	Within string // the folder
}

func (e *OutsideError) Error() string {
	return fmt.Sprintf("%s is a symbolic link to %s, which is outside %s", e.Path, e.Target, e.Within)
}

// Follow is the file to write for path: path itself, or, where a symbolic link stands
// there, what that leads to in the end, whether it exists or not. The error for a link
// that leads out of the folder within is a [*OutsideError].
func Follow(path, within string) (string, error) {
	target := path
	for range maxLinks {
		info, err := os.Lstat(target)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode()&fs.ModeSymlink == 0 {
			if target == path {
				return path, nil
			}
			return target, inside(path, target, within)
		}
		if err != nil {
			return "", err
		}
		if target, err = step(target); err != nil {
			return "", fmt.Errorf("following the symbolic link %s: %w", path, err)
		}
	}
	return "", &os.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
}

// step follows one link: its folder is resolved, its last element is not.
func step(link string) (string, error) {
	to, err := os.Readlink(link)
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(to) {
		// Not joined: a ".." behind a link is that of where the link leads.
		to = filepath.Dir(link) + string(filepath.Separator) + to
	}
	folder, name := filepath.Split(to)
	if name == "" || name == "." || name == ".." {
		return filepath.EvalSymlinks(to)
	}
	real, err := filepath.EvalSymlinks(folder)
	if errors.Is(err, fs.ErrNotExist) {
		err = &NoFolderError{Path: filepath.Clean(folder)}
	}
	return filepath.Join(real, name), err
}

func inside(path, target, within string) error {
	folder, err := filepath.EvalSymlinks(within)
	if err != nil {
		return err
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return err
	}
	real, err := filepath.Abs(target)
	if err != nil {
		return err
	}
	// A relative path may lead through links that the step of the last link resolved.
	if parent, err := filepath.EvalSymlinks(filepath.Dir(real)); err == nil {
		real = filepath.Join(parent, filepath.Base(real))
	}
	if rel, err := filepath.Rel(folder, real); err != nil || !filepath.IsLocal(rel) {
		return &OutsideError{Path: path, Target: real, Within: folder}
	}
	return nil
}
