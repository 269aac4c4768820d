package pin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// WithdrawnError says that a locked version stays, that something is wanted of it
// which the lock does not know, and that its source has that version no more.
type WithdrawnError struct {
	Version plugin.Version
	Lacks   string // what the lock does not know
	Err     error
}

func (e *WithdrawnError) Error() string {
	return fmt.Sprintf("version %s is locked without %s, and its source has that version no more: %s", e.Version, e.Lacks, e.Err)
}

func (e *WithdrawnError) Unwrap() error { return e.Err }

// release is what the source has of the version chosen. Of a version that stays
// locked it may have nothing any more, or must not be asked: then p.gone says so, and
// what is locked is all there is.
func (p *pinner) release(ctx context.Context) (*source.Release, error) {
	rel, err := p.choice.Source.Release(ctx, p.choice.Version)
	if err == nil {
		rel, err = p.staysChosen(rel)
	}
	switch {
	case !p.choice.Kept:
		return rel, err
	case errors.Is(err, source.ErrOffline):
		p.gone = err
	case errors.Is(err, source.ErrNoRelease):
		p.gone = err
		p.note("version %s stays locked, though its source has it no more: %s", p.choice.Version, err)
	case err != nil:
		return nil, err
	}
	if p.gone != nil {
		rel = &source.Release{Version: p.choice.Version, Names: []string{p.previous.ManifestedName()}}
	}
	return p.keep(ctx, rel)
}

// staysChosen puts files that are locked in the place of those that would be chosen now, where
// they are still there: a further file does not make a release another one.
func (p *pinner) staysChosen(listed *source.Release) (*source.Release, error) {
	if !p.sameVersion() || len(listed.Others) == 0 {
		return listed, nil
	}
	rel := *listed
	rel.Packages = slices.Clone(listed.Packages)
	for _, locked := range p.previous.Packages {
		i := slices.IndexFunc(rel.Others, func(pkg plugin.Package) bool { return pkg.Location() == locked.Location() })
		if i < 0 {
			continue
		}
		stays, err := p.stays(locked)
		if err != nil {
			return nil, err
		}
		if stays {
			still := rel.Others[i]
			still.Platform = locked.Platform
			rel.Packages = slices.DeleteFunc(rel.Packages, func(pkg plugin.Package) bool { return pkg.Platform == locked.Platform })
			rel.Packages = append(rel.Packages, still)
		}
	}
	return &rel, nil
}

func (p *pinner) note(format string, args ...any) {
	p.Observe.Tell(plugin.WarningEvent{Plugin: p.r.Name, Message: fmt.Sprintf(format, args...)})
}

// lacks is the error for what is wanted of a version that stays locked, which the
// lock does not know and the source does not tell.
func (p *pinner) lacks(what string) error {
	if errors.Is(p.gone, source.ErrOffline) {
		return fmt.Errorf("version %s is locked without %s: %w", p.choice.Version, what, p.gone)
	}
	return &WithdrawnError{Version: p.choice.Version, Lacks: what, Err: p.gone}
}

// keep puts the packages that are locked in the place of those that the source
// lists, if their digests agree.
func (p *pinner) keep(ctx context.Context, listed *source.Release) (*source.Release, error) {
	rel := *listed
	rel.Packages = slices.Clone(listed.Packages)
	rel.NoBinary = p.previous.Binary == plugin.NoBinary
	var moved []plugin.Platform
	for _, locked := range p.previous.Packages {
		stays, err := p.stays(locked)
		if err != nil {
			return nil, err
		}
		if !stays {
			continue
		}
		now, err := p.listed(listed, locked)
		if err != nil {
			return nil, err
		}
		if now != nil && p.movedAlong(locked, *now) {
			continue
		}
		if err := p.compare(ctx, locked, now); err != nil {
			return nil, err
		}
		if now != nil && now.Location() != locked.Location() {
			moved = append(moved, locked.Platform)
		}
		rel.Packages = slices.DeleteFunc(rel.Packages, func(pkg plugin.Package) bool { return pkg.Platform == locked.Platform })
		rel.Packages = append(rel.Packages, plugin.Package(locked))
	}
	if moved != nil {
		p.note("its source lists other addresses now, for %s; those that are locked stay", plugin.PlatformList(moved))
	}
	return &rel, nil
}

// stays reports whether a locked package is the one that is wanted: an asset that
// the configuration chose anew is another.
func (p *pinner) stays(locked plugin.Package) (bool, error) {
	if locked.Platform != plugin.AnyPlatform && !p.r.WantedOn(locked.Platform) {
		return false, nil
	}
	if p.r.Asset.IsZero() {
		return true, nil
	}
	asset, err := p.r.Asset.Pattern(p.choice.Version, locked.Platform)
	return lock.MatchAsset(asset, locked.Location()), err
}

// movedAlong reports whether a package that its registry lists relative to itself
// was locked from the same place in the registry, when that was elsewhere. It is held
// against the lock as any other that is not kept.
func (p *pinner) movedAlong(locked plugin.Package, now plugin.Package) bool {
	base := p.r.Source.Base
	within, ok := strings.CutPrefix(now.Location(), base+"/")
	return base != "" && ok && !strings.HasPrefix(locked.Location(), base+"/") && strings.HasSuffix(locked.Location(), "/"+within)
}

// listed is the package that the source lists in the place of a locked one; nil where
// it lists none, or several and nothing tells which.
func (p *pinner) listed(rel *source.Release, locked plugin.Package) (*plugin.Package, error) {
	var candidates []plugin.Package
	for _, pkg := range rel.Packages {
		if pkg.Platform != locked.Platform {
			continue
		}
		if pkg.Location() == locked.Location() {
			return &pkg, nil
		}
		candidates = append(candidates, pkg)
	}
	found, _, err := p.matching(rel, locked.Platform, candidates)
	if err != nil || len(found) != 1 {
		return nil, err
	}
	return &found[0], nil
}

// compare holds what the source publishes now against a locked package. Where nobody
// publishes a digest, this machine's package is fetched anew.
func (p *pinner) compare(ctx context.Context, locked plugin.Package, now *plugin.Package) error {
	if now == nil {
		return nil
	}
	digest := now.Digest
	if digest == "" && !p.Offline && p.looksInto(locked.Platform) {
		var err error
		digest, err = p.Access.Digest(ctx, p.r, plugin.Package(locked))
		if errors.Is(err, fs.ErrNotExist) {
			p.lose(err)
			return nil
		}
		if err != nil {
			return err
		}
	}
	if digest == "" || digest == locked.Digest {
		return nil
	}
	_, exact := p.r.Constraint.Exact()
	return &ChangedDigestError{
		Version: p.choice.Version, Platform: locked.Platform, Where: now.Location(), Locked: locked.Digest, Now: digest,
		Unversioned: p.r.Source.Kind.Addressed() && !exact,
	}
}

// lose notes, once, that a package of a version that stays locked is not where it was.
func (p *pinner) lose(err error) {
	if !p.lost {
		p.note("version %s stays locked, though its package cannot be had any more: %s", p.choice.Version, err)
	}
	p.lost = true
}

// isKept reports whether pkg is what the lock holds of a version that stays.
func (p *pinner) isKept(pkg plugin.Package) bool {
	return p.choice.Kept && slices.Contains(p.previous.Packages, pkg)
}

// cannotBeHad reports whether a package that stays locked could not be opened because
// it is nowhere to be had now, on this machine or, if that may be asked, at its source.
// It was opened when it was locked. Bytes that are not the locked ones are an error all
// the same, and so is what else may go wrong.
func (p *pinner) cannotBeHad(ctx context.Context, pkg plugin.Package, opening error) bool {
	if !p.isKept(pkg) || p.r.Source.Kind.Local() || errors.Is(opening, plugin.ErrRefused) {
		return false
	}
	err := p.Access.Read(ctx, p.r, pkg, func(io.Reader) error { return nil })
	switch {
	case errors.Is(err, source.ErrOffline):
		return true
	case errors.Is(err, fs.ErrNotExist), err != nil && p.gone != nil && ctx.Err() == nil && !errors.Is(err, plugin.ErrRefused):
		p.lose(err)
		return true
	}
	return false
}
