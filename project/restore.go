package project

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/commit"
	"github.com/plugins-hcl/plugins/internal/trust"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// A set of the history is put back as an apply would: from what it was installed from,
// which is a lock for this one platform, and requirements that ask for just that.

// RestoreOptions says how to go back to a set of the history.
type RestoreOptions struct {
	// Download fetches packages that are not cached any more; without it, only the cache
	// and this machine's own files are used.
	Download bool
}

// MissingPackagesError says that packages of a set are not here any more.
type MissingPackagesError struct {
	ID       int
	Packages []MissingPackage // sorted by name
}

// MissingPackage is one package that is not here any more.
type MissingPackage struct {
	Name    plugin.Name
	Version plugin.Version
	Where   string // whence it was, as it may be shown
	Why     string
	// Address says that it can be asked for at Where.
	Address bool
}

func (e *MissingPackagesError) Error() string {
	text := fmt.Sprintf("not all packages of set %d are here any more:", e.ID)
	for _, m := range e.Packages {
		text += fmt.Sprintf("\n  %s %s: %s (%s)", m.Name, m.Version, m.Why, m.Where)
	}
	return text
}

// PlanRestore tells what there is to do for the set of a history's entry to be there
// again, as a plan. It needs a configuration, for what plugins keep and for the policy,
// but no network: that packages are not here is a [*MissingPackagesError] unless they may
// be downloaded. That there is no such set is a [*NoSetError]. What an interrupted apply
// left is finished or undone first.
func (p *Project) PlanRestore(ctx context.Context, id int, o RestoreOptions) (*plan.Plan, error) {
	if err := p.Configured(); err != nil {
		return nil, err
	}
	interrupted, err := commit.Interrupted(p.PluginDir)
	if err == nil && interrupted {
		_, err = p.recover(ctx, false)
	}
	if err != nil {
		return nil, err
	}
	set, err := p.setOf(id)
	if err != nil {
		return nil, err
	}
	in, err := p.restoreInput(set)
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
	if err := p.haveAll(ctx, id, made, o); err != nil {
		return nil, err
	}
	return made, nil
}

// Restore makes the set of a history's entry be there again: all of it, or nothing, as
// [Project.Apply] does; approved is what [Project.PlanRestore] gave. The lock file is
// left as it is.
func (p *Project) Restore(ctx context.Context, id int, approved *plan.Plan, o RestoreOptions) (out *apply.Result, err error) {
	if err := p.Configured(); err != nil {
		return nil, err
	}
	options := p.options
	options.Offline = options.Offline || !o.Download
	offline := *p
	offline.options = options
	reach, err := offline.access()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reach.Close()) }()
	session, err := apply.Open(ctx, p.PluginDir, apply.Options{
		Access: reach, LockTimeout: p.options.LockTimeout, Owes: p.owes(), Observe: p.options.Observe,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	set, err := p.setOf(id)
	if err != nil {
		return nil, err
	}
	in, err := p.restoreInput(set)
	if err != nil {
		return nil, err
	}
	if out, err = session.Restore(ctx, in, approved, set); err != nil {
		return out, err
	}
	return p.settled(ctx, session, out, nil)
}

// restoreInput is what a plan for a set is made from, but for what is installed. What
// the policy forbids now is an error.
func (p *Project) restoreInput(set apply.Entry) (plan.Input, error) {
	in := plan.Input{
		Lock: &lock.File{}, Platform: p.Platform, PluginDir: p.ShownDir,
		Config: p.Config.Digest, RequireSignature: p.Config.Policy.RequireSignature,
	}
	var errs []error
	for _, pin := range set.Plugins {
		r, err := p.requirementOf(pin)
		if err == nil {
			err = errors.Join(trust.AllowSource(p.Config.Policy, pin.Origin.Address), trust.AllowURL(p.Config.Policy, pin.Origin.Address))
		}
		if err != nil {
			errs = append(errs, &plugin.Error{Plugin: pin.Name, Pos: r.Pos, Err: err})
			continue
		}
		in.Required = append(in.Required, r)
		in.Lock.Plugins = append(in.Lock.Plugins, lockedAs(pin))
	}
	in.Lock.Sort()
	return in, errors.Join(errs...)
}

func lockedAs(pin installed.Pin) lock.Plugin {
	o := pin.Origin
	return lock.Plugin{
		Name: pin.Name, Version: pin.Version, Source: pin.Source, ManifestName: o.ManifestName,
		Resolved: o.Resolved, MinHost: o.MinHost, Manifest: pin.Settings.Manifest, SignedBy: o.SignedBy,
		Packages: []plugin.Package{{Platform: plugin.AnyPlatform, URL: o.URL, Path: o.Path, Digest: pin.Digest}},
	}
}

// requirementOf asks for just what a plugin was installed from. What it keeps, its limits
// and its verify command are those of now, where it is declared.
func (p *Project) requirementOf(pin installed.Pin) (plugin.Requirement, error) {
	r, declared := p.Config.Plugin(pin.Name)
	if !declared {
		r = plugin.Requirement{Name: pin.Name, Keep: pin.Keep, Limits: plugin.DefaultLimits()}
	}
	exact, err := plugin.ParseConstraint("= " + pin.Version.String())
	if err != nil {
		return r, err
	}
	registry, folder, _ := strings.Cut(pin.Origin.Resolved, "/")
	r.Constraint, r.Platforms, r.Asset, r.Binary = exact, nil, plugin.Asset{}, pin.Settings.Binary
	r.Source = plugin.SourceSpec{
		Text: pin.Source, Registry: registry, Plugin: cmp.Or(folder, pin.Origin.Plugin), Pos: r.Source.Pos,
		Locate: func(plugin.Version, plugin.Platform) (string, error) { return pin.Origin.Address, nil },
	}
	r.Manifest = plugin.ManifestFromArchive
	if pin.Settings.Manifest != "" {
		r.Manifest = plugin.ManifestFromRegistry
	}
	r.Verify.Key = strings.TrimPrefix(pin.Origin.SignedBy, "minisign:")
	return r, nil
}

// haveAll makes sure that all packages of a plan are here, or can be had.
func (p *Project) haveAll(ctx context.Context, id int, made *plan.Plan, o RestoreOptions) (err error) {
	reach, err := p.access()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reach.Close()) }()
	missing := &MissingPackagesError{ID: id}
	for _, c := range made.Changes {
		if c.Action == plan.Remove {
			continue
		}
		m, ok := p.have(ctx, reach, c)
		if !ok && !(o.Download && m.Address) {
			missing.Packages = append(missing.Packages, m)
		}
	}
	if len(missing.Packages) == 0 {
		return nil
	}
	return missing
}

// have reports whether the package of a change is here: cached, or what it was locked
// from as it was then.
func (p *Project) have(ctx context.Context, reach *access.Access, c plan.Change) (MissingPackage, bool) {
	pkg := c.Package
	m := MissingPackage{Name: c.Name, Version: c.To, Where: pkg.Shown(), Why: "its package is not cached"}
	if reach.Cached(pkg) {
		return m, true
	}
	if pkg.Path == "" {
		m.Address = pkg.URL != "" && !strings.Contains(pkg.URL, plugin.Sensitive)
		if !m.Address {
			m.Why += ", and its whole address is not kept"
		}
		return m, false
	}
	at := p.Config.Abs(pkg.Path)
	if _, err := os.Stat(at); err != nil {
		m.Why = "what it was installed from is gone"
		return m, false
	}
	digest, err := archive.DigestSource(ctx, at, pkg.Digest)
	if err != nil {
		m.Why = "what it was installed from cannot be read: " + err.Error()
		return m, false
	}
	if digest != pkg.Digest {
		m.Why = "what it was installed from has other contents now"
	}
	return m, digest == pkg.Digest
}

// Downloadable reports whether all that is missing can be downloaded.
func (e *MissingPackagesError) Downloadable() bool {
	return !slices.ContainsFunc(e.Packages, func(m MissingPackage) bool { return !m.Address })
}
