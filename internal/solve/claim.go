package solve

import (
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
)

// claim is what is said to be so, in a form to reason with: of a requirement, of some
// versions of a package, or of two packages.
type claim struct {
	kind  Kind
	of    *pkg // whose versions it speaks of; of a requirement, what is required
	to    *pkg // what is needed, or what clashes
	req   int  // of a requirement, which
	parts []part
}

// part is what is said of some versions.
type part struct {
	versions set
	in       []Range // all of them
	allowed  set     // of what is needed, the versions in all of these
	why      Exclusion
}

// versions are all that the claim speaks of.
func (c *claim) versions() set {
	s := newSet(c.of.size())
	for _, p := range c.parts {
		s = s.or(p.versions)
	}
	return s
}

// allowed are all that one of its parts allows.
func (c *claim) allowed() set {
	s := newSet(c.to.size())
	for _, p := range c.parts {
		s = s.or(p.allowed)
	}
	return s
}

// variables are the packages and requirements that an engine knows, in either direction.
type variables struct {
	e        *engine
	reqs     map[int]int
	packages map[*pkg]int
	what     []any // of each variable: an int, a requirement, or a *pkg
}

func newVariables(e *engine) *variables {
	return &variables{e: e, reqs: map[int]int{}, packages: map[*pkg]int{}}
}

// there is what the variable of a requirement is, which is assumed.
const there = 1

func (v *variables) requirement(i int) int {
	id, ok := v.reqs[i]
	if !ok {
		id = v.e.variable(2)
		v.reqs[i] = id
		v.what = append(v.what, i)
		v.e.assume(id, newSet(2, there))
	}
	return id
}

func (v *variables) pkg(p *pkg) int {
	id, ok := v.packages[p]
	if !ok {
		id = v.e.variable(p.size())
		v.packages[p] = id
		v.what = append(v.what, p)
	}
	return id
}

// clause is what the claim says, taken together: where it says different things of
// several versions, that each is one of these.
func (v *variables) clause(c *claim, id int) clause {
	var terms []term
	switch c.kind {
	case Required:
		terms = []term{{v.requirement(c.req), newSet(2, there)}, {v.pkg(c.of), fullSet(c.of.size()).minus(c.parts[0].versions)}}
	case Needs:
		terms = []term{{v.pkg(c.of), c.versions()}, {v.pkg(c.to), fullSet(c.to.size()).minus(c.allowed())}}
	case RuledOut:
		terms = []term{{v.pkg(c.of), c.versions()}}
	case Clash:
		terms = []term{{v.pkg(c.of), c.of.all()}, {v.pkg(c.to), c.to.all()}}
	}
	return clause{terms: terms, fact: id}
}

// excluded is the first reason against a candidate that a host does not lift.
func (c Candidate) excluded(host plugin.Version) (Exclusion, bool) {
	i := slices.IndexFunc(c.RuledOut, func(x Exclusion) bool {
		return x.MinHost.IsZero() || host.IsZero() || x.MinHost.Compare(host) > 0
	})
	if i < 0 {
		return Exclusion{}, false
	}
	return c.RuledOut[i], true
}
