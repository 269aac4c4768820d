//go:build unix

package tree

import (
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// fileID tells a file from all others.
type fileID struct{ dev, inode uint64 }

// idOf is a file's identity, and whether it has several names.
func idOf(info fs.FileInfo) (id fileID, several bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return id, false
	}
	return fileID{uint64(s.Dev), uint64(s.Ino)}, s.Nlink > 1
}

// carryFacts gives the file or folder out, at p, what is known of in besides its
// contents. Contents and owner come first: changing either takes privileges away.
func (c *carrier) carryFacts(p string, in, out *os.File) error {
	var from, to unix.Stat_t
	if err := unix.Fstat(int(in.Fd()), &from); err != nil {
		return &fs.PathError{Op: "fstat", Path: in.Name(), Err: err}
	}
	if err := unix.Fstat(int(out.Fd()), &to); err != nil {
		return &fs.PathError{Op: "fstat", Path: out.Name(), Err: err}
	}
	if from.Uid != to.Uid || from.Gid != to.Gid {
		if err := c.owned(p, from.Uid, from.Gid, out.Chown(int(from.Uid), int(from.Gid))); err != nil {
			return err
		}
	}
	const bits = 0o7777
	if err := unix.Fchmod(int(out.Fd()), uint32(from.Mode)&bits); err != nil {
		return &fs.PathError{Op: "fchmod", Path: out.Name(), Err: err}
	}
	if err := copyAttributes(in, out); err != nil && !c.lenient {
		return err
	}
	return c.to.Chtimes(p, timeOf(from.Atim), timeOf(from.Mtim))
}

func timeOf(t unix.Timespec) time.Time { return time.Unix(t.Unix()) }

func (c *carrier) owned(p string, uid, gid uint32, err error) error {
	if err == nil || c.lenient {
		return nil
	}
	return &OwnerError{Path: p, UID: int(uid), GID: int(gid), Err: err}
}

// carryLink copies a symbolic link.
func (c *carrier) carryLink(p string, info fs.FileInfo) error {
	target, err := c.from.Readlink(p)
	if err != nil {
		return err
	}
	if err := c.to.Symlink(target, p); err != nil {
		return err
	}
	made, err := c.to.Lstat(p)
	if err != nil {
		return err
	}
	from, to := info.Sys().(*syscall.Stat_t), made.Sys().(*syscall.Stat_t)
	if from.Uid != to.Uid || from.Gid != to.Gid {
		if err := c.owned(p, from.Uid, from.Gid, c.to.Lchown(p, int(from.Uid), int(from.Gid))); err != nil {
			return err
		}
	}
	dir, err := c.to.Open(path.Dir(p))
	if err != nil {
		return err
	}
	defer dir.Close()
	at, err := unix.TimeToTimespec(info.ModTime())
	if err != nil {
		return err
	}
	err = unix.UtimesNanoAt(int(dir.Fd()), path.Base(p), []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW)
	if err != nil {
		return &fs.PathError{Op: "utimensat", Path: p, Err: err}
	}
	return nil
}
