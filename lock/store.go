package lock

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// maxSize bounds a lock file, in bytes: some 20,000 plugins.
const maxSize = 16 << 20

// MissingError says that there is no lock file. It is [fs.ErrNotExist].
type MissingError struct{ Path string }

func (e *MissingError) Error() string { return e.Path + " does not exist" }

// Is makes it [fs.ErrNotExist].
func (e *MissingError) Is(target error) bool { return target == fs.ErrNotExist }

// Load reads the lock file at path. The error is a [*MissingError], a
// [*ParseError], a [*ConflictError], or what the operating system said.
func Load(path string) (*File, error) {
	data, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingError{Path: path}
	}
	if err != nil {
		return nil, err
	}
	return Parse(data, path)
}

// OutsideError says that a lock file is a symbolic link that leads out of the project.
type OutsideError = swap.OutsideError

// Save writes f to path, atomically and durably, unless the file holds just these
// bytes already. Where path is a symbolic link, the file that it leads to is written, if
// that is in the folder within, which is the project's; else the error is a
// [*OutsideError].
func Save(within, path string, f *File) error {
	data := Format(f)
	if old, err := read(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	path, err := swap.Follow(path, within)
	if err != nil {
		return err
	}
	return swap.WriteFile(path, data, 0o644)
}

func read(path string) (data []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err = plugin.ReadAtMost(file, maxSize)
	var large *plugin.TooLargeError
	if errors.As(err, &large) {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return data, err
}
