package solve

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// term is a statement about a variable: that what it is, is in the set.
type term struct {
	variable int
	in       set
}

// clause is terms that never hold all at once: as a fact says, or as follows from
// other clauses.
type clause struct {
	terms []term
	fact  int    // notFact: it is derived
	from  []link // of a derived one: the first clause, then what it was resolved with
}

// link is a clause that another was resolved with, on a variable.
type link struct{ clause, pivot int }

const (
	none    = -1
	notFact = -1
)

// assignment is a step of the search: of a variable, a statement that was decided, or
// assumed, or follows from a clause and the assignments before.
type assignment struct {
	variable int
	said     set
	before   set // what was known to be possible
	after    set
	level    int // the number of decisions that it follows from, its own included
	cause    int // none: it was decided, or assumed
}

// mention is a term of a clause.
type mention struct {
	in     set
	clause int
}

// engine knows variables and clauses, decides nothing itself, and finds out what
// follows.
type engine struct {
	full     []set
	possible []set
	clauses  []clause
	about    [][]mention // of each variable the clauses that speak of it
	trail    []assignment
	history  [][]int // of each variable its assignments
	starts   []int   // where in the trail the decisions are
	done     int     // so much of the trail is told to the clauses
	fresh    []fresh // clauses to look at again after going back, the last added last
	steps    int
	most     int // steps that may be taken; 0: any number
}

// fresh is a clause that was not there yet when the decisions before it were taken.
type fresh struct{ clause, level int }

// unseen is the level of a clause that was not looked at yet.
const unseen = math.MaxInt

// errTooLong says that the steps allowed were not enough.
var errTooLong = errors.New("the search takes too long")

// variable adds one with so many possibilities.
func (e *engine) variable(size int) int {
	e.full = append(e.full, fullSet(size))
	e.possible = append(e.possible, fullSet(size))
	e.about = append(e.about, nil)
	e.history = append(e.history, nil)
	return len(e.full) - 1
}

func (e *engine) not(t term) set { return e.full[t.variable].minus(t.in) }

func (e *engine) level() int { return len(e.starts) }

// add takes a clause in; what is always so is left out of it, and a clause with what is
// never so says nothing.
func (e *engine) add(c clause) int {
	c.terms = e.normal(c.terms)
	id := len(e.clauses)
	e.clauses = append(e.clauses, c)
	if slices.ContainsFunc(c.terms, func(t term) bool { return t.in.isEmpty() }) {
		return id
	}
	for _, t := range c.terms {
		e.about[t.variable] = append(e.about[t.variable], mention{t.in, id})
	}
	e.fresh = append(e.fresh, fresh{id, unseen})
	return id
}

// normal is terms by variable, one for each.
func (e *engine) normal(terms []term) []term {
	terms = slices.Clone(terms)
	slices.SortStableFunc(terms, func(a, b term) int { return cmp.Compare(a.variable, b.variable) })
	out := terms[:0]
	for _, t := range terms {
		if n := len(out); n > 0 && out[n-1].variable == t.variable {
			out[n-1].in = out[n-1].in.and(t.in)
			continue
		}
		out = append(out, t)
	}
	return slices.DeleteFunc(out, func(t term) bool { return t.in.equal(e.full[t.variable]) })
}

// forget takes a clause out that another one says too; what followed from it stays.
func (e *engine) forget(id int) {
	for _, t := range e.clauses[id].terms {
		e.about[t.variable] = slices.DeleteFunc(e.about[t.variable], func(m mention) bool { return m.clause == id })
	}
}

// assume says that of a variable, for the whole of the search.
func (e *engine) assume(variable int, said set) { e.assign(variable, said, none) }

// decide tries a value for a variable.
func (e *engine) decide(variable, value int) {
	e.starts = append(e.starts, len(e.trail))
	said := make(set, len(e.full[variable]))
	said.add(value)
	e.assign(variable, said, none)
}

func (e *engine) assign(variable int, said set, cause int) {
	before := e.possible[variable]
	a := assignment{variable: variable, said: said, before: before, after: before.and(said), level: e.level(), cause: cause}
	e.possible[variable] = a.after
	e.history[variable] = append(e.history[variable], len(e.trail))
	e.trail = append(e.trail, a)
}

// back undoes all decisions after a level.
func (e *engine) back(level int) {
	if level >= e.level() {
		return
	}
	start := e.starts[level]
	for i := len(e.trail) - 1; i >= start; i-- {
		a := e.trail[i]
		e.possible[a.variable] = a.before
		e.history[a.variable] = e.history[a.variable][:len(e.history[a.variable])-1]
	}
	e.trail = e.trail[:start]
	e.done = min(e.done, start)
	e.starts = e.starts[:level]
}

// settle finds all that follows. What contradicts itself is learned from, by going back.
// Where nothing is left to go back to, it returns the clause that contradicts what is
// assumed; else none.
func (e *engine) settle() (contradiction int, err error) {
	for {
		conflict := e.propagate()
		if conflict == none {
			return none, nil
		}
		if e.most > 0 && e.steps > e.most {
			return none, errTooLong
		}
		learned, contradicted := e.learn(conflict)
		if contradicted {
			return learned, nil
		}
	}
}

// propagate returns a clause of which all terms hold, or none if there is no such.
func (e *engine) propagate() int {
	if conflict := e.refresh(); conflict != none {
		return conflict
	}
	for ; e.done < len(e.trail); e.done++ {
		a := e.trail[e.done]
		about := e.about[a.variable]
		// The newest first: what was learned last most likely has something to say.
		for i := len(about) - 1; i >= 0; i-- {
			// There is news only where it makes a term hold.
			if !a.after.within(about[i].in) || a.before.within(about[i].in) {
				continue
			}
			if e.apply(about[i].clause) {
				return about[i].clause
			}
		}
	}
	return none
}

// refresh looks at the clauses that came after the decisions that are left: they may say
// something of what was known then.
func (e *engine) refresh() int {
	level, first := e.level(), len(e.fresh)
	for first > 0 && e.fresh[first-1].level > level {
		first--
	}
	for i := first; i < len(e.fresh); i++ {
		e.fresh[i].level = level
		if e.apply(e.fresh[i].clause) {
			return e.fresh[i].clause
		}
	}
	return none
}

// apply finds what follows from a clause, and reports whether all its terms hold.
func (e *engine) apply(id int) (allAreSo bool) {
	e.steps++
	open := e.open(id)
	if open >= 0 {
		t := e.clauses[id].terms[open]
		e.assign(t.variable, e.not(t), id)
	}
	return open == allHold
}

const (
	allHold  = -1
	manyOpen = -2 // or one does not hold
)

// open is the only term of a clause of which it is not known that it holds.
func (e *engine) open(id int) int {
	open := allHold
	for i, t := range e.clauses[id].terms {
		possible := e.possible[t.variable]
		if possible.within(t.in) {
			continue
		}
		if open != allHold || !possible.meets(t.in) {
			return manyOpen
		}
		open = i
	}
	return open
}

// learn makes of a clause of which all terms hold one that says what led there, and
// goes back to where one of its terms is open again. If what is assumed alone
// led there, it says so.
func (e *engine) learn(conflict int) (id int, contradicted bool) {
	c := clause{terms: e.clauses[conflict].terms, fact: notFact, from: []link{{conflict, none}}}
	for {
		e.steps++
		last, at := none, 0
		for i, t := range c.terms {
			s := e.satisfier(t)
			if assumed := e.trail[s].cause == none && e.trail[s].level == 0; !assumed && s > last {
				last, at = s, i
			}
		}
		if last == none {
			return e.keep(conflict, c), true
		}
		a := e.trail[last]
		if before := e.levelWithout(c.terms, at, a); before < a.level {
			e.back(before)
			id = e.keep(conflict, c)
			return id, false
		}
		c.terms = e.resolve(c.terms, e.clauses[a.cause].terms, a.variable)
		c.from = append(c.from, link{a.cause, a.variable})
	}
}

// keep adds a clause unless it is the conflict itself.
func (e *engine) keep(conflict int, c clause) int {
	if len(c.from) == 1 {
		return conflict
	}
	return e.add(c)
}

// satisfier is the first assignment since which a term holds.
func (e *engine) satisfier(t term) int {
	history := e.history[t.variable]
	i, _ := slices.BinarySearchFunc(history, true, func(index int, _ bool) int {
		if e.trail[index].after.within(t.in) {
			return 0
		}
		return -1
	})
	return history[i]
}

// levelWithout is the level since which all terms hold but for what the assignment a
// adds, which is the last that one of them, terms[at], needs.
func (e *engine) levelWithout(terms []term, at int, a assignment) (level int) {
	for i, t := range terms {
		if i == at {
			t.in = t.in.or(e.full[t.variable].minus(a.said))
			if t.in.equal(e.full[t.variable]) {
				continue
			}
		}
		level = max(level, e.trail[e.satisfier(t)].level)
	}
	return level
}

// resolve is what follows from two clauses whatever the variable pivot is: that
// the rest of both does not hold where it is in either's term.
func (e *engine) resolve(a, b []term, pivot int) []term {
	var out []term
	var in set
	for _, t := range slices.Concat(a, b) {
		switch {
		case t.variable != pivot:
			out = append(out, t)
		case in == nil:
			in = t.in
		default:
			out = append(out, term{pivot, in.or(t.in)})
		}
	}
	return e.normal(out)
}
