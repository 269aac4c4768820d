package solve_test

import (
	"slices"

	"github.com/plugins-hcl/plugins/internal/solve"
	"github.com/plugins-hcl/plugins/plugin"
)

// brute chooses as the contract says it, by trying: the required packages by name, then
// always the least-named one that a decided version needs; the locked version, then
// the newest, with which everything after it can be met.
func (f *fake) brute(required []solve.Requirement) (map[solve.Package]plugin.Version, bool) {
	decided := map[solve.Package]plugin.Version{}
	var try func() bool
	try = func() bool {
		p, found := f.least(required, decided)
		if !found {
			return true
		}
		for _, c := range f.preferred(p) {
			decided[p] = c.Version
			if f.consistent(required, decided) && try() {
				return true
			}
			delete(decided, p)
		}
		return false
	}
	ok := try()
	return decided, ok
}

func (f *fake) least(required []solve.Requirement, decided map[solve.Package]plugin.Version) (solve.Package, bool) {
	var open, needed []solve.Package
	for _, r := range required {
		if _, is := decided[r.Package]; !is {
			open = append(open, r.Package)
		}
	}
	for p, v := range decided {
		for _, d := range f.candidate(p, v).Dependencies {
			if _, is := decided[d.Package]; !is {
				needed = append(needed, d.Package)
			}
		}
	}
	if len(open) == 0 {
		open = needed
	}
	if len(open) == 0 {
		return solve.Package{}, false
	}
	return slices.MinFunc(open, solve.Package.Compare), true
}

func (f *fake) preferred(p solve.Package) []solve.Candidate {
	l := f.listings[p]
	out := slices.Clone(l.Candidates)
	slices.SortFunc(out, func(a, b solve.Candidate) int {
		switch {
		case a.Version.Equal(l.Locked):
			return -1
		case b.Version.Equal(l.Locked):
			return 1
		}
		return b.Version.Compare(a.Version)
	})
	return slices.DeleteFunc(out, func(c solve.Candidate) bool { return len(c.RuledOut) > 0 })
}

// consistent reports whether what is decided keeps to all that is known.
func (f *fake) consistent(required []solve.Requirement, decided map[solve.Package]plugin.Version) bool {
	for _, r := range required {
		if v, is := decided[r.Package]; is && !r.Range.Allows(v) {
			return false
		}
	}
	for p, v := range decided {
		for q := range decided {
			if p != q && p.Name == q.Name {
				return false
			}
		}
		for _, d := range f.candidate(p, v).Dependencies {
			if w, is := decided[d.Package]; is && !d.Range.Allows(w) {
				return false
			}
		}
	}
	return true
}

// valid says what is wrong with choices as such, in whatever order they are preferred.
func (f *fake) valid(choices []solve.Choice) string {
	decided := map[solve.Package]plugin.Version{}
	wanted := map[solve.Package]bool{}
	for _, c := range choices {
		decided[c.Package] = c.Version
		if len(f.candidate(c.Package, c.Version).RuledOut) > 0 {
			return c.Package.String() + " is ruled out"
		}
	}
	for _, r := range f.required {
		wanted[r.Package] = true
	}
	for _, c := range choices {
		for _, d := range f.candidate(c.Package, c.Version).Dependencies {
			wanted[d.Package] = true
		}
	}
	if !f.consistent(f.required, decided) {
		return "something is not as it is needed"
	}
	for p := range wanted {
		if _, is := decided[p]; !is {
			return p.String() + " is needed and not chosen"
		}
	}
	for p := range decided {
		if !wanted[p] {
			return p.String() + " is chosen and not needed"
		}
	}
	return ""
}

// model is one way things could be: which requirements are made, and what is installed.
type model struct {
	made      map[solve.Requirement]bool
	installed map[solve.Package]plugin.Version
}

// models calls yield with all there are for what facts speak of, until it returns false.
func (f *fake) models(facts []solve.Fact, yield func(model) bool) {
	m := model{map[solve.Requirement]bool{}, map[solve.Package]plugin.Version{}}
	var reqs []solve.Requirement
	var packages []solve.Package
	for _, fact := range facts {
		if fact.Kind == solve.Required {
			reqs = append(reqs, solve.Requirement{Package: fact.Package, Range: fact.Parts[0].Ranges[0]})
		}
		packages = append(packages, fact.Package)
		if fact.Other.Name != "" {
			packages = append(packages, fact.Other)
		}
	}
	slices.SortFunc(packages, solve.Package.Compare)
	packages = slices.Compact(packages)
	var next func(i int) bool
	next = func(i int) bool {
		if i < len(reqs) {
			m.made[reqs[i]] = false
			if !next(i + 1) {
				return false
			}
			m.made[reqs[i]] = true
			return next(i + 1)
		}
		if i == len(reqs)+len(packages) {
			return yield(m)
		}
		p := packages[i-len(reqs)]
		for _, c := range f.listings[p].Candidates {
			m.installed[p] = c.Version
			if !next(i + 1) {
				return false
			}
		}
		delete(m.installed, p)
		return next(i + 1)
	}
	next(0)
}

// holds reports whether a fact is so in a model. What it says of several versions is taken
// together, which is the least it says.
func (m model) holds(f solve.Fact) bool {
	v, is := m.installed[f.Package]
	of := func(versions []plugin.Version) bool { return is && slices.ContainsFunc(versions, v.Equal) }
	w, other := m.installed[f.Other]
	about, allowed := false, false
	for _, p := range f.Parts {
		about = about || of(p.Versions)
		allowed = allowed || other && slices.ContainsFunc(p.Allowed, w.Equal)
	}
	switch f.Kind {
	case solve.Required:
		return about || !m.made[solve.Requirement{Package: f.Package, Range: f.Parts[0].Ranges[0]}]
	case solve.Needs:
		return !about || allowed
	case solve.RuledOut:
		return !about
	case solve.Clash:
		return !is || !other
	}
	return false
}

// all reports whether terms hold all at once.
func (m model) all(terms []solve.Term) bool {
	for _, t := range terms {
		v, is := m.installed[t.Package]
		switch {
		case t.Requirement != nil && m.made[*t.Requirement]:
		case t.Requirement == nil && is && slices.ContainsFunc(t.Versions, v.Equal):
		case t.Requirement == nil && !is && t.Absent:
		default:
			return false
		}
	}
	return true
}

// contradictory reports whether the facts cannot all be so, with all requirements made.
func (f *fake) contradictory(facts []solve.Fact) bool {
	contradictory := true
	f.models(facts, func(m model) bool {
		for _, made := range m.made {
			if !made {
				return true
			}
		}
		contradictory = slices.ContainsFunc(facts, func(fact solve.Fact) bool { return !m.holds(fact) })
		return contradictory
	})
	return contradictory
}

// isSo reports whether a fact is one of the world.
func (f *fake) isSo(fact solve.Fact) bool {
	return !slices.ContainsFunc(fact.Parts, func(p solve.Part) bool { return !f.partIsSo(fact, p) }) &&
		(fact.Kind != solve.Clash || fact.Package != fact.Other && fact.Package.Name == fact.Other.Name)
}

func (f *fake) partIsSo(fact solve.Fact, p solve.Part) bool {
	switch fact.Kind {
	case solve.Required:
		return slices.Contains(f.required, solve.Requirement{Package: fact.Package, Range: p.Ranges[0]}) &&
			slices.EqualFunc(f.in(fact.Package, p.Ranges...), p.Versions, plugin.Version.Equal)
	case solve.Needs:
		for _, v := range p.Versions {
			for _, r := range p.Ranges {
				if !slices.Contains(f.candidate(fact.Package, v).Dependencies, solve.Dependency{Package: fact.Other, Range: r}) {
					return false
				}
			}
		}
		return slices.EqualFunc(f.in(fact.Other, p.Ranges...), p.Allowed, plugin.Version.Equal)
	case solve.RuledOut:
		for _, v := range p.Versions {
			if !slices.ContainsFunc(f.candidate(fact.Package, v).RuledOut, func(x solve.Exclusion) bool {
				return x.Why == p.Why.Why && x.MinHost.Equal(p.Why.MinHost)
			}) {
				return false
			}
		}
		return true
	}
	return false
}

// in is the versions in all ranges, oldest first.
func (f *fake) in(p solve.Package, ranges ...solve.Range) (out []plugin.Version) {
	for _, c := range f.listings[p].Candidates {
		if !slices.ContainsFunc(ranges, func(r solve.Range) bool { return !r.Allows(c.Version) }) {
			out = append(out, c.Version)
		}
	}
	slices.SortFunc(out, plugin.Version.Compare)
	return out
}
