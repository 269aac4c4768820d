//go:build linux || darwin

package tree

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// ownAttributes are those that the system gives each file by itself.
var ownAttributes = []string{"security.evm", "com.apple.provenance"}

// copyAttributes copies the extended attributes of in, access control lists among
// them on Linux, by descriptors: a name might lead elsewhere in the next moment.
func copyAttributes(in, out *os.File) error {
	names, err := attributes(in, func(buf []byte) (int, error) { return unix.Flistxattr(int(in.Fd()), buf) })
	if err != nil || len(names) == 0 {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		if slices.Contains(ownAttributes, name) {
			continue
		}
		value, err := attribute(in, name)
		if err != nil {
			return err
		}
		if there, err := attribute(out, name); err == nil && bytes.Equal(there, value) {
			continue // one of the system's, say, that only root could set
		}
		if err := unix.Fsetxattr(int(out.Fd()), name, value, 0); err != nil {
			return &fs.PathError{Op: "setting " + name + " of", Path: out.Name(), Err: err}
		}
	}
	return nil
}

func attribute(f *os.File, name string) ([]byte, error) {
	return attributes(f, func(buf []byte) (int, error) { return unix.Fgetxattr(int(f.Fd()), name, buf) })
}

// attributes calls get with a buffer that is large enough.
func attributes(f *os.File, get func([]byte) (int, error)) ([]byte, error) {
	for {
		size, err := get(nil)
		if err == nil && size > 0 {
			buf := make([]byte, size)
			if size, err = get(buf); err == nil {
				return buf[:size], nil
			}
		}
		switch {
		case errors.Is(err, unix.ERANGE): // it grew
		case errors.Is(err, unix.ENOTSUP), err == nil:
			return nil, nil
		default:
			return nil, &fs.PathError{Op: "reading the attributes of", Path: f.Name(), Err: err}
		}
	}
}
