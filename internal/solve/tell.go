package solve

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plugins-hcl/plugins/plugin"
)

// teller makes a Conflict of a proof.
type teller struct {
	*writer
	proof *refutation
	steps []step
	used  []int // the claims that the proof stands on
}

func tell(r *refutation, reqs []Requirement, host plugin.Host) *Conflict {
	t := &teller{proof: r, steps: r.steps()}
	var claims []*claim
	for _, st := range t.steps {
		t.used = append(t.used, st.claims...)
	}
	slices.Sort(t.used)
	t.used = slices.Compact(t.used)
	for _, id := range t.used {
		claims = append(claims, r.claims[id])
	}
	t.writer = newWriter(host, reqs, claims)

	c := &Conflict{}
	for _, claim := range claims {
		if claim.kind == Required {
			c.Requirements = append(c.Requirements, reqs[claim.req])
		}
		c.Facts = append(c.Facts, t.factOf(claim))
	}
	for _, st := range t.steps {
		c.Steps = append(c.Steps, t.stepOf(st))
	}
	c.reason = t.prose()
	c.dropPlaces()
	return c
}

// dropPlaces leaves out where packages are from, of those that are alone in having their
// name: to people they are what they are called.
func (c *Conflict) dropPlaces() {
	from := map[plugin.Name]map[string]bool{}
	for _, f := range c.Facts {
		for _, p := range []Package{f.Package, f.Other} {
			if from[p.Name] == nil {
				from[p.Name] = map[string]bool{}
			}
			from[p.Name][p.From] = true
		}
	}
	var pairs []string
	for name, places := range from {
		for place := range places {
			if len(places) == 1 && place != "" {
				pairs = append(pairs, Package{name, place}.String(), string(name))
			}
		}
	}
	drop := strings.NewReplacer(pairs...)
	c.reason = drop.Replace(c.reason)
	for i := range c.Facts {
		c.Facts[i].Text = drop.Replace(c.Facts[i].Text)
	}
	for i := range c.Steps {
		c.Steps[i].Text = drop.Replace(c.Steps[i].Text)
	}
}

func (t *teller) factOf(c *claim) Fact {
	f := Fact{Kind: c.kind, Package: c.of.id, Text: t.fact(c)}
	if c.to != nil {
		f.Other = c.to.id
	}
	for _, p := range c.parts {
		out := Part{Versions: c.of.versions(p.versions), Ranges: p.in, Why: p.why}
		if c.kind == Needs {
			out.Allowed = c.to.versions(p.allowed)
		}
		f.Parts = append(f.Parts, out)
	}
	return f
}

func (t *teller) stepOf(st step) Step {
	out := Step{Steps: st.steps, Text: t.conclusion(st.terms)}
	for _, id := range st.claims {
		out.Facts = append(out.Facts, slices.Index(t.used, id))
	}
	for _, x := range st.terms {
		switch what := t.proof.vars.what[x.variable].(type) {
		case int:
			out.Never = append(out.Never, Term{Requirement: &t.reqs[what]})
		case *pkg:
			out.Never = append(out.Never, Term{Package: what.id, Versions: what.versions(x.in), Absent: x.in.has(absent)})
		}
	}
	return out
}

// conclusion is what terms that never hold all at once say.
func (t *teller) conclusion(terms []term) string {
	var things, needed []string
	reqs, packages := t.mentioned(terms)
	for _, r := range reqs {
		things = append(things, t.reqs[r].String())
	}
	positive := len(terms) - len(packages)
	for _, x := range packages {
		if !x.in.has(absent) {
			positive++
		}
	}
	plural := positive > 1
	for _, x := range packages {
		p := t.proof.vars.what[x.variable].(*pkg)
		switch {
		case x.in.has(absent):
			text, _ := t.thing(p, p.all().minus(x.in), "or")
			needed = append(needed, text)
		case positive == 1:
			text, many := t.thing(p, x.in, "and")
			things, plural = append(things, text), many
		default:
			text, _ := t.thing(p, x.in, "or")
			things = append(things, text)
		}
	}
	switch {
	case len(things) == 0 && len(needed) > 0:
		return listed(needed, "or") + " must be installed"
	case len(needed) > 0:
		return listed(things, "and") + verb(plural, " need ", " needs ") + listed(needed, "or")
	case len(things) == 1:
		return things[0] + " cannot be installed"
	case len(things) == 2:
		return listed(things, "and") + " cannot both be installed"
	}
	return listed(things, "and") + " cannot be installed together"
}

// mentioned are the requirements of terms and the others, each in the order in which
// they are told.
func (t *teller) mentioned(terms []term) (reqs []int, packages []term) {
	for _, x := range terms {
		if r, ok := t.proof.vars.what[x.variable].(int); ok {
			reqs = append(reqs, r)
		} else {
			packages = append(packages, x)
		}
	}
	slices.SortFunc(reqs, func(a, b int) int { return compareRequirements(t.reqs[a], t.reqs[b]) })
	slices.SortFunc(packages, func(a, b term) int {
		p, q := t.proof.vars.what[a.variable].(*pkg), t.proof.vars.what[b.variable].(*pkg)
		return p.id.Compare(q.id)
	})
	return reqs, packages
}

// compareRequirements puts those that say more first.
func compareRequirements(a, b Requirement) int {
	return cmp.Or(compareBools(a.Range.String() == "", b.Range.String() == ""), a.compare(b))
}

// prose is a sentence a step, a line each. A conclusion that is used later than in the
// next line has a number.
func (t *teller) prose() string {
	if len(t.steps) > mostLines {
		return t.short()
	}
	numbers := map[int]int{}
	for i, st := range t.steps {
		for _, s := range st.steps {
			if s != i-1 && numbers[s] == 0 {
				numbers[s] = -1 // to be given in the order of the lines
			}
		}
	}
	n := 0
	var lines []string
	for i, st := range t.steps {
		if numbers[i] != 0 {
			n++
			numbers[i] = n
		}
		line := t.sentence(i, st, numbers)
		if numbers[i] > 0 {
			line += fmt.Sprintf(" (%d)", numbers[i])
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// More lines than these nobody follows; nor more facts.
const (
	mostLines = 20
	mostFacts = 10
)

// short is the conclusion and the facts, where the way from one to the other is long.
func (t *teller) short() string {
	var facts []string
	for _, id := range t.used {
		if c := t.proof.claims[id]; c.kind != Required {
			facts = append(facts, t.fact(c))
		}
	}
	text := fmt.Sprintf("%s. The reason takes %d steps to tell; it is made of these facts:",
		t.conclusion(t.steps[len(t.steps)-1].terms), len(t.steps))
	for _, fact := range facts[:min(mostFacts, len(facts))] {
		text += "\n  - " + fact
	}
	if rest := len(facts) - mostFacts; rest > 0 {
		text += fmt.Sprintf("\n  - and %d more", rest)
	}
	return text
}

func (t *teller) sentence(i int, st step, numbers map[int]int) string {
	conclusion := t.conclusion(st.terms)
	follows := slices.Contains(st.steps, i-1)
	var reasons []string
	for _, s := range st.steps {
		if s != i-1 {
			reasons = append(reasons, fmt.Sprintf("%s (%d)", t.conclusion(t.steps[s].terms), numbers[s]))
		}
	}
	for _, c := range t.inOrder(st) {
		reasons = append(reasons, t.reasons(c)...)
	}
	start := "Because "
	switch {
	case len(reasons) == 0 && follows:
		return "So " + conclusion + "."
	case len(reasons) == 0:
		return t.alone(st, conclusion)
	case follows && i == len(t.steps)-1:
		start = "So, because "
	case follows:
		start = "And because "
	}
	return start + listed(reasons, "and") + ", " + conclusion + "."
}

// alone is a conclusion from requirements and nothing else.
func (t *teller) alone(st step, conclusion string) string {
	c := t.proof.claims[st.claims[0]]
	if len(st.claims) > 1 {
		return capital(conclusion) + "."
	}
	if text, missing := c.of.nothing(); missing {
		return capital(text) + "."
	}
	in := c.parts[0].in[0]
	if in.String() == "" {
		return fmt.Sprintf("There is no release of %s: %s.", c.of.id, c.of.only(c.parts[0].in))
	}
	return fmt.Sprintf("There is no %s that %s allows: %s.", c.of.id, rangeText(in), c.of.only(c.parts[0].in))
}

func capital(s string) string {
	if !strings.HasPrefix(s, "there ") {
		return s // a name is not spelled otherwise
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// inOrder is the claims that are reasons: in the order of what the conclusion mentions,
// and each after one that needs what it is about.
func (t *teller) inOrder(st step) []*claim {
	var left, out []*claim
	for _, id := range st.claims {
		if c := t.proof.claims[id]; c.kind != Required {
			left = append(left, c)
		}
	}
	rank := t.ranks(st.terms)
	slices.SortStableFunc(left, func(a, b *claim) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.of.id.Compare(b.of.id))
	})
	// A clash is about two that are needed.
	first := func(c *claim) bool {
		return !slices.ContainsFunc(left, func(d *claim) bool {
			return d != c && d.kind != Clash && (d.to == c.of || c.kind == Clash && d.to == c.to)
		})
	}
	for len(left) > 0 {
		// In a cycle anything is as good as the first.
		at := max(0, slices.IndexFunc(left, first))
		for at >= 0 {
			c := left[at]
			out = append(out, c)
			left = slices.Delete(left, at, at+1)
			at = slices.IndexFunc(left, func(d *claim) bool { return d.of == c.to && first(d) })
		}
	}
	return out
}

// ranks tells where the conclusion mentions what a claim is about; if not at all, last.
func (t *teller) ranks(terms []term) func(*claim) int {
	reqs, packages := t.mentioned(terms)
	var order []Package
	for _, r := range reqs {
		order = append(order, t.reqs[r].Package)
	}
	for _, x := range packages {
		order = append(order, t.proof.vars.what[x.variable].(*pkg).id)
	}
	return func(c *claim) int {
		if i := slices.Index(order, c.of.id); i >= 0 {
			return i
		}
		return len(order)
	}
}
