package project

import (
	"context"
	"errors"
	"fmt"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
	"github.com/plugins-hcl/plugins/source"
)

// Outdated is what is locked in a version that is not the newest, in the form that --json
// prints.
type Outdated struct {
	FormatVersion string          `json:"format_version"`
	Plugins       []OutdatedEntry `json:"plugins"` // sorted by name
}

// OutdatedEntry is one plugin of which there is a newer version.
type OutdatedEntry struct {
	Name     plugin.Name    `json:"name"`
	Locked   plugin.Version `json:"locked"`
	Allowed  plugin.Version `json:"allowed"` // what "lock --upgrade" would choose
	Newest   plugin.Version `json:"newest"`
	HeldBack []string       `json:"held_back"` // in words, why the newest is not allowed; none where it is
	Source   string         `json:"source"`
}

// Upgrades reports whether an upgrade would choose another version of a plugin.
func (o *Outdated) Upgrades() bool {
	for _, e := range o.Plugins {
		if e.Allowed.Compare(e.Locked) > 0 {
			return true
		}
	}
	return false
}

// Outdated asks the sources for newer versions of what is locked. It changes nothing.
// Every source that cannot be asked is reported: the error joins a [*plugin.Error] for
// each, and the result is about the others.
func (p *Project) Outdated(ctx context.Context) (out *Outdated, err error) {
	if err := p.Configured(); err != nil {
		return nil, err
	}
	if p.options.Offline {
		return nil, fmt.Errorf("which versions there are, only their sources tell: %w", source.ErrOffline)
	}
	l, err := lock.Load(p.LockPath)
	if err != nil {
		return nil, err
	}
	asked := l.Asked(p.Config.Plugins, p.Config.Platforms)
	if err := p.allowed(p.Config.Plugins, asked...); err != nil {
		return nil, err
	}
	reach, err := p.access()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reach.Close()) }()
	o := LockOptions{UpgradeAll: true}
	newer, err := resolve.FindNewer(ctx, p.choosing(o, l, asked, reach, p.pinning(o, l, reach)))
	out = &Outdated{FormatVersion: plan.FormatVersion, Plugins: []OutdatedEntry{}}
	for _, n := range newer {
		out.Plugins = append(out.Plugins, OutdatedEntry{
			Name: n.Requirement.Name, Locked: n.Locked, Allowed: n.Allowed, Newest: n.Newest,
			HeldBack: append([]string{}, n.HeldBack...), Source: plugin.Redact(n.Requirement.Source.Text),
		})
	}
	return out, err
}
