package crashtest

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"testing"
)

// A rollback can be rolled back, and that again, wherever the plugins lie.
func TestRollBackAndForth(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	image := filepath.Join(t.TempDir(), "image")
	s.copyTo(t, image)
	mustRun(t, image, "apply")
	for name, make := range map[string]func(testing.TB, string) *origin{"plain": plain, "layer": layered} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := make(t, image).fresh()
			if err != nil {
				t.Fatal(err)
			}
			defer c.remove(t)
			for i, want := range []set{s.old, s.new, s.old, s.new} {
				mustRun(t, c.dir, "rollback", "--auto-approve")
				if got := installedSet(t, c.dir); !maps.Equal(got, want) {
					t.Fatalf("after %d rollbacks, installed is %v, want %v", i+1, got, want)
				}
			}
			if err := s.checkConverges(c.dir); err != nil {
				t.Error(err)
			}
		})
	}
}

// A rollback of what a kill interrupted goes back as a whole, or declines.
func TestRollbackRecovers(t *testing.T) {
	s, p := swept(t)
	inEachWay(t, func(t *testing.T, y way) {
		w := y.kills(s, p, y.from(t, s.template), "apply")
		for _, from := range w.interrupted(t, howMany(8, 2)) {
			c, err := from.fresh()
			if err != nil {
				t.Fatal(err)
			}
			if err := s.checkRolledBack(c.dir); err != nil {
				t.Error(err)
			}
			c.remove(t)
		}
	})
}

// checkRolledBack rolls back in a project in which an apply was killed. Where there
// is something else to roll back once that is finished or undone, it declines, and
// the next command recovers; otherwise it goes back behind that apply, or, if that
// was undone, behind the one before it, which is to nothing.
func (s *scenario) checkRolledBack(dir string) error {
	code, out := run(dir, "rollback", "--auto-approve")
	if code != 0 {
		return s.checkRecovers(dir, false)
	}
	got, err := readSet(dir)
	if err != nil {
		return err
	}
	if len(got) == 0 {
		return s.checkConvergesTo(dir, s.fresh)
	}
	if !maps.Equal(got, s.old) {
		return fmt.Errorf("it rolled back to %d plugins\n%s", len(got), out)
	}
	return s.checkConverges(dir)
}

// A rollback that was killed has spoiled nothing: once that is recovered, rolling back
// leads to the other set, whole, and rolling that back, too.
func TestRollBackAfterAKilledRollback(t *testing.T) {
	s, p := swept(t)
	inEachWay(t, func(t *testing.T, y way) {
		w := y.kills(s, p, y.applied(t, s), "rollback", "--auto-approve")
		w.check = func(c *trial, _ *traced, _ []operation) error { return s.checkGoesBackAndForth(c.dir) }
		w.every = stride(t, 50)
		w.run(t)
	})
}

func (s *scenario) checkGoesBackAndForth(dir string) error {
	if code, out := run(dir, "recover"); code != 0 {
		return fmt.Errorf("recover: exit %d\n%s", code, out)
	}
	now, err := readSet(dir)
	if err != nil {
		return err
	}
	want := s.old
	if maps.Equal(now, s.old) {
		want = s.new
	}
	for range 2 {
		code, out := run(dir, "rollback", "--auto-approve")
		got, err := readSet(dir)
		if code != 0 || err != nil || !maps.Equal(got, want) {
			return fmt.Errorf("rolled back: exit %d, %d plugins, not the set that was to come (%w)\n%s", code, len(got), err, out)
		}
		if err := errors.Join(checkKept(dir), checkPrevious(filepath.Join(dir, "plugins", ".plugins", "previous"))); err != nil {
			return err
		}
		now, want = want, now
	}
	return s.checkConverges(dir)
}
