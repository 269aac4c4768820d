package project

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/pin"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
	"github.com/plugins-hcl/plugins/source"
)

// LockOptions says how to lock. The zero value keeps what is locked and allowed.
type LockOptions struct {
	UpgradeAll bool              // take the newest version allowed of every plugin
	Upgrade    []plugin.Name     // the same, of these
	Platforms  []plugin.Platform // lock for these, too
}

// Locked is what locking did.
type Locked struct {
	Before, After *lock.File
	Changes       []lock.Change // sorted by name, what stayed included

	// Conflict is what the lock file was, where it had merge conflict markers; else nil.
	// Before is what was taken of both sides then, and Taken lists where they differed.
	Conflict *lock.Conflict
	Taken    []lock.Taken
}

// Lock chooses versions, pins them, and writes the lock file; after an error it is as
// it was. One with merge conflict markers counts as what both sides locked. Every plugin that cannot be locked is reported: the error joins a
// [*plugin.Error] for each.
func (p *Project) Lock(ctx context.Context, o LockOptions) (out *Locked, err error) {
	if err := p.Supported(); err != nil {
		return nil, err
	}
	for _, name := range o.Upgrade {
		if _, ok := p.Config.Plugin(name); !ok {
			return nil, fmt.Errorf("no plugin %q is declared in %s", name, p.Config.Path)
		}
	}
	was, err := p.lockedBefore()
	if err != nil {
		return nil, err
	}
	before := was.file
	o.Platforms = slices.Concat(o.Platforms, was.asked)
	asked := slices.Concat(o.Platforms, before.Asked(p.Config.Plugins, p.Config.Platforms))
	if err := p.allowed(asked...); err != nil {
		return nil, err
	}
	reach, err := p.access()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reach.Close()) }()
	after, err := p.choose(ctx, o, before, asked, reach)
	if err != nil {
		return nil, err
	}
	if err := lock.Save(p.Config.Dir, p.LockPath, after); err != nil {
		return nil, err
	}
	out = &Locked{Before: before, After: after, Changes: lock.Diff(before, after), Conflict: was.conflict, Taken: was.taken}
	for _, c := range out.Changes {
		p.options.Observe.Tell(plugin.LockEvent{Plugin: c.Name, Action: c.Action, From: c.From, To: c.To})
	}
	return out, nil
}

// choose chooses versions and pins them, for the platforms declared and those asked
// for.
func (p *Project) choose(ctx context.Context, o LockOptions, before *lock.File, asked []plugin.Platform, reach *access.Access) (*lock.File, error) {
	c := p.Config
	sources := &source.Set{
		Registries: c.Registries, Platforms: slices.Concat(c.Platforms, asked),
		Documents: reach, Opener: reach, Abs: c.Abs, Platform: p.Platform,
	}
	choices, unmet := resolve.Choose(ctx, resolve.Input{
		Required: c.Plugins, Sources: sources.For, Previous: before,
		Upgrade: func(n plugin.Name) bool { return o.UpgradeAll || slices.Contains(o.Upgrade, n) },
		Host:    p.host(), Platforms: c.Platforms, Jobs: p.options.Jobs, MinAge: c.Policy.MinAge, Now: time.Now(),
	})
	if ctx.Err() != nil {
		return nil, unmet
	}
	// What can be chosen is pinned all the same, so that every failure is told.
	after, err := pin.Pin(ctx, pin.Input{
		Choices: choices, Previous: before, Platforms: c.Platforms, Extra: o.Platforms,
		Platform: p.Platform, Access: reach, Offline: p.options.Offline,
		RequireSignature: c.Policy.RequireSignature, Observe: p.options.Observe,
	})
	return after, errors.Join(unmet, err)
}

// CheckLock tells whether the lock file is up to date, without network. The error is
// a [*lock.MissingError] or a [*lock.OutOfDateError] if it is not.
func (p *Project) CheckLock(ctx context.Context) error {
	if p.blind {
		return ErrNoConfig
	}
	l, err := lock.Load(p.LockPath)
	if err != nil {
		return err
	}
	return l.Check(p.Config.Plugins, p.Config.Platforms, p.host(), p.local(ctx, l))
}

// host is the program whose version the configuration declares; "workflow", the
// engine that minEngineVersion is about, among several.
func (p *Project) host() plugin.Host {
	h, ok := p.Config.Host("workflow")
	if !ok && len(p.Config.Hosts) > 0 {
		h = p.Config.Hosts[0]
	}
	return plugin.Host{Name: h.Name, Version: h.Version}
}

// local digests what lies at the local sources that are locked for this platform.
func (p *Project) local(ctx context.Context, l *lock.File) map[string]lock.Local {
	found := map[string]lock.Local{}
	for _, r := range p.Config.Plugins {
		locked, ok := l.Plugin(r.Name)
		if !ok || !r.Source.Kind.Local() || !r.WantedOn(p.Platform) {
			continue
		}
		if pkg, ok := locked.Package(p.Platform); ok && pkg.Path != "" {
			digest, err := archive.DigestSource(ctx, p.Config.Abs(pkg.Path), pkg.Digest)
			found[pkg.Path] = lock.Local{Digest: digest, Err: err}
		}
	}
	return found
}
