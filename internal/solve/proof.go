package solve

import "slices"

// step is a conclusion from claims and from steps before.
type step struct {
	claims []int
	steps  []int
	terms  []term
}

// A sentence gives so many reasons at most, requirements not counted: those are what
// the conclusion is about. The first may give one more if that is all there is.
const mostReasons = 2

// steps is the proof, in an order in which each step is told after those it stands on.
func (r *refutation) steps() []step {
	p := prover{refutation: r, told: map[int]int{}}
	p.tell(r.contradiction)
	return p.out
}

type prover struct {
	*refutation
	out  []step
	told map[int]int // the step that tells a clause
}

// tell returns the step that a clause is told by.
func (p *prover) tell(id int) int {
	if at, ok := p.told[id]; ok {
		return at
	}
	c := p.engine.clauses[id]
	from := p.plainFirst(c.from)
	if c.fact != notFact {
		from = []link{{id, none}}
	}
	reasons := 0
	for _, l := range from {
		if p.derived(l.clause) {
			p.tell(l.clause)
		}
		if p.isReason(l.clause) {
			reasons++
		}
	}
	var st step
	given, most := 0, mostReasons
	if reasons == mostReasons+1 {
		most++
	}
	for i, l := range from {
		if p.isReason(l.clause) {
			if given == most {
				p.out = append(p.out, st)
				st = step{steps: []int{len(p.out) - 1}, terms: st.terms}
				given, most = 0, mostReasons
			}
			given++
		}
		if p.derived(l.clause) {
			st.steps = append(st.steps, p.tell(l.clause))
		} else {
			st.claims = append(st.claims, p.engine.clauses[l.clause].fact)
		}
		if i == 0 {
			st.terms = p.engine.clauses[l.clause].terms
		} else {
			st.terms = p.engine.resolve(st.terms, p.engine.clauses[l.clause].terms, l.pivot)
		}
	}
	slices.Sort(st.claims)
	st.claims = slices.Compact(st.claims)
	slices.Sort(st.steps)
	st.steps = slices.Compact(st.steps)
	p.out = append(p.out, st)
	p.told[id] = len(p.out) - 1
	return len(p.out) - 1
}

// plainFirst moves facts about one package alone to the front, as far as the conclusion
// stays: so those about one package are told together.
func (p *prover) plainFirst(from []link) []link {
	from = slices.Clone(from)
	for i := range from {
		if p.derived(from[i].clause) || len(p.engine.clauses[from[i].clause].terms) != 1 {
			continue
		}
		about := from[i].pivot
		for at := i; at > 1; at-- {
			before := from[at-1]
			mentions := slices.ContainsFunc(p.engine.clauses[before.clause].terms, func(t term) bool { return t.variable == about })
			if mentions && before.pivot != about {
				break
			}
			from[at-1], from[at] = from[at], before
		}
	}
	return from
}

func (p *prover) derived(id int) bool { return p.engine.clauses[id].fact == notFact }

func (p *prover) isReason(id int) bool {
	return p.derived(id) || p.claims[p.engine.clauses[id].fact].kind != Required
}
