package solve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// Proposals are tried, at most so many of them and for so many steps together, and told,
// at most so many.
const (
	mostTries     = 24
	mostTrySteps  = 300_000
	mostProposals = 5
)

// proposer looks for what could be changed.
type proposer struct {
	world    *world
	others   []Requirement // that are in no conflict
	conflict *Conflict
	host     string // its name
	tries    int
	steps    int // that they took
}

// proposals are changes of one thing, the smallest first; where no other range is enough
// alone, of several.
func (p *proposer) proposals() (out []Proposal) {
	add := func(c Change, ok bool) {
		if ok && len(out) < mostProposals {
			out = append(out, Proposal{[]Change{c}})
		}
	}
	reqs := p.conflict.Requirements
	relaxed := make([]bool, len(reqs))
	for i := range reqs {
		c, ok := p.relax(reqs, i)
		relaxed[i] = ok
		add(c, ok)
	}
	c, ok := p.newerHost(reqs)
	add(c, ok)
	if len(reqs) == 1 {
		return out
	}
	if len(out) == 0 {
		if changes := p.several(reqs); changes != nil {
			out = append(out, Proposal{changes})
		}
	}
	for i := range reqs {
		if !relaxed[i] {
			c, ok := p.remove(reqs, i)
			add(c, ok)
		}
	}
	return out
}

// try is the choice for requirements in place of those in conflict.
func (p *proposer) try(reqs []Requirement, host plugin.Version) ([]Choice, bool) {
	if p.tries++; p.tries > mostTries || p.steps >= mostTrySteps {
		return nil, false
	}
	all := slices.Concat(p.others, reqs)
	slices.SortStableFunc(all, Requirement.compare)
	s := newSearch(p.world, all, host, mostTrySteps-p.steps)
	defer func() { p.steps += s.engine.steps }()
	if contradiction, err := s.run(); contradiction != none || err != nil {
		return nil, false
	}
	return s.choices(), true
}

// relax looks for another range of one requirement: first for versions like those that it
// allows, then for any.
func (p *proposer) relax(reqs []Requirement, i int) (Change, bool) {
	old := reqs[i].Range
	for _, r := range p.wider(reqs[i]) {
		changed := slices.Clone(reqs)
		changed[i].Range = r
		choices, ok := p.try(changed, plugin.Version{})
		if !ok {
			continue
		}
		v := versionOf(choices, reqs[i].Package)
		in, err := like(old, v)
		if err != nil || !in.Allows(v) {
			continue
		}
		// What is proposed is what is tried.
		changed[i].Range = in
		if choices, ok = p.try(changed, plugin.Version{}); ok {
			return Change{Package: reqs[i].Package, Range: &in, Version: versionOf(choices, reqs[i].Package)}, true
		}
	}
	return Change{}, false
}

// wider are ranges to try in place of one.
func (p *proposer) wider(r Requirement) (out []Range) {
	pkg := p.world.start(r.Package)
	now := pkg.in(r.Range)
	if versions := pkg.versions(now); len(versions) > 0 {
		major, _, _ := strings.Cut(versions[len(versions)-1].String(), ".")
		if c, err := plugin.ParseConstraint("~> " + major); err == nil {
			out = append(out, Range{Constraint: c})
		}
	}
	out = append(out, Range{}, Range{Every: true})
	return slices.DeleteFunc(out, func(x Range) bool { return pkg.in(x).within(now) })
}

// like is a range for a version, in the manner of another one: exactly that version, or
// that minor version and what comes after it.
func like(old Range, v plugin.Version) (Range, error) {
	text := v.String()
	if _, exact := old.Constraint.Exact(); !exact && v.Prerelease() == "" {
		parts := strings.SplitN(text, ".", 3)
		text = "~> " + parts[0] + "." + parts[1]
		if strings.HasPrefix(old.String(), "^") {
			text = "^" + v.Release().String()
		}
	}
	c, err := plugin.ParseConstraint(text)
	return Range{Constraint: c}, err
}

// newerHost looks for the oldest host that is new enough.
func (p *proposer) newerHost(reqs []Requirement) (Change, bool) {
	var hosts []plugin.Version
	for _, f := range p.conflict.Facts {
		for _, part := range f.Parts {
			if h := part.Why.MinHost; !h.IsZero() {
				hosts = append(hosts, h)
			}
		}
	}
	slices.SortFunc(hosts, plugin.Version.Compare)
	hosts = slices.CompactFunc(hosts, plugin.Version.Equal)
	for _, h := range hosts {
		if _, ok := p.try(reqs, h); ok {
			return Change{Host: plugin.Host{Name: p.host, Version: h}}, true
		}
	}
	return Change{}, false
}

// remove leaves one requirement out. Where the package is installed all the same, that
// is no removal.
func (p *proposer) remove(reqs []Requirement, i int) (Change, bool) {
	choices, ok := p.try(slices.Delete(slices.Clone(reqs), i, i+1), plugin.Version{})
	if !ok || !versionOf(choices, reqs[i].Package).IsZero() {
		return Change{}, false
	}
	return Change{Package: reqs[i].Package, Remove: true}, true
}

// several looks for ranges that have to be changed together.
func (p *proposer) several(reqs []Requirement) []Change {
	changed := slices.Clone(reqs)
	for i := range changed {
		changed[i].Range = Range{}
	}
	choices, ok := p.try(changed, plugin.Version{})
	if !ok {
		return nil
	}
	for i := range changed {
		changed[i].Range = reqs[i].Range
		if !reqs[i].Range.Allows(versionOf(choices, reqs[i].Package)) {
			in, err := like(reqs[i].Range, versionOf(choices, reqs[i].Package))
			if err != nil {
				return nil
			}
			changed[i].Range = in
		}
	}
	if choices, ok = p.try(changed, plugin.Version{}); !ok {
		return nil
	}
	var out []Change
	for i, r := range changed {
		if !r.same(reqs[i]) {
			out = append(out, Change{Package: r.Package, Range: &changed[i].Range, Version: versionOf(choices, r.Package)})
		}
	}
	return out
}

func versionOf(choices []Choice, p Package) plugin.Version {
	for _, c := range choices {
		if c.Package == p {
			return c.Version
		}
	}
	return plugin.Version{}
}

// proposed is the end of a conflict's message.
func proposed(proposals []Proposal) string {
	if len(proposals) == 0 {
		return ""
	}
	text := "\nThis change would resolve it:"
	if len(proposals) > 1 {
		text = "\nEach of these changes would resolve it:"
	}
	for _, p := range proposals {
		text += "\n  - " + p.String()
	}
	return text
}

func (p Proposal) String() string {
	texts := make([]string, len(p.Changes))
	for i, c := range p.Changes {
		texts[i] = c.String()
	}
	return strings.Join(texts, ", and ")
}

func (c Change) String() string {
	switch {
	case c.Remove:
		return fmt.Sprintf("no %s", c.Package)
	case c.Range != nil:
		return fmt.Sprintf("%s %q, which gives %s", c.Package, c.Range, c.Version)
	}
	return fmt.Sprintf("%s %s or newer as the host", c.Host.Name, c.Host.Version)
}
