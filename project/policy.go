package project

import (
	"errors"
	"slices"

	"github.com/plugins-hcl/plugins/internal/trust"
	"github.com/plugins-hcl/plugins/plugin"
)

// allowed holds every plugin that is required against the policy, before anything is
// fetched, for the platforms declared and for extra ones.
func (p *Project) allowed(required []plugin.Requirement, extra ...plugin.Platform) error {
	var errs []error
	for _, r := range required {
		if err := p.allow(r, extra); err != nil {
			errs = append(errs, &plugin.Error{Plugin: r.Name, Pos: r.Pos, Err: err})
		}
	}
	return errors.Join(errs...)
}

// allow is why the policy forbids a plugin, if it does.
func (p *Project) allow(r plugin.Requirement, extra []plugin.Platform) error {
	platforms := p.Config.Platforms
	if r.Platforms != nil {
		platforms = r.Platforms
	}
	addresses, err := r.Addresses(slices.Concat(platforms, extra))
	// This machine's may be locked without being declared; if the source has none for
	// it, there is nothing to allow.
	here, _ := r.Addresses([]plugin.Platform{p.Platform})
	for _, address := range slices.Concat(addresses, here) {
		if err == nil {
			err = errors.Join(trust.AllowSource(p.Config.Policy, address), trust.AllowURL(p.Config.Policy, address))
		}
	}
	return err
}
