//go:build linux

package crashtest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// room is something that a file system can run out of.
type room struct {
	name string
	used func(*syscall.Statfs_t) int // how much is taken, in the units of limit
	// limit is the mount option for so much.
	limit func(int) string
}

var rooms = []room{
	{
		"pages",
		func(s *syscall.Statfs_t) int { return int(s.Blocks - s.Bfree) },
		func(n int) string { return fmt.Sprintf("size=%d", n*os.Getpagesize()) },
	},
	{
		"inodes",
		func(s *syscall.Statfs_t) int { return int(s.Files - s.Ffree) },
		func(n int) string { return fmt.Sprintf("nr_inodes=%d", n) },
	},
}

// A disk of every size, from one that is full to one that is large enough: the
// command succeeds, or fails with everything as it was and says why; and with more
// room, it goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := newScenario(t)
	applied := filepath.Join(t.TempDir(), "applied")
	s.copyTo(t, applied)
	mustRun(t, applied, "apply")
	for _, r := range rooms {
		t.Run("apply, "+r.name, func(t *testing.T) {
			t.Parallel()
			s.fillUp(t, r, s.template, s.old, s.new, "apply")
		})
		t.Run("rollback, "+r.name, func(t *testing.T) {
			t.Parallel()
			s.fillUp(t, r, applied, s.new, s.old, "rollback", "--auto-approve")
		})
	}
}

// fillUp runs the command in copies of the project from, with more and more room,
// until that was enough several times.
func (s *scenario) fillUp(t *testing.T, r room, from string, before, after set, command ...string) {
	sizes, failed := 0, 0
	for enough := 0; enough < 4; sizes++ {
		ok, err := s.fill(t, r, sizes, from, before, after, command)
		if err != nil {
			t.Errorf("with room for %d %s: %v", sizes, r.name, err)
			failed++
		}
		if ok {
			enough++
		}
		if failed == 10 || sizes == 1000 {
			t.Fatal("that is enough")
		}
	}
	t.Logf("tmpfs, %s: %d sizes, %d failed", r.name, sizes, failed)
}

// fill runs the command with so much room, and tells whether that was enough.
func (s *scenario) fill(t *testing.T, r room, room int, from string, before, after set, command []string) (enough bool, err error) {
	mounted, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		return false, err
	}
	mount(t, mounted, "-t", "tmpfs", "-o", "nr_inodes=100000", "none")
	defer unmount(t, mounted)
	dir := filepath.Join(mounted, "project")
	if err := sh("cp", "-a", from, dir); err != nil {
		return false, err
	}
	var stat syscall.Statfs_t
	if err := syscall.Statfs(mounted, &stat); err != nil {
		return false, err
	}
	if err := sh("mount", "-o", "remount,"+r.limit(r.used(&stat)+room), mounted); err != nil {
		return false, err
	}
	code, out := run(dir, command...)
	if err := s.checkWhole(dir, false); err != nil {
		return false, err
	}
	got, err := readSet(dir)
	if err != nil {
		return false, err
	}
	switch {
	case code == 0 && !maps.Equal(got, after):
		return false, fmt.Errorf("exit 0, but it is not done\n%s", out)
	case code != 0 && !maps.Equal(got, before):
		return false, fmt.Errorf("exit %d, and not everything is as it was\n%s", code, out)
	case code != 0 && !strings.Contains(out, "no space left on device"):
		return false, fmt.Errorf("exit %d, and the message does not name the full disk\n%s", code, out)
	}
	if err := sh("mount", "-o", "remount,size=100%,nr_inodes=100000", mounted); err != nil {
		return false, err
	}
	return code == 0, s.checkRecovers(dir, false)
}
