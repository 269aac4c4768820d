package pin

import (
	"context"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/parallel"
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
	Access    *access.Access
	// RequireSignature refuses plugins without a key to verify a signature by.
	RequireSignature bool
	Offline          bool // what is locked stands for what the source would say
	// Opened is told of each package that was opened; it may be nil, and is called by several
	// goroutines at once.
	Opened  func(Opened)
	Observe plugin.Observer
}

// Opened is what was learned of a plugin by opening its package.
type Opened struct {
	Plugin   plugin.Name
	Manifest plugin.Manifest
	Notes    string // see source.Release
}

// Pin makes a lock of the choices. Every plugin that cannot be pinned is reported:
// the error joins a [*plugin.Error] for each.
func Pin(ctx context.Context, in Input) (*lock.File, error) {
	out := &lock.File{Plugins: make([]lock.Plugin, len(in.Choices))}
	asked := in.asked(ctx)
	step := in.Observe.Step(plugin.StepPackages, len(in.Choices))
	// Access bounds what runs at once.
	err := parallel.Each(len(in.Choices), 0, func(i int) (err error) {
		defer step()
		c := in.Choices[i]
		p := pinner{Input: in, choice: c, r: c.Requirement, asked: asked}
		if in.Previous != nil {
			p.previous, _ = in.Previous.Plugin(c.Requirement.Name)
		}
		if out.Plugins[i], err = p.pin(ctx); err != nil {
			err = &plugin.Error{Plugin: c.Requirement.Name, Pos: c.Requirement.Pos, Err: err}
		}
		return err
	})
	if err != nil {
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
	previous lock.Plugin       // zero: not locked
	asked    []plugin.Platform // see Input.asked
	gone     error             // why nothing more is known of a version that stays locked; nil: its source tells
	lost     bool              // its package is not where it was
}

func (p *pinner) pin(ctx context.Context) (lock.Plugin, error) {
	rel, err := p.release(ctx)
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
		RequiredBy:  p.choice.RequiredBy,
		MinHost:     p.choice.MinHost,
		ForceCompat: p.choice.Forced,
	}
	if rel.NoBinary && p.r.Binary == "" {
		out.Binary = plugin.NoBinary
	}
	if out.Manifest, err = p.manifest(rel); err != nil {
		return lock.Plugin{}, err
	}
	if err := p.findDigests(ctx, pkgs); err != nil {
		return lock.Plugin{}, err
	}
	if out.SignedBy, err = p.checkSignatures(ctx, pkgs); err != nil {
		return lock.Plugin{}, err
	}
	if err := p.lookInto(ctx, rel, &out, &pkgs[p.opens(pkgs)]); err != nil {
		return lock.Plugin{}, err
	}
	out.Packages = pkgs
	return out, nil
}

// lookInto opens a package, to see that it can be installed, and under which name.
func (p *pinner) lookInto(ctx context.Context, rel *source.Release, out *lock.Plugin, pkg *plugin.Package) error {
	tree, err := p.open(ctx, rel, *out, *pkg)
	if err != nil && p.cannotBeHad(ctx, *pkg, err) {
		out.ManifestName = p.previous.ManifestName
		return nil
	}
	if err != nil {
		return saidBy(err, rel, *pkg)
	}
	pkg.Digest = tree.Digest
	if p.Opened != nil {
		p.Opened(Opened{Plugin: p.r.Name, Manifest: tree.Manifest, Notes: rel.Notes})
	}
	if err := p.checkDependencies(tree.Manifest.Dependencies); err != nil {
		return err
	}
	if tree.Manifest.Name != string(p.r.Name) {
		out.ManifestName = tree.Manifest.Name
	}
	return nil
}

// open stages a package in a temporary folder.
func (p *pinner) open(ctx context.Context, rel *source.Release, locked lock.Plugin, pkg plugin.Package) (*access.Tree, error) {
	before, _ := p.lockedPackage(pkg)
	return p.Access.Try(ctx, access.Wanted{
		Requirement: p.r, Package: pkg, Platform: p.Platform, Locked: before.Digest, Size: rel.Sizes[pkg.Digest],
		Version: rel.Version, Names: append([]string{string(p.r.Name)}, rel.Names...), Similar: true,
		Binary: p.r.BinaryOr(locked.Binary), Manifest: locked.Manifest,
	})
}
