package swap

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile puts a file with these contents and this mode at path, durably:
// whoever opens path, now or after a power cut, finds the old contents or the new
// ones, whole. The mode is set whatever the umask says.
func WriteFile(path string, data []byte, mode os.FileMode) error {
	return write(path, data, mode, Rename)
}

// CreateFile is [WriteFile] for a file that must not be there yet: that it is, or that
// anything else is, is fs.ErrExist.
func CreateFile(path string, data []byte, mode os.FileMode) error {
	return write(path, data, mode, claim)
}

// claim is [Move] for a file. Where the system has no rename that replaces nothing, a
// second name does as well; only where there is neither is it looked at beforehand.
func claim(from, to string) error {
	err := moveNoReplace(from, to)
	if err == nil || !errors.Is(err, ErrNoExchange) {
		return err
	}
	if err = os.Link(from, to); err == nil {
		return os.Remove(from)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	return Move(from, to)
}

// write fills a file beside path and gives it that name.
func write(path string, data []byte, mode os.FileMode, name func(from, to string) error) error {
	temp, err := temporary(path, data, mode)
	if err != nil {
		return err
	}
	if err := name(temp, path); err != nil {
		return errors.Join(about(path, err), os.Remove(temp))
	}
	return SyncDir(filepath.Dir(path))
}

// temporary is a file beside path with these contents, durable but for its name.
func temporary(path string, data []byte, mode os.FileMode) (string, error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*.tmp")
	if errors.Is(err, os.ErrNotExist) {
		return "", &NoFolderError{Path: dir}
	}
	if err != nil {
		return "", about(path, err)
	}
	if err := fill(f, data, mode); err != nil {
		return "", errors.Join(about(path, err), os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// NoFolderError says that the folder of a file to be written is missing. It is
// [fs.ErrNotExist].
type NoFolderError struct{ Path string }

func (e *NoFolderError) Error() string { return "the folder " + e.Path + " does not exist" }

// Is makes it [fs.ErrNotExist].
func (e *NoFolderError) Is(target error) bool { return target == fs.ErrNotExist }

// about names path in an error of the operating system that names the temporary file,
// which says nothing to anybody.
func about(path string, err error) error {
	var of *os.PathError
	var between *os.LinkError
	switch {
	case errors.As(err, &of):
		return &os.PathError{Op: of.Op, Path: path, Err: of.Err}
	case errors.As(err, &between):
		return &os.PathError{Op: between.Op, Path: path, Err: between.Err}
	}
	return err
}

func fill(f *os.File, data []byte, mode os.FileMode) error {
	n, err := f.Write(data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Remove deletes the file at path durably; that it is already gone is no error.
func Remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return SyncDir(filepath.Dir(path))
}
