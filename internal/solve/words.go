package solve

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// writer puts claims into words.
type writer struct {
	host   plugin.Host
	reqs   []Requirement
	ranges map[*pkg][]namedSet // what the claims call sets of versions
}

type namedSet struct {
	set set
	in  Range
}

func newWriter(host plugin.Host, reqs []Requirement, claims []*claim) *writer {
	w := &writer{host: host, reqs: reqs, ranges: map[*pkg][]namedSet{}}
	for _, c := range claims {
		switch c.kind {
		case Required:
			w.ranges[c.of] = append(w.ranges[c.of], namedSet{c.parts[0].versions, c.parts[0].in[0]})
		case Needs:
			for _, p := range c.parts {
				if len(p.in) == 1 {
					w.ranges[c.to] = append(w.ranges[c.to], namedSet{p.allowed, p.in[0]})
				}
			}
		}
	}
	return w
}

// rangeOf is what somebody calls exactly these versions.
func (w *writer) rangeOf(p *pkg, s set) (Range, bool) {
	for _, n := range w.ranges[p] {
		if n.set.equal(s) {
			return n.in, true
		}
	}
	return Range{}, false
}

// named is "ledger >= 3"; a range of several parts is quoted.
func named(p Package, r Range) string {
	if r.String() == "" {
		return p.String()
	}
	return p.String() + " " + rangeText(r)
}

func rangeText(r Range) string {
	if text := r.String(); strings.ContainsAny(text, ",|") {
		return `"` + text + `"`
	} else {
		return text
	}
}

// subject is the versions that something is said of; plural says how the verb goes on.
func (w *writer) subject(p *pkg, versions set) (text string, plural bool) {
	n := versions.count()
	if n == 1 {
		return p.id.String() + " " + p.versions(versions)[0].String(), false
	}
	if versions.equal(p.all()) {
		return p.id.String() + " (any version)", false
	}
	if in, ok := w.rangeOf(p, versions); ok {
		list := runs(p, versions, "and")
		if in.String() == "" {
			return fmt.Sprintf("every release of %s (%s)", p.id, list), false
		}
		return fmt.Sprintf("every %s that %s allows (%s)", p.id, rangeText(in), list), false
	}
	return p.id.String() + " " + runs(p, versions, "and"), true
}

// thing is the versions that are, or are not, installed; plural says how the verb goes on.
func (w *writer) thing(p *pkg, versions set, and string) (text string, plural bool) {
	if versions.equal(p.all()) {
		return p.id.String(), false
	}
	many := versions.count() > 1
	if in, ok := w.rangeOf(p, versions); ok && many {
		return named(p.id, in), false
	}
	return p.id.String() + " " + runs(p, versions, and), many
}

// mostRuns is how many ranges of versions are written out.
const mostRuns = 4

// runs is "1.0.0 to 1.4.0, 2.0.0 and 2.1.0". A prerelease between two versions does
// not part them, unless it is one of them.
func runs(p *pkg, s set, and string) string {
	versions := p.versions(s)
	if len(versions) == 0 {
		return "no version"
	}
	var texts []string
	rest := 0
	for i := 0; i < len(versions); {
		end := i + 1
		for end < len(versions) && p.adjacent(versions[end-1], versions[end]) {
			end++
		}
		if end-i == 2 {
			end-- // "1.0.0 and 1.1.0" reads better than "1.0.0 to 1.1.0"
		}
		switch {
		case len(texts) >= mostRuns:
			rest += end - i
		case end-i == 1:
			texts = append(texts, versions[i].String())
		default:
			texts = append(texts, versions[i].String()+" to "+versions[end-1].String())
		}
		i = end
	}
	if rest > 0 {
		texts = append(texts, fmt.Sprintf("%d more", rest))
	}
	return listed(texts, and)
}

// adjacent reports whether no release is between two versions.
func (p *pkg) adjacent(a, b plugin.Version) bool {
	if (a.Prerelease() == "") != (b.Prerelease() == "") {
		return false
	}
	return !slices.ContainsFunc(p.candidates, func(c Candidate) bool {
		v := c.Version
		return a.Compare(v) < 0 && v.Compare(b) < 0 && (v.Prerelease() == "" || a.Prerelease() != "")
	})
}

// listed is "a, b and c".
func listed(texts []string, and string) string {
	if n := len(texts); n > 1 {
		return strings.Join(texts[:n-1], ", ") + " " + and + " " + texts[n-1]
	}
	return strings.Join(texts, "")
}

func verb(plural bool, many, one string) string {
	if plural {
		return many
	}
	return one
}

// fact is a claim in words.
func (w *writer) fact(c *claim) string { return listed(w.reasons(c), "and") }

// reasons is a claim in words, one or more sentences.
func (w *writer) reasons(c *claim) []string {
	switch c.kind {
	case Required:
		return []string{named(c.of.id, c.parts[0].in[0]) + " is required"}
	case Needs:
		return w.needs(c)
	case RuledOut:
		return []string{w.ruledOut(c)}
	case Clash:
		return []string{fmt.Sprintf("%s and %s would be installed in the same place", c.of.id, c.to.id)}
	}
	return nil
}

// mostParts is how many things that are said of some versions each are written out.
const mostParts = 3

func (w *writer) needs(c *claim) (texts []string) {
	parts := newestFirst(c.parts)
	lacking := ""
	if c.allowed().isEmpty() {
		lacking = " (" + c.to.lacking(parts[0].in) + ")"
	}
	if len(parts) <= mostParts {
		for _, p := range parts {
			subject, plural := w.subject(c.of, p.versions)
			texts = append(texts, fmt.Sprintf("%s %s %s", subject, verb(plural, "need", "needs"), strings.TrimSpace(c.to.id.String()+" "+rangesText(p.in))))
		}
		texts[len(texts)-1] += lacking
		return texts
	}
	subject, plural := w.subject(c.of, c.versions())
	for _, p := range parts[:mostParts] {
		texts = append(texts, fmt.Sprintf("%s: %s", runs(c.of, p.versions, "and"), cmp.Or(rangesText(p.in), "any")))
	}
	return []string{fmt.Sprintf("%s %s %s (%s; and so on)%s", subject, verb(plural, "need", "needs"), c.to.id, strings.Join(texts, "; "), lacking)}
}

// rangesText is ">= 2 and < 3".
func rangesText(ranges []Range) string {
	var texts []string
	for _, r := range ranges {
		if text := rangeText(r); text != "" {
			texts = append(texts, text)
		}
	}
	return listed(texts, "and")
}

// newestFirst sorts parts by their newest version.
func newestFirst(parts []part) []part {
	newest := func(p part) (last int) {
		for m := range p.versions.members() {
			last = m
		}
		return last
	}
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b part) int { return newest(b) - newest(a) })
	return parts
}

// lacking says that the ranges allow nothing, and what exists instead.
func (p *pkg) lacking(in []Range) string {
	if text, missing := p.nothing(); missing {
		return text
	}
	return p.only(in)
}

// nothing says that there is no version of a package at all.
func (p *pkg) nothing() (text string, missing bool) {
	switch {
	case p.missing != "" && len(p.exist) > 0:
		return fmt.Sprintf("%s; it has %s", p.missing, Names(string(p.id.Name), p.exist)), true
	case p.missing != "":
		return p.missing, true
	case len(p.candidates) == 0:
		return fmt.Sprintf("there is no version of %s at all", p.id), true
	}
	return "", false
}

// only is the versions there are, where the ranges allow none of them.
func (p *pkg) only(in []Range) string {
	for _, c := range slices.Backward(p.candidates) {
		v := c.Version
		if v.Prerelease() == "" || slices.ContainsFunc(in, func(r Range) bool { return !r.Allows(v.Release()) }) {
			continue
		}
		if text := rangesText(in); text != "" {
			return fmt.Sprintf("there is only the prerelease %s, which %s does not name", v, text)
		}
		return fmt.Sprintf("there is only the prerelease %s, and no range names it", v)
	}
	return fmt.Sprintf("there %s only %s", verb(len(p.candidates) > 1, "are", "is"), plugin.VersionList(p.versions(p.all())))
}

func (w *writer) ruledOut(c *claim) string {
	subject, plural := w.subject(c.of, c.versions())
	var oldest plugin.Version
	for _, p := range c.parts {
		if p.why.MinHost.IsZero() {
			return fmt.Sprintf("%s %s ruled out (%s)", subject, verb(plural, "are", "is"), w.why(c))
		}
		if oldest.IsZero() || p.why.MinHost.Compare(oldest) < 0 {
			oldest = p.why.MinHost
		}
	}
	return fmt.Sprintf("%s %s %s %s or newer (the host is %s)", subject, verb(plural, "need", "needs"), w.host.Name, oldest, w.host.Version)
}

// why is the reasons against versions that are ruled out.
func (w *writer) why(c *claim) string {
	parts := newestFirst(c.parts)
	if len(parts) == 1 && c.versions().count() > 1 {
		return "each: " + w.reason(parts[0].why)
	} else if len(parts) == 1 {
		return w.reason(parts[0].why)
	}
	var texts []string
	for i, p := range parts {
		if i == mostParts {
			texts = append(texts, "and so on")
			break
		}
		texts = append(texts, runs(c.of, p.versions, "and")+": "+w.reason(p.why))
	}
	return strings.Join(texts, "; ")
}

func (w *writer) reason(x Exclusion) string {
	if x.MinHost.IsZero() {
		return x.Why
	}
	return fmt.Sprintf("it needs %s %s or newer, and the host is %s", w.host.Name, x.MinHost, w.host.Version)
}
