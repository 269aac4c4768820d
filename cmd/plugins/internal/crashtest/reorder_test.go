package crashtest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// check looks at a project after a crash.
type check func(dir string, reported bool) error

// find materialises crash states and checks them, until so many are found that fail.
func (h *history) find(t *testing.T, states []crashState, failures int, check check) (checked int, failed []error) {
	t.Helper()
	base := memory(t)
	errs := make([]error, len(states))
	var done, found atomic.Int64
	var g errgroup.Group
	g.SetLimit(runtime.NumCPU())
	for i, s := range states {
		g.Go(func() error {
			if int(found.Load()) >= failures {
				return nil
			}
			done.Add(1)
			dir := filepath.Join(base, strconv.Itoa(i))
			err := h.crash(s.fates).writeTo(dir)
			if err == nil {
				err = check(dir, s.point >= h.report)
			}
			if err != nil {
				found.Add(1)
				errs[i] = fmt.Errorf("crash after line %d of the trace (success reported at %d), %s: %w", s.point, h.report, s.how, err)
			}
			return os.RemoveAll(dir)
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	for _, err := range errs {
		if err != nil {
			failed = append(failed, err)
		}
	}
	return int(done.Load()), failed
}

// sample takes about so many of the states before success was reported, and as many of
// those after it.
func (h *history) sample(states []crashState, about int) []crashState {
	var before, after []crashState
	for _, s := range states {
		if s.point >= h.report {
			after = append(after, s)
		} else {
			before = append(before, s)
		}
	}
	return append(spread(before, about), spread(after, about)...)
}

// spread takes about so many, evenly spread, and the last.
func spread(states []crashState, about int) []crashState {
	var out []crashState
	for i, s := range states {
		if i*about/len(states) != (i+1)*about/len(states) {
			out = append(out, s)
		}
	}
	return out
}

// checkAll checks the states of a history, and says how many there were.
func (h *history) checkAll(t *testing.T, most int, check check) {
	t.Helper()
	start := time.Now()
	states := h.states(howMany(40, 2))
	checked, failed := h.find(t, h.sample(states, howMany(len(states), max(most/4, 6))), 10, check)
	for _, err := range failed {
		t.Error(err)
	}
	t.Logf("%d operations, %d syncs, %d crash points, %d distinct states, %d checked, %d failed, %v",
		len(h.effects), len(h.syncs), len(h.points()), len(states), checked, len(failed), time.Since(start).Round(time.Millisecond))
}

func (s *scenario) checkCrash(dir string, reported bool) error {
	return s.checkCrashed(dir, false, reported)
}

func (s *scenario) checkCrashed(dir string, absent, reported bool) error {
	if err := s.checkWhole(dir, absent); err != nil {
		return err
	}
	return s.checkRecovers(dir, reported)
}

// Whatever of an apply the disk keeps, nobody sees half a plugin, and recovery gives
// the old set or the new one.
func TestReorderedApply(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s, bin := newScenario(t), build(t, "")
	for _, y := range someWays(t) {
		t.Run(y.name, func(t *testing.T) {
			t.Parallel()
			c, err := y.from(t, s.template).fresh()
			if err != nil {
				t.Fatal(err)
			}
			defer c.remove(t)
			h := replay(t, bin, c.dir, "Apply complete", y.always, "apply")
			h.checkAll(t, 40, func(dir string, reported bool) error { return s.checkCrashed(dir, y.absent, reported) })
		})
	}
}

// The same for a rollback.
func TestReorderedRollback(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s, bin := newScenario(t), build(t, "")
	applied := filepath.Join(t.TempDir(), "applied")
	s.copyTo(t, applied)
	mustRun(t, applied, "apply")
	for _, y := range someWays(t) {
		t.Run(y.name, func(t *testing.T) {
			t.Parallel()
			c, err := y.from(t, applied).fresh()
			if err != nil {
				t.Fatal(err)
			}
			defer c.remove(t)
			h := replay(t, bin, c.dir, "Rollback complete", y.always, "rollback", "--auto-approve")
			h.checkAll(t, 40, func(dir string, reported bool) error {
				if !reported {
					return s.checkCrashed(dir, y.absent, false)
				}
				return s.checkDecided(dir, s.old)
			})
		})
	}
}

func (s *scenario) checkRollbackCrashed(dir string, reported bool) error {
	if !reported {
		return s.checkCrashed(dir, false, false)
	}
	return s.checkDecided(dir, s.old)
}

// checkDecided demands that a set that was reported is there, and stays.
func (s *scenario) checkDecided(dir string, want set) error {
	if err := s.checkWhole(dir, false); err != nil {
		return err
	}
	if code, out := run(dir, "recover"); code != 0 {
		return fmt.Errorf("recover: exit %d\n%s", code, out)
	}
	if got, err := readSet(dir); err != nil || !maps.Equal(got, want) {
		return errors.Join(errors.New("what had been reported is not there"), err)
	}
	return s.checkConverges(dir)
}
