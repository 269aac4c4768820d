//go:build unix

package apply

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/plugins-hcl/plugins/installed"
)

// UnsafeStateError says that others than its owner could tamper with the state:
// what apply reads there, it acts on.
type UnsafeStateError struct {
	Path string
	Why  string
}

func (e *UnsafeStateError) Error() string {
	return fmt.Sprintf("%s is not safe to use: %s", e.Path, e.Why)
}

func checkOwner(s installed.State) error {
	state, err := os.Lstat(s.Path())
	if err != nil {
		return err
	}
	if state.Mode().Perm()&0o022 != 0 {
		return &UnsafeStateError{Path: s.Path(), Why: fmt.Sprintf("its mode %04o lets others write to it", state.Mode().Perm())}
	}
	dir, err := os.Stat(s.Dir)
	if err != nil {
		return err
	}
	owner, dirOwner := state.Sys().(*syscall.Stat_t).Uid, dir.Sys().(*syscall.Stat_t).Uid
	if owner != dirOwner && int(owner) != os.Geteuid() {
		return &UnsafeStateError{Path: s.Path(), Why: fmt.Sprintf("its owner, user %d, is neither you nor the plugin directory's", owner)}
	}
	return nil
}

// adopt gives what root has made to the owner of the plugin directory, contents
// and all: who may change the directory must be able to go on without root.
func adopt(s installed.State, paths ...string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	dir, err := os.Stat(s.Dir)
	if err != nil {
		return err
	}
	owner := dir.Sys().(*syscall.Stat_t)
	if owner.Uid == 0 && owner.Gid == 0 {
		return nil
	}
	for _, path := range paths {
		err := filepath.WalkDir(path, func(p string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(p, int(owner.Uid), int(owner.Gid))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
