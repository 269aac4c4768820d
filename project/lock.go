package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/pin"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
)

// LockOptions says how to lock. The zero value keeps what is locked and allowed.
type LockOptions struct {
	UpgradeAll bool              // take the newest version allowed of every plugin
	Upgrade    []plugin.Name     // the same, of these
	Platforms  []plugin.Platform // lock for these, too
	// ForceCompatAll locks plugins whatever host they need, and whatever is known of them
	// to fail with it; ForceCompat those named. The lock records it, for the version that is
	// locked then.
	ForceCompatAll bool
	ForceCompat    []plugin.Name
}

// Locked is what locking did.
type Locked struct {
	Before, After *lock.File
	Changes       []lock.Change          // sorted by name, what stayed included
	Told          []plugin.LockEvent     // of each of these, what there is to say
	HeldBack      []plugin.HeldBackEvent // of what newer versions are not locked; sorted by name

	// Conflict is what the lock file was, where it had merge conflict markers; else nil.
	// Before is what was taken of both sides then, and Taken lists where they differed.
	Conflict *lock.Conflict
	Taken    []lock.Taken
}

// Lock chooses versions, pins them, and writes the lock file; after an error it is as
// it was. One with merge conflict markers counts as what both sides locked. Every plugin
// that cannot be locked is reported: the error joins a [*plugin.Error] for each.
func (p *Project) Lock(ctx context.Context, o LockOptions) (*Locked, error) {
	return p.relock(ctx, o, func(out *Locked) error {
		return lock.Save(p.Config.Dir, p.LockPath, out.After)
	})
}

// relock is Lock, with another way to keep what was locked.
func (p *Project) relock(ctx context.Context, o LockOptions, keep func(*Locked) error) (out *Locked, err error) {
	if err := p.Configured(); err != nil {
		return nil, err
	}
	was, err := p.lockedBefore()
	if err != nil {
		return nil, err
	}
	before := was.file
	o.Platforms = slices.Concat(o.Platforms, was.asked)
	for _, name := range o.Upgrade {
		_, declared := p.Config.Plugin(name)
		if _, locked := before.Plugin(name); !declared && !locked {
			return nil, fmt.Errorf("no plugin %q is declared in %s", name, p.Config.Path)
		}
	}
	asked := slices.Concat(o.Platforms, before.Asked(p.Config.Plugins, p.Config.Platforms))
	if err := p.allowed(p.Config.Plugins, asked...); err != nil {
		return nil, err
	}
	reach, err := p.access()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reach.Close()) }()
	opened := &opened{}
	pinning := p.pinning(o, before, reach)
	pinning.Opened = opened.add
	choosing := p.choosing(o, before, asked, reach, pinning)
	choices, after, err := choose(ctx, choosing, pinning)
	if err != nil {
		return nil, err
	}
	// What others need may be named before it was ever locked.
	for _, name := range o.ForceCompat {
		if _, ok := after.Plugin(name); !ok {
			return nil, fmt.Errorf("no plugin %q is declared in %s, or needed by one that is", name, p.Config.Path)
		}
	}
	out = &Locked{Before: before, After: after, Conflict: was.conflict, Taken: was.taken}
	if err := keep(out); err != nil {
		return nil, err
	}
	out.Changes = lock.Diff(before, after)
	out.Told = p.tell(ctx, o, out, opened, choosing, reach)
	for _, e := range out.Told {
		p.options.Observe.Tell(e)
	}
	for _, h := range resolve.HeldBack(ctx, choosing, choices) {
		e := plugin.HeldBackEvent{Plugin: h.Plugin, Version: h.Chosen, Newest: h.Newest, Allowed: h.Allowed, Why: h.Why}
		out.HeldBack = append(out.HeldBack, e)
		p.options.Observe.Tell(e)
	}
	return out, nil
}

// locked is the lock file, empty where there is none.
func (p *Project) locked() (*lock.File, error) {
	l, err := lock.Load(p.LockPath)
	if errors.Is(err, fs.ErrNotExist) {
		return &lock.File{}, nil
	}
	return l, err
}

// choose chooses versions and pins them.
func choose(ctx context.Context, choosing resolve.Input, pinning pin.Input) ([]resolve.Choice, *lock.File, error) {
	choices, unmet := resolve.Choose(ctx, choosing)
	if ctx.Err() != nil {
		return nil, nil, unmet
	}
	// What can be chosen is pinned all the same, so that every failure is told.
	pinning.Choices = choices
	after, err := pin.Pin(ctx, pinning)
	return choices, after, errors.Join(unmet, err)
}

// pinning is how choices are pinned, but for these.
func (p *Project) pinning(o LockOptions, before *lock.File, reach *access.Access) pin.Input {
	return pin.Input{
		Previous: before, Platforms: p.Config.Platforms, Extra: o.Platforms,
		Platform: p.Platform, Access: reach, Offline: p.options.Offline,
		RequireSignature: p.Config.Policy.RequireSignature, Observe: p.options.Observe,
	}
}

// choosing is what versions are chosen from.
func (p *Project) choosing(o LockOptions, before *lock.File, asked []plugin.Platform, reach *access.Access, pinning pin.Input) resolve.Input {
	c := p.Config
	sources := p.sources(reach, asked...)
	return resolve.Input{
		Required: c.Plugins, Sources: sources.For, Previous: before,
		Upgrade:     func(n plugin.Name) bool { return o.UpgradeAll || slices.Contains(o.Upgrade, n) },
		ForceCompat: func(n plugin.Name) bool { return o.ForceCompatAll || slices.Contains(o.ForceCompat, n) },
		Host:        p.host(), Platforms: c.Platforms, Jobs: p.options.Jobs, MinAge: c.Policy.MinAge, Now: time.Now(),
		Registries: c.Registries, Manifest: pinning.Manifest, Observe: p.options.Observe,
		Names: func(ctx context.Context, registry string) []string { return namesIn(ctx, sources, registry) },
		Allow: func(r plugin.Requirement) error { return p.allow(r, asked) },
	}
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
	return l.Check(p.required(l), p.Config.Platforms, p.host(), p.local(ctx, l))
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
	for _, r := range p.required(l) {
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
