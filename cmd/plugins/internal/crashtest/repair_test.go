package crashtest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// damaged is the scenario after its apply, with one plugin's file changed and another
// deleted: the next apply only repairs, and a rollback leads to the old set of s.
func (s *scenario) damaged(t testing.TB) *scenario {
	t.Helper()
	d := &scenario{template: filepath.Join(t.TempDir(), "damaged"), new: s.new, fresh: s.fresh}
	s.copyTo(t, d.template)
	mustRun(t, d.template, "apply")
	plugins := filepath.Join(d.template, "plugins")
	err := errors.Join(
		os.WriteFile(filepath.Join(plugins, "alpha", "data", "a.txt"), []byte("changed"), 0o644),
		os.RemoveAll(filepath.Join(plugins, "stays")),
		// What nobody asks about and is gone leaves a record, which goes, too.
		copyFile(filepath.Join(plugins, ".plugins", "previous", "records", "gone.json.old"), filepath.Join(plugins, ".plugins", "records", "gone.json")),
	)
	if err != nil {
		t.Fatal(err)
	}
	d.old = installedSet(t, d.template)
	return d
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

// An apply that only repairs is killed before every operation. Whatever became of it,
// what it is to roll back to is still there, once the next apply is done.
func TestKillRepair(t *testing.T) {
	s, p := swept(t)
	d := s.damaged(t)
	inEachWay(t, func(t *testing.T, y way) {
		w := y.kills(d, p, y.from(t, d.template), "apply")
		killed := w.check
		w.check = func(c *trial, r *traced, fired []operation) error {
			return errors.Join(killed(c, r, fired), s.checkGoesBack(c.dir))
		}
		w.every = stride(t, 50)
		w.run(t)
	})
}

// The same where operations fail.
func TestErrorsRepairing(t *testing.T) {
	s, p := swept(t)
	d := s.damaged(t)
	inEachWay(t, func(t *testing.T, y way) {
		w := y.kills(d, p, y.from(t, d.template), "apply")
		w.failing("EIO", d)
		failed := w.check
		w.check = func(c *trial, r *traced, fired []operation) error {
			return errors.Join(failed(c, r, fired), s.checkGoesBack(c.dir))
		}
		w.every = stride(t, 50)
		w.run(t)
	})
}

// Whatever of a repair the disk keeps, the same holds.
func TestReorderedRepair(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s, bin := newScenario(t), build(t, "")
	d := s.damaged(t)
	dir := filepath.Join(t.TempDir(), "project")
	d.copyTo(t, dir)
	h := replay(t, bin, dir, "Apply complete", nil, "apply")
	h.checkAll(t, 40, func(dir string, reported bool) error {
		return errors.Join(d.checkCrash(dir, reported), s.checkGoesBack(dir))
	})
}

func (s *scenario) checkGoesBack(dir string) error {
	code, out := run(dir, "rollback", "--auto-approve")
	got, err := readSet(dir)
	if code != 0 || err != nil || !maps.Equal(got, s.old) {
		return fmt.Errorf("rolled back: exit %d, and the old set is not there (%w)\n%s", code, err, out)
	}
	return checkKept(dir)
}
