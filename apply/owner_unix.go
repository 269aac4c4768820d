//go:build unix

package apply

import (
	"fmt"
	"os"
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
