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
	return c
}

func (t *teller) factOf(c *claim) Fact {
	f := Fact{Kind: c.kind, Package: c.of.id, Text: t.fact(c)}
	if c.to != nil {
		f.Other = c.to.id
	}
	for _, p := range c.parts {
		out := Part{Versions: c.of.versions(p.versions), Range: p.in, Why: p.why}
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
	var reqs []Requirement
	var things, needed []string
	for _, x := range terms {
		switch what := t.proof.vars.what[x.variable].(type) {
		case int:
			reqs = append(reqs, t.reqs[what])
		case *pkg:
			if x.in.has(absent) {
				needed = append(needed, t.thing(what, what.all().minus(x.in)))
			} else {
				things = append(things, t.thing(what, x.in))
			}
		}
	}
	slices.SortStableFunc(reqs, compareRequirements)
	names := make([]string, 0, len(terms))
	for _, r := range reqs {
		names = append(names, r.String())
	}
	things = slices.Concat(names, things)
	switch {
	case len(things) == 0 && len(needed) > 0:
		return listed(needed, "or") + " must be installed"
	case len(needed) > 0:
		return listed(things, "and") + verb(len(things) > 1, " need ", " needs ") + listed(needed, "or")
	case len(things) == 1:
		return things[0] + " cannot be installed"
	case len(things) == 2:
		return listed(things, "and") + " cannot both be installed"
	}
	return listed(things, "and") + " cannot be installed together"
}

// compareRequirements puts those that say more first.
func compareRequirements(a, b Requirement) int {
	says := func(r Requirement) int {
		if r.Range.String() == "" {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(says(a), says(b)), a.Package.Compare(b.Package), cmp.Compare(a.Range.String(), b.Range.String()))
}

// prose is a sentence a step, a line each. A conclusion that is used later than in the
// next line has a number.
func (t *teller) prose() string {
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

func (t *teller) sentence(i int, st step, numbers map[int]int) string {
	conclusion := t.conclusion(st.terms)
	follows := slices.Contains(st.steps, i-1)
	var reasons []string
	for _, s := range st.steps {
		if s != i-1 {
			reasons = append(reasons, fmt.Sprintf("%s (%d)", t.conclusion(t.steps[s].terms), numbers[s]))
		}
	}
	for _, c := range t.inOrder(st.claims) {
		reasons = append(reasons, t.fact(c))
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
	return start + joined(reasons) + ", " + conclusion + "."
}

// joined is reasons as a list; where one has a comma, each keeps its own.
func joined(reasons []string) string {
	if slices.ContainsFunc(reasons[:len(reasons)-1], func(s string) bool { return strings.Contains(s, ", and ") }) {
		return strings.Join(reasons, ", and ")
	}
	return listed(reasons, "and")
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
	in := c.parts[0].in
	if in.String() == "" {
		return fmt.Sprintf("There is no release of %s, only %s.", c.of.id, c.of.only(in))
	}
	return fmt.Sprintf("There is no %s that %s allows, only %s.", c.of.id, rangeText(in), c.of.only(in))
}

func capital(s string) string {
	if !strings.HasPrefix(s, "there ") {
		return s // a name is not spelled otherwise
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// inOrder is the claims that are reasons, each after one that needs what it is about, and
// what is said of any version last.
func (t *teller) inOrder(ids []int) []*claim {
	var left, out []*claim
	for _, id := range ids {
		if c := t.proof.claims[id]; c.kind != Required {
			left = append(left, c)
		}
	}
	general := func(c *claim) bool { return c.kind == Clash || c.versions().equal(c.of.all()) && len(c.parts) == 1 }
	slices.SortStableFunc(left, func(a, b *claim) int {
		return cmp.Or(cmp.Compare(b2i(general(a)), b2i(general(b))), a.of.id.Compare(b.of.id))
	})
	for len(left) > 0 {
		// In a cycle anything is as good as the first.
		at := max(0, slices.IndexFunc(left, func(c *claim) bool {
			return !slices.ContainsFunc(left, func(d *claim) bool { return d != c && d.to == c.of })
		}))
		for at >= 0 {
			c := left[at]
			out = append(out, c)
			left = slices.Delete(left, at, at+1)
			at = slices.IndexFunc(left, func(d *claim) bool {
				return d.of == c.to && !slices.ContainsFunc(left, func(x *claim) bool { return x != d && x.to == d.of })
			})
		}
	}
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
