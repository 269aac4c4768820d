//go:build unix

package commit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// noFollow keeps an open from following a link.
const noFollow = syscall.O_NOFOLLOW

func (l layout) checkOwner() error {
	state, err := os.Lstat(l.state())
	if err != nil {
		return err
	}
	if state.Mode().Perm()&0o022 != 0 {
		why := fmt.Sprintf("its mode %04o lets others write to it", state.Mode().Perm())
		return &UnsafeStateError{Path: l.state(), Why: why, Owner: -1}
	}
	dir, err := os.Stat(l.dir)
	if err != nil {
		return err
	}
	owner, dirOwner := state.Sys().(*syscall.Stat_t).Uid, dir.Sys().(*syscall.Stat_t).Uid
	if owner != dirOwner && int(owner) != os.Geteuid() {
		why := fmt.Sprintf("its owner, user %d, is neither you nor the plugin directory's", owner)
		return &UnsafeStateError{Path: l.state(), Why: why, Owner: int(dirOwner)}
	}
	return nil
}

// adopt gives what root has made to the owner of the plugin directory, contents
// and all: who may change the directory must be able to go on without root.
func (l layout) adopt(paths ...string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	dir, err := os.Stat(l.dir)
	if err != nil {
		return err
	}
	owner := dir.Sys().(*syscall.Stat_t)
	if owner.Uid == 0 && owner.Gid == 0 {
		return nil
	}
	root, err := os.OpenRoot(l.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, path := range paths {
		rel, err := filepath.Rel(l.dir, path)
		if err != nil {
			return err
		}
		err = fs.WalkDir(root.FS(), filepath.ToSlash(rel), func(p string, d fs.DirEntry, err error) error {
			return errors.Join(err, give(root, p, owner))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// give changes the owner of what is opened, not of what a name stands for in the next
// moment. A file with another name is not one that root has just made: its other name
// may lie anywhere, in a place where only root may write.
func give(root *os.Root, p string, owner *syscall.Stat_t) error {
	f, err := root.OpenFile(p, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if s := info.Sys().(*syscall.Stat_t); !info.IsDir() && s.Nlink > 1 || s.Uid == owner.Uid && s.Gid == owner.Gid {
		return nil
	}
	return f.Chown(int(owner.Uid), int(owner.Gid))
}

// chmodFolder gives a folder that was just made its mode, whatever the umask, and
// nothing else that may stand there by now.
func chmodFolder(path string, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(mode), f.Close())
}
