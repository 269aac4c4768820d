package swap

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Source: renameatx_np(2).
func renameatx(from, to string, flags uint32) error {
	err := unix.RenameatxNp(unix.AT_FDCWD, from, unix.AT_FDCWD, to, flags)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) {
		return ErrNoExchange
	}
	return err
}

func exchange(a, b string) error { return renameatx(a, b, unix.RENAME_SWAP) }

func moveNoReplace(from, to string) error { return renameatx(from, to, unix.RENAME_EXCL) }
