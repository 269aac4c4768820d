package swap

import (
	"errors"
	"io/fs"
	"os"
)

// ErrNoExchange says that the operating system or the file system cannot exchange
// two names in one step.
var ErrNoExchange = errors.New("the file system cannot exchange two folders")

// Exchange makes a stand for what b stood for and b for what a stood for, in one
// step: whoever looks sees both old or both new. Both must exist, on one file
// system. Where that cannot be done it is [ErrNoExchange], and nothing happened.
func Exchange(a, b string) error {
	if err := exchange(a, b); err != nil {
		return &os.LinkError{Op: "exchange", Old: a, New: b, Err: err}
	}
	return nil
}

// Move renames from to to, which must not exist.
func Move(from, to string) error {
	err := moveNoReplace(from, to)
	if errors.Is(err, ErrNoExchange) {
		if _, err := os.Lstat(to); err == nil {
			return &os.LinkError{Op: "rename", Old: from, New: to, Err: fs.ErrExist}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return Rename(from, to)
	}
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}
