package crashtest

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever fails, and however: what was there is there at once, or what was to be.
func TestErrors(t *testing.T) {
	s, p := swept(t)
	rolled := s.rolledBack()
	for _, y := range someWays(t) {
		for _, code := range []string{"ENOSPC", "EIO"} {
			t.Run(y.name+" "+code, func(t *testing.T) {
				t.Parallel()
				w := y.kills(s, p, y.from(t, s.template), "apply")
				w.failing(code, s)
				w.every = stride(t, 50)
				w.run(t)
			})
			t.Run("rollback "+y.name+" "+code, func(t *testing.T) {
				t.Parallel()
				w := y.kills(s, p, y.applied(t, s), "rollback", "--auto-approve")
				w.failing(code, rolled)
				w.every = stride(t, 50)
				w.run(t)
			})
		}
	}
}

// A recovery in which something fails is finished by the next one.
func TestErrorsRecovering(t *testing.T) {
	s, p := swept(t)
	inEachWay(t, func(t *testing.T, y way) {
		inStates(t, y.kills(s, p, y.from(t, s.template), "apply"), howMany(8, 2), func(from *origin) *sweep {
			w := y.kills(s, p, from, "recover")
			recovers := w.check
			w.failing("EIO", s)
			w.check = recovers
			w.every = stride(t, 30)
			return w
		})
	})
}

// What cannot be read is not taken for absent.
func TestUnreadable(t *testing.T) {
	s, p := swept(t)
	inEachWay(t, func(t *testing.T, y way) {
		w := y.kills(s, p, y.from(t, s.template), "apply")
		w.failing("EIO", s)
		w.picks = func(o *operation) bool { return o.call == "openat" && !o.changes() && !o.failed() }
		w.every = stride(t, 150)
		w.run(t)
	})
}

// rolledBack is what a rollback of the scenario is to do: the sets change places.
func (s *scenario) rolledBack() *scenario {
	return &scenario{template: s.template, old: s.new, new: s.old}
}

// failing makes the sweep one in which operations fail, of a command that turns the
// old set of s into its new one.
func (w *sweep) failing(code string, s *scenario) {
	w.inject = "error=" + code
	forced := len(w.always) > 0
	w.picks = func(o *operation) bool {
		if forced && o.call == "renameat2" {
			return false
		}
		return o.changes() || o.call == "flock" && !strings.Contains(o.args[1], "LOCK_UN")
	}
	recovers := w.check
	w.check = func(c *trial, r *traced, fired []operation) error {
		return errors.Join(s.checkFailed(c.dir, r, fired), neverSyncedAgain(r.ops), recovers(c, r, fired))
	}
}

// checkFailed demands that the old set is there after an error, without recovery,
// and the new one if none was told.
func (s *scenario) checkFailed(dir string, r *traced, fired []operation) error {
	got, err := readSet(dir)
	if err != nil {
		return err
	}
	isOld, isNew := maps.Equal(got, s.old), maps.Equal(got, s.new)
	switch {
	case r.exit == 0 && !isNew:
		return errors.New("it reported success, and the set is not there")
	case r.exit == 0 || isOld || len(fired) > 1:
		return nil
	case isNew && strings.Contains(r.out, "looking at the plugin directory after the apply") && !strings.Contains(r.out, "Nothing was changed"):
		return nil // not even a look is possible
	case strings.Contains(r.out, "invalid cross-device link") && strings.Contains(r.out, "so did undoing them"):
		return nil // a second failure, while another was undone
	}
	return fmt.Errorf("it failed, and the old set is not there; the new one: %t", isNew)
}

// neverSyncedAgain demands that what was staged is not synced again where that
// failed: the kernel may have dropped the data, and call the next sync a success.
func neverSyncedAgain(ops []operation) error {
	bad := map[string]bool{}
	for _, o := range ops {
		if o.call != "fsync" && o.call != "fdatasync" || !strings.Contains(o.path, "/.plugins/staging/") {
			continue
		}
		// The folders of names are synced anew after each change of them.
		_, rest, _ := strings.Cut(o.path, "/.plugins/staging/")
		staged := strings.Contains(rest, "/") && filepath.Base(rest) != "records"
		if bad[o.path] && staged {
			return fmt.Errorf("%s is synced again after that failed", rest)
		}
		bad[o.path] = bad[o.path] || o.failed()
	}
	return nil
}
