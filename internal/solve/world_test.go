package solve_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/plugins-hcl/plugins/internal/solve"
	"github.com/plugins-hcl/plugins/plugin"
)

// fake is a world that is known from the start. It counts what it is asked.
type fake struct {
	required []solve.Requirement
	host     plugin.Host
	listings map[solve.Package]solve.Listing
	untold   bool // dependencies are told only when asked for
	fails    map[string]error
	delay    func()

	mu    sync.Mutex
	asked map[string]int
}

func newFake() *fake {
	return &fake{listings: map[solve.Package]solve.Listing{}, fails: map[string]error{}, asked: map[string]int{}}
}

func (f *fake) input() solve.Input {
	return solve.Input{Required: f.required, Provider: f, Host: f.host}
}

func (f *fake) ask(question string) error {
	if f.delay != nil {
		f.delay()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked[question]++
	return f.fails[question]
}

func (f *fake) Versions(_ context.Context, p solve.Package) (solve.Listing, error) {
	if err := f.ask(p.String()); err != nil {
		return solve.Listing{}, err
	}
	l := f.listings[p]
	if f.untold {
		l.Candidates = slices.Clone(l.Candidates)
		for i := range l.Candidates {
			l.Candidates[i].Dependencies, l.Candidates[i].Told = nil, false
		}
	}
	return l, nil
}

func (f *fake) Dependencies(_ context.Context, p solve.Package, v plugin.Version) ([]solve.Dependency, error) {
	if err := f.ask(p.String() + " " + v.String()); err != nil {
		return nil, err
	}
	return f.candidate(p, v).Dependencies, nil
}

func (f *fake) candidate(p solve.Package, v plugin.Version) solve.Candidate {
	l := f.listings[p].Candidates
	return l[slices.IndexFunc(l, func(c solve.Candidate) bool { return c.Version.Equal(v) })]
}

// parseWorld reads a world, a statement a line:
//
//	host workflow 0.80.0
//	want billing ~> 2.1
//	billing 2.1.0 -> ledger >= 3; store ^2 ! host 0.86.0 ! it is too young
//	locked billing 2.1.0
//	missing ledger there is no plugin ledger in registry acme; billing, audit
func parseWorld(t testing.TB, text string) *fake {
	t.Helper()
	f := newFake()
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		rest := strings.Join(words[min(2, len(words)):], " ")
		switch words[0] {
		case "host":
			f.host = plugin.Host{Name: words[1], Version: plugin.MustVersion(rest)}
		case "want":
			f.required = append(f.required, solve.Requirement{Package: parsePackage(words[1]), Range: parseRange(rest)})
		case "locked":
			f.change(words[1], func(l *solve.Listing) { l.Locked = plugin.MustVersion(rest) })
		case "missing":
			f.change(words[1], func(l *solve.Listing) {
				text, exist, _ := strings.Cut(rest, "; ")
				l.Missing, l.Exist = text, strings.Split(exist, ", ")
			})
		default:
			f.change(words[0], func(l *solve.Listing) { l.Candidates = append(l.Candidates, parseCandidate(words[1], rest)) })
		}
	}
	return f
}

// parsePackage reads "ledger" and "ledger@acme".
func parsePackage(s string) solve.Package {
	name, from, _ := strings.Cut(s, "@")
	return solve.Package{Name: plugin.Name(name), From: from}
}

func parseRange(s string) solve.Range {
	if s == "*" {
		return solve.Range{Every: true}
	}
	return solve.Range{Constraint: plugin.MustConstraint(s)}
}

func (f *fake) change(name string, change func(*solve.Listing)) {
	l := f.listings[parsePackage(name)]
	change(&l)
	f.listings[parsePackage(name)] = l
}

func parseCandidate(version, rest string) solve.Candidate {
	c := solve.Candidate{Version: plugin.MustVersion(version), Told: true}
	parts := strings.Split(rest, "! ")
	if needs, ok := strings.CutPrefix(strings.TrimSpace(parts[0]), "->"); ok {
		for need := range strings.SplitSeq(needs, ";") {
			name, in, _ := strings.Cut(strings.TrimSpace(need), " ")
			c.Dependencies = append(c.Dependencies, solve.Dependency{Package: parsePackage(name), Range: parseRange(in)})
		}
	}
	for _, why := range parts[1:] {
		why = strings.TrimSpace(why)
		if host, ok := strings.CutPrefix(why, "host "); ok {
			c.RuledOut = append(c.RuledOut, solve.Exclusion{MinHost: plugin.MustVersion(host)})
		} else {
			c.RuledOut = append(c.RuledOut, solve.Exclusion{Why: why})
		}
	}
	return c
}

// show is choices as "audit 1.0.0, ledger 2.0.0".
func show(choices []solve.Choice) string {
	texts := make([]string, len(choices))
	for i, c := range choices {
		texts[i] = fmt.Sprintf("%s %s", c.Package, c.Version)
	}
	return strings.Join(texts, ", ")
}
