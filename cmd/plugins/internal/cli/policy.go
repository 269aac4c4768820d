package cli

import (
	"errors"

	"github.com/plugins-hcl/plugins/internal/trust"
	"github.com/plugins-hcl/plugins/pin"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// allowed holds every declared plugin against the policy, before anything is
// fetched.
func (p *project) allowed() error {
	var errs []error
	for _, r := range p.config.Plugins {
		source, err := sourceOf(r, p.platform)
		if err == nil {
			err = errors.Join(trust.AllowSource(p.config.Policy, source), trust.AllowURL(p.config.Policy, source))
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

// signed refuses to install what the policy wants signed, and was locked without.
func (p *project) signed(made *plan.Plan) error {
	if !p.config.Policy.RequireSignature {
		return nil
	}
	var errs []error
	for _, c := range made.Changes {
		if c.Action != plan.Remove && c.Locked.SignedBy == "" {
			errs = append(errs, &plugin.Error{Plugin: c.Name, Pos: c.Requirement.Pos, Err: &plugin.SignatureError{
				Reason: "the policy requires a signature, and it is locked without one",
			}})
		}
	}
	return errors.Join(errs...)
}
