package solve

import (
	"errors"
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
)

// search looks for the versions to choose. What it learns of packages stays in the
// world, for another search.
type search struct {
	world  *world
	reqs   []Requirement
	host   plugin.Version // lifts what older hosts rule out; zero: nothing
	engine *engine
	vars   *variables
	claims []*claim // a clause of the engine names the index

	states  []*state     // by variable; nil for a requirement
	first   []int        // the variables of what is required, by name
	second  []int        // those of all others
	decided []int        // the variables, in the order of the decisions
	needs   map[need]int // the claim that speaks of it
}

// state is what the search knows of a package.
type state struct {
	pkg      *pkg
	neededBy int           // how many decided ones need it
	chosen   int           // the candidate decided on; none
	needs    map[int][]int // of the candidates of which it is in clauses, what they need
}

// need is what several versions of a package may have in common.
type need struct {
	of, to *pkg
	in     rangeKey
}

func newSearch(w *world, reqs []Requirement, host plugin.Version, most int) *search {
	e := &engine{most: most}
	return &search{
		world: w, reqs: reqs, host: host, engine: e, vars: newVariables(e),
		needs: map[need]int{},
	}
}

// run returns none where a choice is found; else the clause that says which requirements
// contradict each other.
func (s *search) run() (contradiction int, err error) {
	for i, r := range s.reqs {
		p := s.world.start(r.Package)
		if err := p.wait(); err != nil {
			return none, err
		}
		s.enter(p, true)
		s.claim(&claim{kind: Required, of: p, req: i, parts: []part{{versions: p.in(r.Range), in: []Range{r.Range}}}})
	}
	for {
		contradiction, err = s.engine.settle()
		if contradiction != none || err != nil {
			return contradiction, err
		}
		if err := s.world.ctx.Err(); err != nil {
			return none, err
		}
		s.unwind()
		variable, found := s.next()
		if !found {
			return none, nil
		}
		st := s.states[variable]
		i := s.preferred(variable)
		if _, expanded := st.needs[i]; !expanded {
			// What it needs may exclude it.
			if st.needs[i], err = s.expand(st.pkg, i); err != nil {
				return none, err
			}
			continue
		}
		if s.engine.most > 0 && s.engine.steps > s.engine.most {
			return none, errTooLong
		}
		s.decide(variable, i)
	}
}

// claim makes a clause of what is so.
func (s *search) claim(c *claim) int {
	s.claims = append(s.claims, c)
	return s.engine.add(s.vars.clause(c, len(s.claims)-1))
}

// enter makes a package known to the search.
func (s *search) enter(p *pkg, required bool) {
	variable := s.vars.pkg(p)
	for len(s.states) <= variable {
		s.states = append(s.states, nil)
	}
	if s.states[variable] != nil {
		return
	}
	s.states[variable] = &state{pkg: p, chosen: none, needs: map[int][]int{}}
	list := &s.second
	if required {
		list = &s.first
	}
	at, _ := slices.BinarySearchFunc(*list, p.id, func(v int, id Package) int { return s.states[v].pkg.id.Compare(id) })
	*list = slices.Insert(*list, at, variable)

	out := &claim{kind: RuledOut, of: p, parts: ruledOut(p, s.host)}
	if len(out.parts) > 0 {
		s.claim(out)
	}
	for _, other := range slices.Concat(s.first, s.second) {
		if q := s.states[other].pkg; q != p && q.id.Name == p.id.Name {
			s.claim(&claim{kind: Clash, of: q, to: p})
		}
	}
}

// ruledOut are the candidates that cannot be chosen, by the reason.
func ruledOut(p *pkg, host plugin.Version) (parts []part) {
	for i, c := range p.candidates {
		why, is := c.excluded(host)
		if !is {
			continue
		}
		at := slices.IndexFunc(parts, func(q part) bool { return sameReason(q.why, why) })
		if at < 0 {
			at = len(parts)
			parts = append(parts, part{versions: newSet(p.size()), why: why})
		}
		parts[at].versions.add(i + 1)
	}
	return parts
}

func sameReason(a, b Exclusion) bool {
	return a.Why == b.Why && a.Rule == b.Rule && a.MinHost.Equal(b.MinHost)
}

// expand makes clauses of what candidate i needs. Each speaks of all versions that are
// known to need the same: what rules one out rules all of them out. It returns the
// variables of what is needed.
func (s *search) expand(p *pkg, i int) (needs []int, err error) {
	deps, err := s.world.dependencies(p, i)
	if err != nil {
		return nil, err
	}
	for _, d := range deps {
		s.world.start(d.Package)
	}
	var errs []error
	for _, d := range deps {
		to := s.world.start(d.Package)
		if err := to.wait(); err != nil {
			errs = append(errs, err)
			continue
		}
		s.enter(to, false)
		s.need(p, i, to, d.Range)
		needs = append(needs, s.vars.pkg(to))
	}
	return needs, errors.Join(errs...)
}

func (s *search) need(p *pkg, i int, to *pkg, r Range) {
	key := need{p, to, r.key()}
	id, said := s.needs[key]
	if said && s.claims[s.engine.clauses[id].fact].versions().has(i+1) {
		return
	}
	c := &claim{kind: Needs, of: p, to: to, parts: []part{newPart(to, p.needing(to, r), r)}}
	if said {
		s.engine.forget(id)
	}
	s.needs[key] = s.claim(c)
}

// needing are the versions that are known to need the same.
func (p *pkg) needing(to *pkg, r Range) set {
	versions := newSet(p.size())
	for i := range p.candidates {
		if p.needs(i, to, r) {
			versions.add(i + 1)
		}
	}
	return versions
}

// needs reports whether candidate i is known to need that.
func (p *pkg) needs(i int, to *pkg, r Range) bool {
	return slices.ContainsFunc(p.told(i), func(d Dependency) bool { return d.Package == to.id && d.Range.key() == r.key() })
}

// next is the variable to decide on.
func (s *search) next() (variable int, found bool) {
	for _, v := range s.first {
		if s.states[v].chosen == none {
			return v, true
		}
	}
	for _, v := range s.second {
		if st := s.states[v]; st.chosen == none && st.neededBy > 0 {
			return v, true
		}
	}
	return none, false
}

// preferred is the first candidate that is possible.
func (s *search) preferred(variable int) int {
	for _, i := range s.states[variable].pkg.order {
		if s.engine.possible[variable].has(i + 1) {
			return i
		}
	}
	panic("solve: a package that is needed has no version, and no clause says so")
}

func (s *search) decide(variable, i int) {
	st := s.states[variable]
	st.chosen = i
	s.decided = append(s.decided, variable)
	s.engine.decide(variable, i+1)
	s.count(st, 1)
}

// unwind forgets the decisions that the engine went back from.
func (s *search) unwind() {
	for len(s.decided) > s.engine.level() {
		last := len(s.decided) - 1
		st := s.states[s.decided[last]]
		s.count(st, -1)
		st.chosen = none
		s.decided = s.decided[:last]
	}
}

// count tells what the chosen candidate needs that one more, or less, needs it.
func (s *search) count(st *state, by int) {
	for _, v := range st.needs[st.chosen] {
		s.states[v].neededBy += by
	}
}

// choices are what was decided, by name.
func (s *search) choices() []Choice {
	out := make([]Choice, 0, len(s.decided))
	for _, v := range s.decided {
		st := s.states[v]
		out = append(out, Choice{
			Package: st.pkg.id, Version: st.pkg.candidates[st.chosen].Version, Dependencies: st.pkg.told(st.chosen),
			Required: slices.Contains(s.first, v),
		})
	}
	slices.SortFunc(out, func(a, b Choice) int { return a.Package.Compare(b.Package) })
	by := map[Package][]Package{}
	for _, c := range out {
		for _, d := range c.Dependencies {
			if users := by[d.Package]; d.Package != c.Package && !slices.Contains(users, c.Package) {
				by[d.Package] = append(users, c.Package)
			}
		}
	}
	for i := range out {
		out[i].RequiredBy = by[out[i].Package]
	}
	return out
}
