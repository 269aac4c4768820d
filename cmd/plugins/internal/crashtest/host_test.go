package crashtest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/apply"
)

// What the host does, it does beside the project, so that what happens to the program
// does not happen to it: it counts how often it was told, and is well with the old set.
const (
	tells = "on_change { command = [\"sh\", \"-c\", \"echo told >> $${PLUGINS_DIR%/plugins}.told\"] }\n"
	sick  = "health {\n  command = [\"sh\", \"-c\", \"! grep -q 2.0.0 $PLUGINS_DIR/alpha/plugin.json\"]\n  retries = 1\n}\n"
)

// hosted is the scenario of a host that is told of changes and, with more, asked how it
// is.
func (s *scenario) hosted(t testing.TB, blocks string) *scenario {
	t.Helper()
	h := *s
	h.template = filepath.Join(t.TempDir(), "hosted")
	s.copyTo(t, h.template)
	h.configure(t, h.template, blocks)
	return &h
}

// configure puts blocks before the plugins of the project dir, instead of others.
func (s *scenario) configure(t testing.TB, dir, blocks string) {
	t.Helper()
	if err := configure(dir, blocks); err != nil {
		t.Fatal(err)
	}
}

func configure(dir, blocks string) error {
	path := filepath.Join(dir, "plugins.hcl")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	at := strings.Index(string(text), "plugin \"")
	return os.WriteFile(path, []byte(blocks+string(text[at:])), 0o644)
}

// told is how often the host of the project dir was told.
func told(dir string) int {
	text, _ := os.ReadFile(dir + ".told")
	return strings.Count(string(text), "told\n")
}

// checkTold looks at what a crash left: once that is recovered, the host knows of what is
// there, and of nothing that is not. Before says that it was told before the crash.
func (s *scenario) checkTold(dir string, absent, before bool) error {
	if err := errors.Join(s.checkWhole(dir, absent), checkReaders(dir)); err != nil {
		return err
	}
	if code, out := s.run(dir, "recover"); code != 0 {
		return fmt.Errorf("recover: exit %d\n%s", code, out)
	}
	got, err := readSet(dir)
	if err != nil {
		return err
	}
	isOld, isNew := maps.Equal(got, s.old), maps.Equal(got, s.new)
	knows := before || told(dir) > 0
	switch {
	case !isOld && !isNew:
		return errors.New("after recovery it is neither the old set nor the new one")
	case isNew && !knows:
		return errors.New("the new set is there, and the host was not told")
	case isOld && knows:
		return errors.New("the old set is there, and the host was told of a change")
	}
	if err := s.checkConverges(dir); err != nil {
		return err
	}
	if !before && told(dir) == 0 {
		return errors.New("the host was never told")
	}
	last := told(dir)
	if code, out := s.run(dir, "apply"); code != 0 || told(dir) != last {
		return fmt.Errorf("the host was told again of what it knew: exit %d\n%s", code, out)
	}
	return nil
}

// An apply that tells the host is killed before every operation, or one fails: the host
// is told, if not by this apply, then by the next.
func TestKillTelling(t *testing.T) {
	s, p := swept(t)
	h := s.hosted(t, tells)
	inEachWay(t, func(t *testing.T, y way) {
		for _, inject := range []string{"signal=KILL", "error=EIO"} {
			w := y.kills(h, p, y.from(t, h.template), "apply")
			w.name, w.inject = w.name+" "+inject, inject
			w.check = func(c *trial, r *traced, _ []operation) error {
				if r.exit == 0 && told(c.dir) == 0 {
					return errors.New("it reported success, and had not told the host")
				}
				return h.checkTold(c.dir, y.absent, false)
			}
			w.every = stride(t, 70)
			w.run(t)
		}
	})
}

// Whatever of that the disk keeps.
func TestReorderedTelling(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s, bin := newScenario(t).hosted(t, tells), build(t, "")
	dir := filepath.Join(t.TempDir(), "project")
	s.copyTo(t, dir)
	h := replay(t, bin, dir, "Ran on_change", nil, "apply")
	h.checkAll(t, 40, func(dir string, told bool) error { return s.checkTold(dir, false, told) })
}

// checkTurnedBack looks at what a crash left of an apply that the host was not well with:
// once that is recovered, the old set is there; the next apply tries the lock at most once
// more, and from then on it is refused, until somebody wants it again.
func (s *scenario) checkTurnedBack(dir string, absent bool) error {
	if err := errors.Join(s.checkWhole(dir, absent), checkReaders(dir)); err != nil {
		return err
	}
	run := func(want int, command ...string) (string, error) {
		code, out := s.run(dir, command...)
		got, err := readSet(dir)
		if err == nil && (code != want || !maps.Equal(got, s.old)) {
			err = fmt.Errorf("%s: exit %d, the old set is there: %t\n%s", strings.Join(command, " "), code, maps.Equal(got, s.old), out)
		}
		return out, err
	}
	code, out := s.run(dir, "recover")
	if got, err := readSet(dir); err != nil || code > 1 || !maps.Equal(got, s.old) {
		return fmt.Errorf("recover: exit %d, and the old set is not there (%w)\n%s", code, err, out)
	}
	if _, err := run(1, "apply"); err != nil {
		return err
	}
	if out, err := run(1, "apply"); err != nil || !strings.Contains(out, "taken back on") {
		return fmt.Errorf("the lock is not refused (%w)\n%s", err, out)
	}
	if host, err := apply.ReadHost(filepath.Join(dir, "plugins")); err != nil || host.Owed != nil || host.Refused == nil {
		return fmt.Errorf("the host is known to be %+v (%w)", host, err)
	}
	if _, err := run(1, "apply", "--retry"); err != nil {
		return err
	}
	if err := configure(dir, tells); err != nil {
		return err
	}
	if code, out := s.run(dir, "apply", "--retry"); code != 0 {
		return fmt.Errorf("apply --retry: exit %d\n%s", code, out)
	}
	return s.checkConverges(dir)
}

// An apply that the host is not well with, and that is undone, is killed before every
// operation, or one fails.
func TestKillTurningBack(t *testing.T) {
	s, p := swept(t)
	h := s.hosted(t, tells+sick)
	inEachWay(t, func(t *testing.T, y way) {
		for _, inject := range []string{"signal=KILL", "error=EIO"} {
			w := y.kills(h, p, y.from(t, h.template), "apply")
			w.name, w.inject, w.fails = w.name+" "+inject, inject, true
			w.check = func(c *trial, r *traced, _ []operation) error { return h.checkTurnedBack(c.dir, y.absent) }
			w.every = stride(t, 70)
			w.run(t)
		}
	})
}

// The same of an apply that only repairs, whose trees are put back as copies.
func TestKillTurningRepairBack(t *testing.T) {
	s, p := swept(t)
	d := s.damaged(t).hosted(t, tells+sick)
	w := ways[0].kills(d, p, plain(t, d.template), "apply")
	w.fails = true
	w.check = func(c *trial, r *traced, _ []operation) error {
		return errors.Join(d.checkTurnedBack(c.dir, false), s.checkGoesBack(c.dir))
	}
	w.every = stride(t, 70)
	w.run(t)
}

// Whatever of that the disk keeps.
func TestReorderedTurningBack(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s, bin := newScenario(t).hosted(t, tells+sick), build(t, "")
	dir := filepath.Join(t.TempDir(), "project")
	s.copyTo(t, dir)
	h := replayed(t, 1, bin, dir, "What was there before is there again", nil, "apply")
	h.checkAll(t, 40, func(dir string, _ bool) error { return s.checkTurnedBack(dir, false) })
}
