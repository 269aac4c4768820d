//go:build !unix

package tree

import (
	"errors"
	"io/fs"
	"os"
)

// fileID would tell a file from all others.
type fileID struct{}

func idOf(fs.FileInfo) (id fileID, several bool) { return id, false }

// carryFacts gives the file or folder out, at p, the mode and the time of in.
func (c *carrier) carryFacts(p string, in, _ *os.File) error {
	info, err := in.Stat()
	if err != nil {
		return err
	}
	return errors.Join(c.to.Chmod(p, info.Mode().Perm()), c.to.Chtimes(p, info.ModTime(), info.ModTime()))
}

// carryLink copies a symbolic link.
func (c *carrier) carryLink(p string, _ fs.FileInfo) error {
	target, err := c.from.Readlink(p)
	if err != nil {
		return err
	}
	return c.to.Symlink(target, p)
}
