package pin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/plugins-hcl/plugins/internal/staging"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
	"github.com/plugins-hcl/plugins/source"
)

// Input is what to pin.
type Input struct {
	Choices   []resolve.Choice
	Previous  *lock.File        // what is locked; nil for nothing
	Platforms []plugin.Platform // those the configuration declares for all
	Extra     []plugin.Platform // further ones, asked for once
	Platform  plugin.Platform   // whose package is opened where there is one
	Access    *source.Access
	// Abs makes a path as the configuration writes it absolute.
	Abs func(path string) string
	// RequireSignature refuses plugins without a key to verify a signature by.
	RequireSignature bool
	Offline          bool // what is locked stands for what the source would say
	Observe          plugin.Observer
}

// Pin makes a lock of the choices. Every plugin that cannot be pinned is reported:
// the error joins a [*plugin.Error] for each.
func Pin(ctx context.Context, in Input) (*lock.File, error) {
	out := &lock.File{Plugins: make([]lock.Plugin, len(in.Choices))}
	errs := make([]error, len(in.Choices))
	var g errgroup.Group // Access bounds what runs at once
	for i, c := range in.Choices {
		g.Go(func() error {
			p := pinner{Input: in, choice: c, r: c.Requirement}
			if in.Previous != nil {
				p.previous, _ = in.Previous.Plugin(c.Requirement.Name)
			}
			var err error
			if out.Plugins[i], err = p.pin(ctx); err != nil {
				errs[i] = &plugin.Error{Plugin: c.Requirement.Name, Pos: c.Requirement.Pos, Err: err}
			}
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	out.Sort()
	return out, nil
}

// pinner pins one plugin.
type pinner struct {
	Input
	choice   resolve.Choice
	r        plugin.Requirement
	previous lock.Plugin // zero: not locked
}

func (p *pinner) pin(ctx context.Context) (lock.Plugin, error) {
	rel, err := p.choice.Source.Release(ctx, p.choice.Version)
	if err != nil {
		return lock.Plugin{}, err
	}
	pkgs, err := p.choosePackages(rel)
	if err != nil {
		return lock.Plugin{}, err
	}
	out := lock.Plugin{
		Name:        p.r.Name,
		Version:     rel.Version,
		Constraints: p.r.Constraint.String(),
		Source:      p.r.Source.Text,
		Resolved:    p.r.Source.Resolved(),
	}
	if rel.NoBinary && p.r.Binary == "" {
		out.Binary = plugin.NoBinary
	}
	if p.r.Manifest == plugin.ManifestFromRegistry {
		if rel.Manifest == nil {
			return lock.Plugin{}, errors.New(`manifest = "registry" needs a plugin that comes from a registry`)
		}
		out.Manifest = string(rel.Manifest)
	}
	if err := p.findDigests(ctx, pkgs); err != nil {
		return lock.Plugin{}, err
	}
	if out.SignedBy, err = p.checkSignatures(ctx, pkgs); err != nil {
		return lock.Plugin{}, err
	}
	tree, opened, err := p.open(ctx, rel, out, pkgs)
	if err != nil {
		return lock.Plugin{}, err
	}
	pkgs[opened].Digest = tree.Digest
	p.warnDependencies(slices.Concat(rel.Dependencies, tree.Manifest.Dependencies))
	if tree.Manifest.Name != string(p.r.Name) {
		out.ManifestName = tree.Manifest.Name
	}
	for _, pkg := range pkgs {
		out.Packages = append(out.Packages, lock.Package(pkg))
	}
	return out, nil
}

// warnDependencies tells of plugins that this one needs and nobody declared: they
// are not installed by themselves.
func (p *pinner) warnDependencies(needed []plugin.Dependency) {
	told := map[string]bool{}
	for _, d := range needed {
		declared := slices.ContainsFunc(p.Choices, func(c resolve.Choice) bool {
			return plugin.SameName(string(c.Requirement.Name), d.Name) || plugin.SameName(c.Requirement.Source.Plugin, d.Name)
		})
		if declared || told[d.Name] {
			continue
		}
		told[d.Name] = true
		p.Observe.Tell(plugin.WarningEvent{Plugin: p.r.Name, Message: fmt.Sprintf(
			"it needs the plugin %q, which is not declared; if that is not part of the host, declare it", d.Name)})
	}
}

// open stages the package for this platform, or for one of those locked, to see
// that it can be installed.
func (p *pinner) open(ctx context.Context, rel *source.Release, locked lock.Plugin, pkgs []source.Package) (*staging.Tree, int, error) {
	i := p.opens(pkgs)
	pkg := pkgs[i]
	platform := pkg.Platform
	if platform == plugin.AnyPlatform {
		platform = p.Platform
	}
	binary := p.r.Binary
	if binary == "" {
		binary = locked.Binary
	}
	tree, err := p.Access.Try(ctx, staging.Spec{
		Name:     p.r.Name,
		Platform: platform,
		URL:      pkg.URL, Path: pkg.Path,
		Digest:   pkg.Digest,
		Version:  rel.Version,
		Names:    append([]string{string(p.r.Name)}, rel.Names...),
		Similar:  true,
		Binary:   binary,
		Aliases:  []string{p.r.Source.Plugin},
		Manifest: locked.Manifest,
		Limits:   p.r.Limits,
		Command:  p.r.Verify,
	})
	return tree, i, saidBy(err, rel, pkg)
}
