package project

import (
	"errors"

	"github.com/plugins-hcl/plugins/internal/trust"
	"github.com/plugins-hcl/plugins/plugin"
)

// allowed holds every declared plugin against the policy, before anything is
// fetched.
func (p *Project) allowed() error {
	var errs []error
	for _, r := range p.Config.Plugins {
		source, err := sourceOf(r, p.Platform)
		if err == nil {
			err = errors.Join(trust.AllowSource(p.Config.Policy, source), trust.AllowURL(p.Config.Policy, source))
		}
		if err != nil {
			errs = append(errs, &plugin.Error{Plugin: r.Name, Pos: r.Pos, Err: err})
		}
	}
	return errors.Join(errs...)
}

// sourceOf is the source as the policy sees it: what the expression evaluates to.
func sourceOf(r plugin.Requirement, platform plugin.Platform) (string, error) {
	if r.Source.Kind == plugin.SourceRegistry {
		return r.Source.Registry + "/" + r.Source.Plugin, nil
	}
	return r.Source.Locate(plugin.MustVersion("0.0.0"), platform)
}
