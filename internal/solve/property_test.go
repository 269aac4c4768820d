package solve_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/internal/solve"
	"github.com/plugins-hcl/plugins/plugin"
)

// many checks a property of ever so many worlds.
func many(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	t.Parallel()
	shards := 25
	if testing.Short() {
		shards = 1
	}
	for range shards {
		rapid.Check(t, property)
	}
}

// ranges are parsed once: requirements are told apart by what they are.
var ranges = func() (out []solve.Range) {
	for _, text := range []string{"", "", ">= 2", ">= 3", "< 2", "< 3", "1.0.0", "2.0.0", "!= 2.0.0", "< 4", "1.0.0 || 3.0.0", "~> 2.0", ">= 2.0.0-rc.1"} {
		out = append(out, parseRange(text))
	}
	return append(out, solve.Range{Every: true})
}()

var versions = []string{"1.0.0", "2.0.0", "3.0.0", "4.0.0", "2.0.0-rc.1"}

// drawWorld is of up to six packages with up to five versions.
func drawWorld(t *rapid.T) *fake {
	f := newFake()
	f.host = plugin.Host{Name: "workflow", Version: plugin.MustVersion("0.80.0")}
	packages := []solve.Package{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "d"}, {Name: "e", From: "x"}, {Name: "e", From: "y"}}
	packages = packages[:rapid.IntRange(2, len(packages)).Draw(t, "packages")]
	drawPackage := rapid.SampledFrom(packages)
	drawRange := rapid.SampledFrom(ranges)
	for _, p := range packages {
		var l solve.Listing
		for _, v := range versions[:rapid.SampledFrom([]int{0, 2, 3, 4, 4, 5, 5, 5}).Draw(t, "versions")] {
			c := solve.Candidate{Version: plugin.MustVersion(v), Told: rapid.Bool().Draw(t, "told")}
			// Versions that follow each other mostly need the same.
			if n := len(l.Candidates); n > 0 && rapid.IntRange(0, 2).Draw(t, "needs the same") > 0 {
				c.Dependencies = slices.Clone(l.Candidates[n-1].Dependencies)
			}
			for range rapid.SampledFrom([]int{0, 0, 0, 1, 1, 2, 3}).Draw(t, "dependencies") {
				c.Dependencies = append(c.Dependencies, solve.Dependency{Package: drawPackage.Draw(t, "on"), Range: drawRange.Draw(t, "range")})
			}
			switch rapid.IntRange(0, 30).Draw(t, "ruled out") {
			case 0:
				c.RuledOut = []solve.Exclusion{{Why: "it is too young"}}
			case 1:
				c.RuledOut = []solve.Exclusion{{MinHost: plugin.MustVersion("0.86.0")}}
			case 2:
				c.RuledOut = []solve.Exclusion{{MinHost: plugin.MustVersion("0.90.0")}, {Why: "it is too young"}}
			}
			l.Candidates = append(l.Candidates, c)
			if rapid.IntRange(0, 5).Draw(t, "locked") == 0 {
				l.Locked = c.Version
			}
		}
		if len(l.Candidates) == 0 {
			l.Missing, l.Exist = "there is no plugin "+string(p.Name), []string{"a", "b"}
		}
		f.listings[p] = l
	}
	for range rapid.IntRange(1, 3).Draw(t, "required") {
		r := solve.Requirement{Package: drawPackage.Draw(t, "required package"), Range: drawRange.Draw(t, "required range")}
		if !slices.Contains(f.required, r) {
			f.required = append(f.required, r)
		}
	}
	return f
}

// There is an answer exactly where there is one, and it is the first in the order.
func TestTheFirstChoiceIsFound(t *testing.T) {
	many(t, func(t *rapid.T) {
		f := drawWorld(t)
		choices, err := solve.Solve(t.Context(), f.input())
		want, solvable := f.brute(f.required)
		if solvable != (err == nil) {
			t.Fatalf("solvable is %v, but the error is %v", solvable, err)
		}
		if err != nil {
			return
		}
		if wrong := f.valid(choices); wrong != "" {
			t.Fatalf("%s: %s", show(choices), wrong)
		}
		for _, c := range choices {
			if !want[c.Package].Equal(c.Version) {
				t.Fatalf("the choice is %s; the first is %v", show(choices), want)
			}
		}
	})
}

func conflictsOf(err error) (out []*solve.Conflict) {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, err := range joined.Unwrap() {
			var c *solve.Conflict
			if errors.As(err, &c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// Every conflict is of facts of the world, as few as contradict each other; each step
// follows from what it stands on, and each proposal helps.
func TestConflictsAreProven(t *testing.T) {
	many(t, func(t *rapid.T) {
		f := drawWorld(t)
		_, err := solve.Solve(t.Context(), f.input())
		conflicts := conflictsOf(err)
		if err != nil && len(conflicts) == 0 {
			t.Fatal(err)
		}
		for _, c := range conflicts {
			f.checkFacts(t, c)
			f.checkSteps(t, c)
			f.checkProposals(t, c, conflicts)
		}
	})
}

func (f *fake) checkFacts(t *rapid.T, c *solve.Conflict) {
	for _, fact := range c.Facts {
		if !f.isSo(fact) {
			t.Fatalf("it is not so that %s, in:\n%v", fact.Text, c)
		}
	}
	if !f.contradictory(c.Facts) {
		t.Fatalf("there is no contradiction in:\n%v", c)
	}
	for i := range c.Facts {
		if f.contradictory(slices.Delete(slices.Clone(c.Facts), i, i+1)) {
			t.Fatalf("%q need not be told, in:\n%v", c.Facts[i].Text, c)
		}
	}
}

func (f *fake) checkSteps(t *rapid.T, c *solve.Conflict) {
	for i, st := range c.Steps {
		f.models(c.Facts, func(m model) bool {
			for _, fact := range st.Facts {
				if !m.holds(c.Facts[fact]) {
					return true
				}
			}
			for _, before := range st.Steps {
				if before >= i {
					t.Fatalf("step %d stands on one that comes later", i)
				}
				if m.all(c.Steps[before].Never) {
					return true
				}
			}
			if m.all(st.Never) {
				t.Fatalf("%q does not follow, in:\n%v", st.Text, c)
			}
			return true
		})
	}
	last := c.Steps[len(c.Steps)-1]
	for _, term := range last.Never {
		if term.Requirement == nil || !slices.Contains(c.Requirements, *term.Requirement) {
			t.Fatalf("the last step speaks of %v, in:\n%v", term, c)
		}
	}
}

func (f *fake) checkProposals(t *rapid.T, c *solve.Conflict, all []*solve.Conflict) {
	for _, p := range c.Proposals {
		changed := newFake()
		changed.listings = f.listings
		for _, r := range f.required {
			if slices.ContainsFunc(all, func(d *solve.Conflict) bool { return d != c && slices.Contains(d.Requirements, r) }) {
				continue
			}
			changed.required = append(changed.required, r)
		}
		for _, change := range p.Changes {
			changed = changed.with(c, change)
		}
		want, solvable := changed.brute(changed.required)
		if !solvable {
			t.Fatalf("it does not help to have %s, in:\n%v", p, c)
		}
		for _, change := range p.Changes {
			if change.Range != nil && !want[change.Package].Equal(change.Version) {
				t.Fatalf("%s gives %s, in:\n%v", p, want[change.Package], c)
			}
		}
	}
}

// with is the world with a change.
func (f *fake) with(conflict *solve.Conflict, change solve.Change) *fake {
	out := newFake()
	for _, r := range f.required {
		if change.Package == r.Package && slices.Contains(conflict.Requirements, r) {
			if change.Remove {
				continue
			}
			r.Range = *change.Range
		}
		out.required = append(out.required, r)
	}
	for p, l := range f.listings {
		l.Candidates = slices.Clone(l.Candidates)
		for i, c := range l.Candidates {
			l.Candidates[i].RuledOut = slices.DeleteFunc(slices.Clone(c.RuledOut), func(x solve.Exclusion) bool {
				return !x.MinHost.IsZero() && x.MinHost.Compare(change.Host.Version) <= 0
			})
		}
		out.listings[p] = l
	}
	return out
}

// Packages that nobody needs, and versions that cannot be chosen, change nothing.
func TestIrrelevantAdditionsChangeNothing(t *testing.T) {
	many(t, func(t *rapid.T) {
		f := drawWorld(t)
		before, errBefore := solve.Solve(t.Context(), f.input())
		extra := drawWorld(t)
		for p, l := range extra.listings {
			p.From += " elsewhere"
			f.listings[p] = l
		}
		for p, l := range f.listings {
			for _, v := range []string{"0.1.0", "2.5.0", "77.0.0"} {
				if rapid.Bool().Draw(t, "one more") {
					c := parseCandidate(v, "-> nobody; a >= 3; b 1.0.0 ! it is out of the question")
					l.Candidates = append(slices.Clone(l.Candidates), c)
				}
			}
			f.listings[p] = l
		}
		after, errAfter := solve.Solve(t.Context(), f.input())
		if (errBefore == nil) != (errAfter == nil) || show(before) != show(after) {
			t.Fatalf("before: %s, %v\nafter: %s, %v", show(before), errBefore, show(after), errAfter)
		}
	})
}

// Neither what is chosen nor what is said depends on when the answers come, and each
// question is asked once.
func TestTimingChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := drawWorld(t)
		f.untold = rapid.Bool().Draw(t, "untold")
		in := f.input()
		in.Jobs = 1
		choices, err := solve.Solve(t.Context(), in)
		want := show(choices) + fmt.Sprint(err)
		for jobs := range 4 {
			f.asked = map[string]int{}
			f.delay = func() { time.Sleep(time.Duration(rand.IntN(100)) * time.Microsecond) }
			in.Jobs = jobs
			in.Required = slices.Clone(f.required)
			rand.Shuffle(len(in.Required), func(i, j int) { in.Required[i], in.Required[j] = in.Required[j], in.Required[i] })
			choices, err := solve.Solve(t.Context(), in)
			if got := show(choices) + fmt.Sprint(err); got != want {
				t.Fatalf("it was\n%s\nand is\n%s", want, got)
			}
			for question, n := range f.asked {
				if n > 1 {
					t.Fatalf("%s was asked %d times", question, n)
				}
			}
		}
	})
}

// Whether dependencies are told with the versions or one by one, the choice is the same.
func TestTellingLaterChangesNoChoice(t *testing.T) {
	many(t, func(t *rapid.T) {
		f := drawWorld(t)
		want, errTold := solve.Solve(t.Context(), f.input())
		f.untold = true
		got, err := solve.Solve(t.Context(), f.input())
		if (err == nil) != (errTold == nil) || show(got) != show(want) {
			t.Fatalf("told: %s, %v\nasked: %s, %v", show(want), errTold, show(got), err)
		}
	})
}
