package pin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// ChangedDigestError says that a version that is locked has other bytes at its
// source now. It is plugin.ErrRefused.
type ChangedDigestError struct {
	Version     plugin.Version
	Platform    plugin.Platform
	Where       string
	Locked, Now plugin.Digest
}

func (e *ChangedDigestError) Error() string {
	return fmt.Sprintf("version %s is locked, and its package for %s has changed at the source:\n  locked %s\n  now    %s\n  at     %s",
		e.Version, e.Platform, e.Locked, e.Now, e.Where)
}

// Is makes it [plugin.ErrRefused].
func (e *ChangedDigestError) Is(target error) bool { return target == plugin.ErrRefused }

// findDigests fills in the digests that are not published, and compares all with
// what is locked. A local source may change as it likes, and the digest of the one
// that is opened is that of the copy made then.
func (p *pinner) findDigests(ctx context.Context, pkgs []source.Package) error {
	errs := make([]error, len(pkgs))
	var g errgroup.Group // Access bounds what runs at once
	isLocal, opened := p.r.Source.Kind == plugin.SourceLocal, p.opens(pkgs)
	for i := range pkgs {
		g.Go(func() error {
			switch {
			case !isLocal:
				errs[i] = p.findDigest(ctx, &pkgs[i])
			case i != opened:
				pkgs[i].Digest, errs[i] = source.DigestLocal(ctx, p.Abs(pkgs[i].Path))
			}
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs
	return errors.Join(errs...)
}

// saidBy makes the error about a package of another digest name the document that
// publishes the one expected: either may be what is wrong.
func saidBy(err error, rel *source.Release, pkg source.Package) error {
	var mismatch *plugin.DigestError
	if errors.As(err, &mismatch) && mismatch.Want == pkg.Digest {
		mismatch.By = rel.DigestsBy[pkg.Location()]
	}
	return err
}

func (p *pinner) findDigest(ctx context.Context, pkg *source.Package) error {
	locked, isLocked := p.lockedPackage(*pkg)
	if pkg.Digest == "" && isLocked && (p.Offline || !p.looksInto(pkg.Platform)) {
		pkg.Digest = locked.Digest
	}
	if pkg.Digest == "" {
		var err error
		if pkg.Digest, err = p.Access.Digest(ctx, p.r, *pkg); err != nil {
			return err
		}
	}
	if isLocked && pkg.Digest != locked.Digest {
		return &ChangedDigestError{
			Version: p.choice.Version, Platform: pkg.Platform, Where: pkg.Shown(),
			Locked: locked.Digest, Now: pkg.Digest,
		}
	}
	return nil
}

// lockedPackage is what the same version from the same source is locked to. An
// asset that the configuration chose anew is another package.
func (p *pinner) lockedPackage(pkg source.Package) (lock.Package, bool) {
	if !p.previous.Version.Equal(p.choice.Version) || p.previous.Source != p.r.Source.Text || p.previous.Resolved != p.r.Source.Resolved() {
		return lock.Package{}, false
	}
	for _, locked := range p.previous.Packages {
		if locked.Platform == pkg.Platform {
			return locked, p.r.Asset.IsZero() || locked.Location() == pkg.Location()
		}
	}
	return lock.Package{}, false
}

// opens is the index of the package that is opened: this platform's, else the first.
func (p *pinner) opens(pkgs []source.Package) int {
	return max(slices.IndexFunc(pkgs, func(pkg source.Package) bool { return p.looksInto(pkg.Platform) }), 0)
}

// looksInto reports whether the package for platform is the one that is opened.
// Where nobody publishes digests, this one is fetched anew at each lock, so that a
// package replaced at its source is noticed; the others stay as locked.
func (p *pinner) looksInto(platform plugin.Platform) bool {
	return platform == p.Platform || platform == plugin.AnyPlatform
}
