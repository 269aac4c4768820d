package solve_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/internal/solve"
	"github.com/plugins-hcl/plugins/plugin"
)

// A world of up to 12 packages with up to 8 versions each takes no longer than this; a
// step is less than a microsecond.
const (
	mostSteps = 1_000_000
	mostTime  = time.Minute // the machine may be busy
)

// decodeWorld makes a world of bytes: what they say runs out at the end.
func decodeWorld(data []byte) *fake {
	next := func() int {
		if len(data) == 0 {
			return 0
		}
		b := data[0]
		data = data[1:]
		return int(b)
	}
	f := newFake()
	f.host = plugin.Host{Name: "workflow", Version: plugin.MustVersion("0.80.0")}
	n := 1 + next()%12
	pkg := func() solve.Package { return solve.Package{Name: plugin.Name(fmt.Sprintf("p%d", next()%n))} }
	for i := range n {
		var l solve.Listing
		for v := range next() % 9 {
			c := solve.Candidate{Version: plugin.MustVersion(fmt.Sprintf("%d.0.0", v+1)), Told: true}
			for range next() % 13 {
				c.Dependencies = append(c.Dependencies, solve.Dependency{Package: pkg(), Range: maskRange(next())})
			}
			switch next() % 16 {
			case 1:
				l.Locked = c.Version
			case 2:
				c.RuledOut = []solve.Exclusion{{Why: "it is too young"}}
			case 3:
				c.RuledOut = []solve.Exclusion{{MinHost: plugin.MustVersion("0.86.0")}}
			}
			l.Candidates = append(l.Candidates, c)
		}
		f.listings[solve.Package{Name: plugin.Name(fmt.Sprintf("p%d", i))}] = l
	}
	for range 1 + next()%n {
		f.required = append(f.required, solve.Requirement{Package: pkg(), Range: maskRange(next())})
	}
	f.untold = next()%2 == 1
	return f
}

// masks are the ranges that allow any of eight versions.
var masks = func() (out [256]solve.Range) {
	for mask := range out {
		text := ""
		for v := range 8 {
			if mask&(1<<v) != 0 {
				text += fmt.Sprintf(" || %d.0.0", v+1)
			}
		}
		out[mask] = parseRange("9.9.9" + text)
	}
	out[255] = solve.Range{}
	return out
}()

func maskRange(mask int) solve.Range { return masks[mask] }

// allDiffer is a world of n packages that need each other to be of other versions, of
// which there are too few: nothing is harder to refute by reasoning from what is tried.
func allDiffer(packages, versions int) []byte {
	data := []byte{byte(packages - 1)}
	for p := range packages {
		data = append(data, byte(versions))
		for v := range versions {
			data = append(data, byte(packages-1))
			for q := range packages {
				if q != p {
					data = append(data, byte(q), ^byte(1<<v))
				}
			}
			data = append(data, 0)
		}
	}
	data = append(data, byte(packages-1))
	for p := range packages {
		data = append(data, byte(p), 255)
	}
	return data
}

func FuzzSolve(f *testing.F) {
	f.Add([]byte{1, 2, 1, 1, 2, 0, 0, 0, 2, 0, 0, 1, 0, 3, 0, 1, 0, 255, 1, 1})
	f.Add(allDiffer(4, 3))
	f.Add(allDiffer(5, 5))
	f.Add(allDiffer(9, 8))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := decodeWorld(data)
		steps, err := solve.Steps(t.Context(), w.input())
		if err != nil {
			t.Fatal(err)
		}
		if steps > mostSteps {
			t.Errorf("it takes %d steps", steps)
		}
		start := time.Now()
		choices, err := solve.Solve(t.Context(), w.input())
		if took := time.Since(start); took > mostTime {
			t.Errorf("it takes %s", took)
		}
		if err == nil {
			if wrong := w.valid(choices); wrong != "" {
				t.Errorf("%s: %s", show(choices), wrong)
			}
			return
		}
		for _, c := range conflictsOf(err) {
			for _, fact := range c.Facts {
				if !w.isSo(fact) {
					t.Errorf("it is not so that %s", fact.Text)
				}
			}
		}
	})
}
