package project

import (
	"context"
	"slices"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// Removed is what [Project.Remove] did.
type Removed struct {
	Plugins []RemovedPlugin // as they were named
	Locked  *Locked
	Stale   error // the [*lock.OutOfDateError] that locking mends; nil where the lock is up to date
}

// RemovedPlugin is one that is declared no more.
type RemovedPlugin struct {
	Name      plugin.Name
	NeededBy  []plugin.Name // what is declared needs it: it stays locked
	Installed bool          // by this program: the next apply removes it, unless it is needed
}

// Remove takes plugins out of the configuration, and out of the lock what nothing needs
// then: both, or neither. What stays, stays as it is locked, so that no network is
// needed; a lock that was out of date for another reason still is. A plugin that is not
// declared is a [*config.NotDeclaredError].
func (p *Project) Remove(ctx context.Context, names ...plugin.Name) (*Removed, error) {
	e, err := p.edit()
	if err != nil {
		return nil, err
	}
	text := e.src
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		if _, ok := p.Config.Plugin(name); !ok {
			return nil, p.notDeclared(name)
		}
		if text, err = config.RemovePlugin(text, p.Config.Path, name); err != nil {
			return nil, err
		}
	}
	next, err := p.with(text)
	if err != nil {
		return nil, err
	}
	locked, err := next.pruned()
	if err != nil {
		return nil, err
	}
	if err := e.write(text, locked); err != nil {
		return nil, err
	}
	locked.Changes = lock.Diff(locked.Before, locked.After)
	for _, c := range locked.Changes {
		told := plugin.LockEvent{Plugin: c.Name, Action: c.Action, From: c.From, To: c.To}
		locked.Told = append(locked.Told, told)
		p.options.Observe.Tell(told)
	}
	out := &Removed{Locked: locked, Stale: locked.After.Check(next.required(locked.After), next.Config.Platforms, next.host(), next.local(ctx, locked.After))}
	snap, err := next.scan(ctx, locked.After, false)
	if err != nil {
		snap = &installed.Snapshot{} // the files are written; what is installed, plan tells
	}
	for _, name := range names {
		after, _ := locked.After.Plugin(name)
		now, ok := snap.Plugin(name)
		out.Plugins = append(out.Plugins, RemovedPlugin{
			Name: name, NeededBy: after.RequiredBy, Installed: ok && now.Present && now.Record != nil,
		})
	}
	return out, nil
}

func (p *Project) notDeclared(name plugin.Name) error {
	var declared []string
	for _, r := range p.Config.Plugins {
		declared = append(declared, string(r.Name))
	}
	return &config.NotDeclaredError{Plugin: name, Path: p.Config.Path, Near: plugin.Nearest(string(name), declared)}
}

// pruned is the lock without what is needed no more. Where there is none, there is none
// then either.
func (p *Project) pruned() (*Locked, error) {
	before, err := p.locked()
	if err != nil {
		return nil, err
	}
	return &Locked{Before: before, After: before.Prune(p.Config.Plugins)}, nil
}
