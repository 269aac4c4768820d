package solve

import (
	"slices"
	"strings"
)

// newPart is that versions need another package in all of the ranges.
func newPart(to *pkg, versions set, in ...Range) part {
	p := part{versions: versions, in: in, allowed: to.all()}
	for _, r := range in {
		p.allowed = p.allowed.and(to.in(r))
	}
	return p
}

// pair is a package and one that versions of it need.
type pair struct{ of, to *pkg }

func (p pair) claim(parts ...part) *claim {
	return &claim{kind: Needs, of: p.of, to: p.to, parts: parts}
}

// coarsen takes what versions of a package need of another for one claim, where that is
// still a contradiction; where it is not, as many versions that follow each other as
// are. nil: there is no contradiction, or it takes too long to find.
func (r *reducer) coarsen(found []*claim) []*claim {
	var others []*claim
	var pairs []pair
	ranges := map[pair][]Range{}
	for _, c := range found {
		key := pair{c.of, c.to}
		switch {
		case c.kind != Needs:
			others = append(others, c)
			continue
		case ranges[key] == nil:
			pairs = append(pairs, key)
		}
		if in := c.parts[0].in[0]; !slices.ContainsFunc(ranges[key], func(r Range) bool { return r.key() == in.key() }) {
			ranges[key] = append(ranges[key], in)
		}
	}
	fine, coarse := map[pair][]*claim{}, map[pair][]*claim{}
	for _, p := range pairs {
		// ">= 2 and < 3" reads better than the other way round.
		slices.SortStableFunc(ranges[p], func(a, b Range) int { return strings.Compare(b.String(), a.String()) })
		cells := p.cells(ranges[p])
		coarse[p] = []*claim{p.claim(cells...)}
		for _, cell := range cells {
			fine[p] = append(fine[p], p.claim(cell))
		}
	}
	all := func(needs map[pair][]*claim) []*claim {
		out := slices.Clone(others)
		for _, p := range pairs {
			out = append(out, needs[p]...)
		}
		slices.SortStableFunc(out, compareClaims)
		return out
	}
	if r.refute(all(coarse)) != nil {
		return all(coarse)
	}
	if r.refute(all(fine)) == nil {
		return nil
	}
	for _, p := range pairs {
		cells := fine[p]
		if fine[p] = coarse[p]; r.refute(all(fine)) == nil {
			fine[p] = cells
			r.join(p, fine, all)
		}
	}
	return all(fine)
}

// join takes claims that follow each other for one, where they still do.
func (r *reducer) join(p pair, needs map[pair][]*claim, all func(map[pair][]*claim) []*claim) {
	for at := 0; at+1 < len(needs[p]); {
		before := needs[p]
		joined := p.claim(slices.Concat(before[at].parts, before[at+1].parts)...)
		needs[p] = slices.Replace(slices.Clone(before), at, at+2, joined)
		if r.refute(all(needs)) == nil {
			needs[p] = before
			at++
		}
	}
}

// cells are the versions that are known to need the other package, those together that
// need it in the same of the ranges; oldest first.
func (p pair) cells(ranges []Range) (parts []part) {
	at := map[string]int{}
	for i := range p.of.candidates {
		var in []Range
		var key strings.Builder
		for n, r := range ranges {
			if p.of.needs(i, p.to, r) {
				in = append(in, r)
				key.WriteRune(rune(n))
			}
		}
		if len(in) == 0 {
			continue
		}
		if n, is := at[key.String()]; is {
			parts[n].versions.add(i + 1)
			continue
		}
		at[key.String()] = len(parts)
		parts = append(parts, newPart(p.to, newSet(p.of.size(), i+1), in...))
	}
	return parts
}

// leaveOutParts drops versions, and ranges that they need, as leaveOut does claims.
func (r *reducer) leaveOutParts(claims []*claim) []*claim {
	for i := range claims {
		if claims[i].kind == Required {
			continue
		}
		try := func(parts []part) bool {
			less := *claims[i]
			less.parts = parts
			tried := slices.Clone(claims)
			tried[i] = &less
			if r.refute(tried) == nil {
				return false
			}
			claims = tried
			return true
		}
		for at := 0; at < len(claims[i].parts); {
			if n := len(claims[i].parts); n == 1 || !try(slices.Delete(slices.Clone(claims[i].parts), at, at+1)) {
				r.leaveOutRanges(claims[i], at, try)
				at++
			}
		}
	}
	return claims
}

func (r *reducer) leaveOutRanges(c *claim, at int, try func([]part) bool) {
	for n := 0; len(c.parts[at].in) > 1 && n < len(c.parts[at].in); {
		parts := slices.Clone(c.parts)
		parts[at] = newPart(c.to, parts[at].versions, slices.Delete(slices.Clone(parts[at].in), n, n+1)...)
		if try(parts) {
			c = &claim{kind: c.kind, of: c.of, to: c.to, parts: parts}
		} else {
			n++
		}
	}
}

// unify makes one part of those that say the same.
func unify(claims []*claim) []*claim {
	out := slices.Clone(claims)
	for i, c := range claims {
		if c.kind != Needs || len(c.parts) == 1 {
			continue
		}
		less := *c
		less.parts = nil
		for _, p := range c.parts {
			at := slices.IndexFunc(less.parts, func(q part) bool {
				return slices.EqualFunc(p.in, q.in, func(a, b Range) bool { return a.key() == b.key() })
			})
			if at < 0 {
				less.parts = append(less.parts, p)
			} else {
				less.parts[at].versions = less.parts[at].versions.or(p.versions)
			}
		}
		out[i] = &less
	}
	return out
}
