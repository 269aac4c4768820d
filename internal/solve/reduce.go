package solve

import (
	"cmp"
	"slices"
)

// mostReduceSteps bounds what finding a short explanation may cost: what people get into
// takes a few hundred.
const mostReduceSteps = 200_000

// refutation is a proof that claims contradict each other.
type refutation struct {
	engine        *engine
	vars          *variables
	claims        []*claim // a clause of the engine names the index
	contradiction int
}

// reducer looks for few claims that say as much as many.
type reducer struct {
	steps int // that are left
}

// refute shows that the claims contradict each other; nil: they do not, or it takes
// too long to say.
func (r *reducer) refute(claims []*claim) *refutation {
	if r.steps <= 0 {
		return nil
	}
	e := &engine{most: r.steps}
	vars := newVariables(e)
	for i, c := range claims {
		e.add(vars.clause(c, i))
	}
	defer func() { r.steps -= e.steps + len(claims) }()
	for {
		contradiction, err := e.settle()
		if err != nil {
			return nil
		}
		if contradiction != none {
			return &refutation{e, vars, claims, contradiction}
		}
		variable, value := open(e)
		if variable == none {
			return nil
		}
		e.decide(variable, value)
	}
}

// open is what must be something and may be the fewest things; none where nothing is left
// open: what may be absent can be.
func open(e *engine) (variable, value int) {
	variable, fewest := none, 0
	for v, possible := range e.possible {
		n := possible.count()
		if n < 2 || possible.has(absent) || variable != none && n >= fewest {
			continue
		}
		variable, fewest = v, n
	}
	if variable == none {
		return none, none
	}
	for m := range e.possible[variable].members() {
		value = m // the newest
	}
	return variable, value
}

// leaves are the claims that a clause follows from.
func leaves(e *engine, id int, claims []*claim) (out []*claim) {
	seen := map[int]bool{}
	var visit func(id int)
	visit = func(id int) {
		if seen[id] {
			return
		}
		seen[id] = true
		c := e.clauses[id]
		if c.fact != notFact {
			out = append(out, claims[c.fact])
			return
		}
		for _, l := range c.from {
			visit(l.clause)
		}
	}
	visit(id)
	return out
}

// reduce makes of a contradiction that a search found one that can be told: of as few
// claims as possible, each of as many versions as matter.
func (r *reducer) reduce(s *search, contradiction int) *refutation {
	found := leaves(s.engine, contradiction, s.claims)
	slices.SortStableFunc(found, compareClaims)
	claims := r.coarsen(found)
	if claims == nil {
		return &refutation{s.engine, s.vars, s.claims, contradiction}
	}
	claims = r.leaveOut(claims)
	claims = r.narrow(claims)
	claims = r.leaveOutParts(claims)
	claims = unify(r.narrow(claims))
	if out := r.refute(claims); out != nil {
		return out
	}
	return &refutation{s.engine, s.vars, s.claims, contradiction}
}

// compareClaims puts requirements first: what can be left out of these makes the
// shortest conclusion. What is ruled out comes last, where the proof starts.
func compareClaims(a, b *claim) int {
	rank := map[Kind]int{Required: 0, Clash: 1, Needs: 2, RuledOut: 3}
	key := func(c *claim) Package {
		if c.to == nil {
			return Package{}
		}
		return c.to.id
	}
	return cmp.Or(cmp.Compare(rank[a.kind], rank[b.kind]), a.of.id.Compare(b.of.id), key(a).Compare(key(b)), cmp.Compare(a.req, b.req))
}

// leaveOut drops what is not needed for the contradiction.
func (r *reducer) leaveOut(claims []*claim) []*claim {
	for i := 0; i < len(claims); {
		if tried := slices.Delete(slices.Clone(claims), i, i+1); r.refute(tried) != nil {
			claims = tried
		} else {
			i++
		}
	}
	return claims
}

// narrow takes of each claim only the versions that something asks for. What is so of all
// versions is said of all.
func (r *reducer) narrow(claims []*claim) []*claim {
	narrowed := make([]*claim, len(claims))
	for i, c := range claims {
		narrowed[i] = c
		if c.kind != Needs && c.kind != RuledOut || len(c.parts) == 1 && c.versions().equal(c.of.all()) {
			continue
		}
		asked := asked(c.of, claims)
		less := *c
		less.parts = nil
		for _, p := range c.parts {
			if p.versions = p.versions.and(asked); !p.versions.isEmpty() {
				less.parts = append(less.parts, p)
			}
		}
		if len(less.parts) > 0 {
			narrowed[i] = &less
		}
	}
	if r.refute(narrowed) == nil {
		return claims
	}
	return narrowed
}

// asked are the versions of a package that requirements allow, and where there is none,
// those that something needs.
func asked(p *pkg, claims []*claim) set {
	required, needed := p.all(), newSet(p.size())
	found := false
	for _, c := range claims {
		switch {
		case c.kind == Required && c.of == p:
			required = required.and(c.parts[0].versions)
			found = true
		case c.kind == Needs && c.to == p:
			needed = needed.or(c.allowed())
		}
	}
	if found {
		return required
	}
	return needed
}
