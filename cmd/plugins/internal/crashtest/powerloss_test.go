package crashtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// diskKinds are the file systems whose power is cut.
var diskKinds = []string{"ext4", "xfs"}

// loop is a file system in a file.
type loop struct {
	kind, image, dir string
}

func newLoop(t testing.TB, kind string) *loop {
	t.Helper()
	needTools(t, "mkfs."+kind, "xfs_io")
	l := &loop{kind: kind, image: filepath.Join(t.TempDir(), "image"), dir: filepath.Join(t.TempDir(), "mounted")}
	if err := os.WriteFile(l.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const size = 512 << 20 // what mkfs.xfs wants at least is 300 MiB; it takes no room
	if err := os.Truncate(l.image, size); err != nil {
		t.Fatal(err)
	}
	mustSh(t, "mkfs."+kind, "-q", l.image)
	if err := os.Mkdir(l.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := l.mount(); err != nil {
		t.Skipf("a file cannot be mounted as %s here: %v", kind, err)
	}
	t.Cleanup(func() {
		if isMounted(t, l.dir) {
			unmount(t, l.dir)
		}
	})
	return l
}

// mount mounts by a loop device that goes when it is unmounted.
func (l *loop) mount() error { return sh("mount", "-o", "loop", "-t", l.kind, l.image, l.dir) }

// cut stops the file system as a power cut does: nothing is written from then on,
// with flush but what its log holds in memory. Then it is mounted again, which
// replays the log. Source: xfs_io(8), shutdown.
func (l *loop) cut(flush bool) error {
	shutdown := "shutdown"
	if flush {
		shutdown += " -f"
	}
	if err := sh("xfs_io", "-x", "-c", shutdown, l.dir); err != nil {
		return err
	}
	return errors.Join(umount(l.dir), l.mount())
}

// crash copies the scenario's project, lets an apply run in it, cuts the power, and
// tells where the project is and what apply returned.
func (l *loop) crash(t testing.TB, s *scenario, flush bool, apply func(dir string) *traced) (dir string, r *traced) {
	t.Helper()
	dir = filepath.Join(l.dir, "project")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	s.copyTo(t, dir)
	mustSh(t, "sync", "-f", dir)
	r = apply(dir)
	if err := l.cut(flush); err != nil {
		t.Fatal(err)
	}
	return dir, r
}

// After a power cut at any operation of an apply, every plugin is whole, and
// recovery gives the old set or the new one: the new one if it had been reported.
func TestPowerLoss(t *testing.T) {
	t.Parallel()
	needStrace(t)
	needRoot(t)
	s, bin := newScenario(t), buildPinned(t, nil)
	for _, kind := range diskKinds {
		for _, flush := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, log flushed: %t", kind, flush), func(t *testing.T) {
				t.Parallel()
				s.losePower(t, newLoop(t, kind), bin, flush)
			})
		}
	}
}

func (s *scenario) losePower(t *testing.T, l *loop, bin string, flush bool) {
	start := time.Now()
	dir, whole := l.crash(t, s, flush, func(dir string) *traced { return trace(t, bin, dir, nil, "apply") })
	if err := s.checkCrash(dir, true); err != nil {
		t.Errorf("a whole apply: %v", err)
	}
	points, hit, failed := 1, map[string]bool{}, 0
	var picked []operation
	for _, o := range whole.ops {
		if o.changes() && !o.failed() {
			picked = append(picked, o)
		}
	}
	every := howMany(1, 50)
	for i, o := range picked {
		if i%every != every-1 {
			continue
		}
		dir, r := l.crash(t, s, flush, func(dir string) *traced { return killAt(t, bin, dir, o, o.thread == whole.all[0].thread) })
		fired := "nothing"
		for _, f := range r.ops {
			if r.exit == -1 && f.call == o.call && f.index == o.index {
				fired, hit[f.id] = f.id, true
			}
		}
		points++
		if err := s.checkCrash(dir, strings.Contains(r.out, "Apply complete")); err != nil {
			failed++
			t.Errorf("killed at %s: %v", fired, err)
		}
	}
	t.Logf("%d operations, %d power cuts, at %d different ones, %d failed, %v",
		len(picked), points, len(hit), failed, time.Since(start).Round(time.Millisecond))
}

// killAt runs an apply that is killed before an operation; one of the main thread
// is surely hit.
func killAt(t testing.TB, bin, dir string, o operation, main bool) *traced {
	t.Helper()
	kill := []string{"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", o.call, o.index)}
	if main {
		return traceMain(t, bin, dir, kill, "apply")
	}
	return trace(t, bin, dir, kill, "apply")
}

// A power cut has teeth: right after an apply that did not sync the files it wrote,
// they are not whole. What else an apply syncs, ext4 and xfs happen to keep along
// with that; the reordering model does not.
func TestPowerLossFindsMissingSyncs(t *testing.T) {
	t.Parallel()
	needStrace(t)
	needRoot(t)
	s := newScenario(t)
	for i, u := range unsyncedPrograms {
		if i > 0 && !full() {
			break
		}
		if u.rollback {
			continue
		}
		t.Run(u.name, func(t *testing.T) {
			t.Parallel()
			bin := u.build(t)
			for _, kind := range diskKinds {
				dir, _ := newLoop(t, kind).crash(t, s, true, func(dir string) *traced { return trace(t, bin, dir, nil, "apply") })
				caught := s.checkCrash(dir, true) != nil
				t.Logf("%s: caught: %t", kind, caught)
				if u.really && !caught {
					t.Errorf("%s: not caught", kind)
				}
			}
		})
	}
}
