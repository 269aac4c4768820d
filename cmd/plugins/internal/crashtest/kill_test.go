package crashtest

import (
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// way is how plugins are replaced.
type way struct {
	name   string
	absent bool     // a host may find one missing for a moment
	always []string // options of strace that force it
	layer  bool     // on the lower layer of an overlayfs
}

var ways = []way{
	{name: "exchange"},
	// renameat2 answers what it answers on a file system that cannot exchange.
	{name: "two renames", absent: true, always: []string{"-e", "inject=renameat2:error=EINVAL"}},
	{name: "copied aside", absent: true, layer: true},
}

// someWays are all of them; in a sample one, by the test's name.
func someWays(t testing.TB) []way {
	if full() {
		return ways
	}
	i := crc32.ChecksumIEEE([]byte(t.Name())) % uint32(len(ways))
	return ways[i : i+1]
}

func (y way) from(t testing.TB, folder string) *origin {
	t.Helper()
	if y.layer {
		return layered(t, folder)
	}
	return plain(t, folder)
}

// kills is a sweep that kills the program before every operation that changes
// something. What a forced answer prevents changes nothing.
func (y way) kills(s *scenario, p programs, from *origin, command ...string) *sweep {
	return &sweep{
		name: y.name, bin: p.plain, pinned: p.pinned, from: from, command: command, always: y.always, inject: "signal=KILL",
		picks: func(o *operation) bool { return o.changes() && !o.failed() },
		check: func(c *trial, r *traced, _ []operation) error { return s.checkKilled(c.dir, y.absent, r) },
	}
}

// checkKilled looks at what a kill left, as a host would, as a reader would, and
// as the next apply does.
func (s *scenario) checkKilled(dir string, absent bool, r *traced) error {
	if err := s.checkWhole(dir, absent); err != nil {
		return err
	}
	if err := checkReaders(dir); err != nil {
		return err
	}
	if strings.Contains(r.out, "Rollback complete") {
		if got, err := readSet(dir); err != nil || !maps.Equal(got, s.old) {
			return fmt.Errorf("the rollback had reported success, and its set is not there (%w)", err)
		}
	}
	return s.checkRecovers(dir, strings.Contains(r.out, "Apply complete"))
}

// An apply is killed before every operation.
func TestKillApply(t *testing.T) {
	s, p := swept(t)
	inEachWay(t, func(t *testing.T, y way) {
		w := y.kills(s, p, y.from(t, s.template), "apply")
		w.every = stride(t, 50)
		w.run(t)
	})
}

// The very first apply is killed before every operation.
func TestKillFirstApply(t *testing.T) {
	s, p := swept(t)
	if err := os.RemoveAll(filepath.Join(s.template, "plugins")); err != nil {
		t.Fatal(err)
	}
	s.old, s.new = set{}, s.fresh
	w := ways[0].kills(s, p, plain(t, s.template), "apply")
	w.every = stride(t, 60)
	w.run(t)
}

// A rollback is killed before every operation.
func TestKillRollback(t *testing.T) {
	s, p := swept(t)
	inEachWay(t, func(t *testing.T, y way) {
		w := y.kills(s, p, y.applied(t, s), "rollback", "--auto-approve")
		w.every = stride(t, 50)
		w.run(t)
	})
	t.Run("all on the layer", func(t *testing.T) {
		t.Parallel()
		image := filepath.Join(t.TempDir(), "image")
		s.copyTo(t, image)
		mustRun(t, image, "apply")
		w := way{name: "all on the layer", absent: true}.kills(s, p, layered(t, image), "rollback", "--auto-approve")
		w.every = stride(t, 110)
		w.run(t)
	})
}

// applied begins after the apply; where that took place on a layer, the plugins
// lie above it and can be renamed, but for the one that was left alone.
func (y way) applied(t testing.TB, s *scenario) *origin {
	t.Helper()
	from := y.from(t, s.template)
	c, err := from.fresh()
	if err != nil {
		t.Fatal(err)
	}
	mustRun(t, c.dir, "apply")
	return c.keep(t)
}

// An apply that recovers from a killed one is killed before every operation.
func TestKillRecovery(t *testing.T) {
	s, p := swept(t)
	inEachWay(t, func(t *testing.T, y way) {
		w := y.kills(s, p, y.from(t, s.template), "apply")
		inStates(t, w, howMany(8, 2), func(from *origin) *sweep {
			again := y.kills(s, p, from, "apply")
			again.every = stride(t, 60)
			return again
		})
	})
}

// interrupted makes states in which the command was killed while it committed, at
// points spread evenly over the time in which a journal lies there.
func (w *sweep) interrupted(t testing.TB, states int) []*origin {
	t.Helper()
	var points []target
	for _, on := range w.targets(t) {
		if on.committing && on.main {
			points = append(points, on)
		}
	}
	var made []*origin
	for i := range points {
		if len(made) == states {
			break
		}
		if i*states < len(made)*len(points) {
			continue
		}
		c := w.copy(t)
		traceMain(t, w.pinned, c.dir, w.options(points[i].call, points[i].index), w.command...)
		if _, err := os.Lstat(filepath.Join(c.dir, "plugins", ".plugins", "journal")); err != nil {
			c.remove(t)
			continue
		}
		made = append(made, c.keep(t))
	}
	if len(made) < states {
		t.Errorf("%s: %d states with a journal, want %d", w.name, len(made), states)
	}
	return made
}
