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
}

func (e *MissedDependencyError) Error() string {
	return fmt.Sprintf("its plugin.json says that it needs the plugin %q, which was not known when versions were chosen, since the package could not be opened then",
		e.Dependency.Name)
}

// checkDependencies holds what a package says that it needs against what was known of
// that when versions were chosen. Where its source tells otherwise, that counts, and what
// it leaves out is told.
func (p *pinner) checkDependencies(needed []plugin.Dependency) error {
	for _, d := range needed {
		known := slices.ContainsFunc(p.choice.Needs, func(n plugin.Dependency) bool { return plugin.SameName(n.Name, d.Name) })
		_, declared := resolve.DeclaredAs(p.requirements(), d.Name)
		switch {
		case known || declared:
		case p.choice.Told:
			p.note("its plugin.json says that it needs the plugin %q, its registry does not: that is not installed by itself", d.Name)
		default:
			return &MissedDependencyError{Dependency: d}
		}
	}
	return nil
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
	pkgs := p.previous.Packages
	if !c.Kept {
		rel, err := c.Source.Release(ctx, c.Version)
		if err != nil {
			return plugin.Manifest{}, err
		}
		if pkgs, err = p.choosePackages(rel); err != nil {
			return plugin.Manifest{}, err
		}
	}
	return p.Access.Manifest(ctx, p.r, pkgs[p.opens(pkgs)])
}
