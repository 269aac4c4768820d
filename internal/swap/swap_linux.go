package swap

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Source: renameat2(2). EINVAL is what a file system without the flag answers,
// ENOSYS what a kernel or a sandbox without the call does.
func renameat2(from, to string, flags uint) error {
	err := ignoringEINTR(func() error {
		return unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, flags)
	})
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) {
		return ErrNoExchange
	}
	return err
}

func exchange(a, b string) error { return renameat2(a, b, unix.RENAME_EXCHANGE) }

func moveNoReplace(from, to string) error { return renameat2(from, to, unix.RENAME_NOREPLACE) }

func ignoringEINTR(f func() error) error {
	for {
		if err := f(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
