package pin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/parallel"
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
	Unversioned bool // its address names no version: another one may lie there now
}

func (e *ChangedDigestError) Error() string {
	return fmt.Sprintf("version %s is locked, and its package%s has changed at the source:\n  locked %s\n  now    %s\n  at     %s",
		e.Version, e.Platform.For(), e.Locked, e.Now, e.Where)
}

// Is makes it [plugin.ErrRefused].
func (e *ChangedDigestError) Is(target error) bool { return target == plugin.ErrRefused }

// findDigests fills in the digests that are not published, and compares all with
// what is locked. A local source may change as it likes, and the digest of the one
// that is opened is that of the copy made then.
func (p *pinner) findDigests(ctx context.Context, pkgs []plugin.Package) error {
	isLocal, opened := p.r.Source.Kind.Local(), p.opens(pkgs)
	return parallel.Each(len(pkgs), 0, func(i int) (err error) {
		switch {
		case !isLocal:
			err = p.findDigest(ctx, &pkgs[i])
		case i != opened:
			locked, _ := p.lockedPackage(pkgs[i])
			pkgs[i].Digest, err = archive.DigestSource(ctx, p.Access.Abs(pkgs[i].Path), locked.Digest)
		}
		return err
	})
}

// saidBy makes the error about a package of another digest name the document that
// publishes the one expected: either may be what is wrong.
func saidBy(err error, rel *source.Release, pkg plugin.Package) error {
	var mismatch *plugin.DigestError
	if errors.As(err, &mismatch) && mismatch.Want == pkg.Digest {
		mismatch.By = rel.DigestsBy[pkg.Location()]
	}
	return err
}

func (p *pinner) findDigest(ctx context.Context, pkg *plugin.Package) error {
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
func (p *pinner) lockedPackage(pkg plugin.Package) (plugin.Package, bool) {
	if !p.sameVersion() {
		return plugin.Package{}, false
	}
	for _, locked := range p.previous.Packages {
		if locked.Platform == pkg.Platform {
			return locked, p.r.Asset.IsZero() || locked.Location() == pkg.Location()
		}
	}
	return plugin.Package{}, false
}

// sameVersion reports whether the version chosen is the one that is locked from the
// same source.
func (p *pinner) sameVersion() bool {
	return p.previous.Version.Equal(p.choice.Version) && p.previous.SameSource(p.r.Source)
}

// opens is the index of the package that is opened: this platform's, else the first.
func (p *pinner) opens(pkgs []plugin.Package) int {
	return max(slices.IndexFunc(pkgs, func(pkg plugin.Package) bool { return p.looksInto(pkg.Platform) }), 0)
}

// looksInto reports whether the package for platform is the one that is opened.
// Where nobody publishes digests, this one is fetched anew at each lock, so that a
// package replaced at its source is noticed; the others stay as locked.
func (p *pinner) looksInto(platform plugin.Platform) bool {
	return platform == p.Platform || platform == plugin.AnyPlatform
}
