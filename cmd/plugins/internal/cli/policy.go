package cli

import (
	"errors"
	"slices"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/internal/trust"
	"github.com/plugins-hcl/plugins/pin"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// policy is what the configuration demands; nothing where it has no policy.
func (p *project) policy() config.Policy {
	if p.config.Policy == nil {
		return config.Policy{}
	}
	return *p.config.Policy
}

func (p *project) trust() trust.Policy {
	return trust.Policy{Sources: p.policy().AllowSources, Hosts: p.policy().AllowHosts}
}

// allowed holds every declared plugin against the policy, before anything is
// fetched, for the platforms declared and for extra ones.
func (p *project) allowed(extra ...plugin.Platform) error {
	var errs []error
	for _, r := range p.config.Plugins {
		platforms := p.config.Platforms
		if r.Platforms != nil {
			platforms = r.Platforms
		}
		addresses, err := r.Addresses(slices.Concat(platforms, extra))
		// This machine's may be locked without being declared; if the source has none for
		// it, there is nothing to allow.
		here, _ := r.Addresses([]plugin.Platform{p.platform})
		for _, address := range slices.Concat(addresses, here) {
			if err == nil {
				err = errors.Join(p.trust().AllowSource(address), p.trust().AllowURL(address))
			}
		}
		if err != nil {
			errs = append(errs, &plugin.Error{Plugin: r.Name, Pos: r.Pos, Err: err})
		}
	}
	return errors.Join(errs...)
}

// signed refuses to install what the policy wants signed, and was locked without.
func (p *project) signed(made *plan.Plan) error {
	if !p.policy().RequireSignature {
		return nil
	}
	var errs []error
	for _, c := range made.Changes {
		if c.Action != plan.Remove && c.Locked.SignedBy == "" {
			errs = append(errs, &plugin.Error{Plugin: c.Name, Pos: c.Requirement.Pos, Err: &pin.SignatureError{
				Reason: "the policy requires a signature, and it is locked without one",
			}})
		}
	}
	return errors.Join(errs...)
}
