package project

import (
	"context"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// Plan compares the lock with the plugin directory. It needs no network and changes
// nothing. What the policy forbids is an error: what apply would refuse is not
// promised. Other errors are a [*lock.MissingError], a [*lock.OutOfDateError], a
// [*plan.PlatformError] or those of reading.
func (p *Project) Plan(ctx context.Context) (*plan.Plan, error) {
	in, err := p.planInput(ctx)
	if err != nil {
		return nil, err
	}
	if in.Snapshot, err = installed.Scan(ctx, p.PluginDir, installed.Options{Wanted: in.Wanted()}); err != nil {
		return nil, err
	}
	made, err := plan.Build(in)
	if err != nil {
		return nil, err
	}
	return made, p.foretell(made)
}

// LockDigest tells which lock file is there: see [lock.File.Digest].
func (p *Project) LockDigest() (plugin.Digest, error) {
	l, err := lock.Load(p.LockPath)
	if err != nil {
		return "", err
	}
	return l.Digest(), nil
}

// planInput is what a plan is made from, but for what is installed.
func (p *Project) planInput(ctx context.Context) (plan.Input, error) {
	if p.blind {
		return plan.Input{}, ErrNoConfig
	}
	l, err := lock.Load(p.LockPath)
	if err != nil {
		return plan.Input{}, err
	}
	required := p.required(l)
	if err := p.allowed(required); err != nil {
		return plan.Input{}, err
	}
	return plan.Input{
		Required: required, Platforms: p.Config.Platforms, Host: p.host(), Lock: l, Local: p.local(ctx, l),
		Platform: p.Platform, PluginDir: p.ShownDir, Config: p.Config.Digest, RequireSignature: p.Config.Policy.RequireSignature,
	}, nil
}

// scan looks at the plugin directory.
func (p *Project) scan(ctx context.Context, l *lock.File, rehash bool) (*installed.Snapshot, error) {
	in := plan.Input{Required: p.required(l), Lock: l, Platform: p.Platform}
	return installed.Scan(ctx, p.PluginDir, installed.Options{Wanted: in.Wanted(), Rehash: rehash})
}
