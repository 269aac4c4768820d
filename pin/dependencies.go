package pin

import (
	"context"
	"fmt"
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
)

// MissedDependencyError says that a package needs a plugin that nobody knew of when
// versions were chosen: it could not be opened then.
type MissedDependencyError struct {
	Dependency plugin.Dependency
	Chosen     plugin.Version // of the plugin needed, which does not do; zero: it was not chosen
}

func (e *MissedDependencyError) Error() string {
	const since = "that was not known when versions were chosen, since the package could not be opened then"
	if e.Chosen.IsZero() {
		return fmt.Sprintf("its plugin.json says that it needs the plugin %q; %s", e.Dependency.Name, since)
	}
	allowed, _ := e.Dependency.Range()
	return fmt.Sprintf("its plugin.json says that it needs the plugin %q %s, and %s was chosen; %s", e.Dependency.Name, allowed, e.Chosen, since)
}

// checkDependencies holds what a package says that it needs against what was known of
// that when versions were chosen. Where its source tells otherwise, that counts, and what
// it leaves out is told.
func (p *pinner) checkDependencies(needed []plugin.Dependency) error {
	for _, d := range needed {
		known := slices.ContainsFunc(p.choice.Needs, func(n plugin.Dependency) bool { return n == d })
		met, chosen := p.chosen(d)
		allowed, err := d.Range()
		if err != nil {
			return &resolve.DependencyError{Dependency: d, Err: err}
		}
		switch {
		case known, chosen && (p.choice.Told || allowed.Allows(met)):
		case chosen:
			return &MissedDependencyError{Dependency: d, Chosen: met}
		case p.choice.Told:
			p.note("its plugin.json says that it needs the plugin %q, its registry does not: that is not installed by itself", d.Name)
		default:
			return &MissedDependencyError{Dependency: d}
		}
	}
	return nil
}

// chosen is the version chosen of the plugin that a dependency means.
func (in *Input) chosen(d plugin.Dependency) (plugin.Version, bool) {
	r, ok := resolve.DeclaredAs(in.requirements(), d.Name)
	for _, c := range in.Choices {
		if ok && c.Requirement.Name == r.Name {
			return c.Version, true
		}
	}
	return plugin.Version{}, false
}

func (in *Input) requirements() []plugin.Requirement {
	all := make([]plugin.Requirement, len(in.Choices))
	for i, c := range in.Choices {
		all[i] = c.Requirement
	}
	return all
}

// Manifest opens the package of a choice before it is pinned, to see what it needs. Of
// in, the choices do not matter.
func (in Input) Manifest(ctx context.Context, c resolve.Choice) (plugin.Manifest, error) {
	in.Observe = nil // pinning tells
	p := pinner{Input: in, choice: c, r: c.Requirement}
	if in.Previous != nil {
		p.previous, _ = in.Previous.Plugin(c.Requirement.Name)
	}
	if c.Kept {
		m, err := p.Access.Manifest(ctx, p.r, p.previous.Packages[p.opens(p.previous.Packages)])
		if err == nil || ctx.Err() != nil {
			return m, err
		}
		// It may have moved.
	}
	rel, err := c.Source.Release(ctx, c.Version)
	if err != nil {
		return plugin.Manifest{}, err
	}
	pkgs, err := p.choosePackages(rel)
	if err != nil {
		return plugin.Manifest{}, err
	}
	return p.Access.Manifest(ctx, p.r, pkgs[p.opens(pkgs)])
}
