package crashtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mutant is the program with a mistake.
type mutant struct {
	name     string
	file     string // of the repository
	from, to string // what is replaced in it
	caughtBy func(t testing.TB, s *scenario, p programs) *sweep
	sample   bool // in every run
}

func killed(y way) func(testing.TB, *scenario, programs) *sweep {
	return func(t testing.TB, s *scenario, p programs) *sweep {
		return y.kills(s, p, y.from(t, s.template), "apply")
	}
}

func failed(t testing.TB, s *scenario, p programs) *sweep {
	w := killed(ways[0])(t, s, p)
	w.failing("EIO", s)
	return w
}

func telling(t testing.TB, s *scenario, p programs) *sweep {
	h := s.hosted(t, tells)
	w := ways[0].kills(h, p, plain(t, h.template), "apply")
	w.check = func(c *trial, _ *traced, _ []operation) error { return h.checkTold(c.dir, false, false) }
	return w
}

func undone(y way) func(testing.TB, *scenario, programs) *sweep { return y.undoing }

var mutants = []mutant{
	{
		"the journal is removed before the swaps", "internal/commit/commit.go",
		"if err := j.forward(ctx, t.moves); err != nil {",
		"if err := errors.Join(removeJournal(t.layout), j.forward(ctx, t.moves)); err != nil {", killed(ways[0]), true,
	},
	{
		"the journal is written in place", "internal/swap/write.go",
		`os.CreateTemp(dir, "."+filepath.Base(path)+".*.tmp")`, "os.Create(path)", killed(ways[0]), false,
	},
	{
		"nothing is recovered", "internal/commit/recover.go",
		"if j != nil {", "if j != nil && j.Steps == nil {", killed(ways[0]), false,
	},
	{
		"staging is cleaned before recovering", "internal/commit/recover.go",
		"j, err := readJournal(d.layout, d.layout.journal())", "err := d.clean()\n\tif err != nil {\n\t\treturn err\n\t}\n\tj, err := readJournal(d.layout, d.layout.journal())", killed(ways[0]), false,
	},
	{
		"recovery finishes what was to be undone", "internal/commit/recover.go",
		"if j.Back {", "if false {", killed(ways[2]), false,
	},
	{
		"recovery trusts names where contents must decide", "internal/commit/mover.go",
		"case live && fresh && !old:\n\t\treturn d.exchanged(ctx, s)", "case live && fresh && !old:\n\t\treturn before, nil", killed(ways[0]), false,
	},
	{
		"folders are replaced by two renames though they can be exchanged", "internal/commit/mover.go",
		"case d.exchange:", "case d.exchange && s.Copied:", killed(ways[0]), false,
	},
	{
		"what is replaced is removed instead of renamed", "internal/commit/mover.go",
		"if err := swap.Move(live, old); err != nil {", "if err := errors.Join(os.RemoveAll(live), os.Mkdir(old, 0o755)); err != nil {", killed(ways[1]), false,
	},
	{
		"the record of a removed plugin stays", "internal/commit/durable.go",
		"if replaces {", "if replaces && (c.Folder != nil || s.Live == c.Name) {", killed(ways[0]), false,
	},
	{
		"a commit that failed is not undone", "internal/commit/commit.go",
		"return t.undo(ctx, j, err)", "return &CommitError{Err: errors.Join(err, removeJournal(t.layout)), Undone: true}", failed, false,
	},
	{
		"recovery does not expect what cannot be renamed", "internal/commit/recover.go",
		"if errors.Is(err, syscall.EXDEV) && !j.Back {", "if errors.Is(err, syscall.EXDEV) && !j.Back && d == nil {", killed(ways[2]), false,
	},
	{
		"recovery believes in a copy that was put back", "internal/commit/mover.go",
		"case s.New == \"\" && live && !old, s.New != \"\" && live && fresh && !old:\n\t\treturn before, nil",
		"case s.New == \"\" && live && !old, s.New != \"\" && live && fresh && !old:\n\t\treturn between, nil", undone(ways[2]), false,
	},
	{
		"recovery forgets what the host is owed", "internal/commit/recover.go",
		"d.rememberKept(j, Finished)\n\tif err := j.placeMark(d.layout); err != nil {", "d.rememberKept(j, Finished)\n\tif err := error(nil); err != nil {", telling, true,
	},
}

// The harness has teeth: it catches programs with mistakes.
func TestMutants(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s := newScenario(t)
	for _, m := range mutants {
		source := m.mutated(t) // whether it is in the sample or not
		if !m.sample && !full() {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			s := *s
			s.bin = buildPinned(t, map[string]string{m.file: source})
			w := m.caughtBy(t, &s, programs{pinned: s.bin})
			w.name, w.mutant, w.every = m.name, true, 1
			if f := w.run(t); f.failures == 0 {
				t.Errorf("not caught")
			}
		})
	}
}

// mutated is the source with the mistake.
func (m mutant) mutated(t testing.TB) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "..", "..", filepath.FromSlash(m.file)))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), m.from); n != 1 {
		t.Fatalf("%s: %q is there %d times in %s", m.name, m.from, n, m.file)
	}
	return strings.Replace(string(source), m.from, m.to, 1)
}
