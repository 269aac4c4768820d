package pin

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// NotPublishedError says that a plugin has no package for a platform it is wanted
// on.
type NotPublishedError struct {
	Version   plugin.Version
	Platforms []plugin.Platform // wanted, not published
	Published []plugin.Platform
	Locked    []plugin.Platform // of those wanted, the ones that are because the lock has them
	Others    []string          // files that are published, too, and nothing tells for what
}

func (e *NotPublishedError) Error() string {
	text := fmt.Sprintf("version %s is not published for %s, only for %s",
		e.Version, plugin.PlatformList(e.Platforms), plugin.PlatformList(e.Published))
	if e.Locked != nil {
		text += fmt.Sprintf("; %s was asked for before, and stays", plugin.PlatformList(e.Locked))
	}
	if e.Others != nil {
		text += "; there are these files besides:\n  " + strings.Join(e.Others, "\n  ")
	}
	return text
}

// AmbiguousPackageError says that a plugin has several packages for one platform,
// and nothing tells which is meant.
type AmbiguousPackageError struct {
	Platforms []plugin.Platform
	Packages  []plugin.Package
	Asset     string // the pattern that does not tell either
}

func (e *AmbiguousPackageError) Error() string {
	var b strings.Builder
	platforms := plugin.PlatformList(e.Platforms)
	if e.Asset != "" {
		fmt.Fprintf(&b, "its asset %q is not just one of the packages for %s:", e.Asset, platforms)
	} else {
		fmt.Fprintf(&b, "there are several packages for %s, and not just one is named after it:", platforms)
	}
	for _, pkg := range e.Packages {
		b.WriteString("\n  " + pkg.Shown())
	}
	return b.String()
}

// choosePackages picks one package for each platform to lock, sorted.
func (p *pinner) choosePackages(rel *source.Release) ([]plugin.Package, error) {
	byPlatform := map[plugin.Platform][]plugin.Package{}
	var published []plugin.Platform
	for _, pkg := range rel.Packages {
		if byPlatform[pkg.Platform] == nil {
			published = append(published, pkg.Platform)
		}
		byPlatform[pkg.Platform] = append(byPlatform[pkg.Platform], pkg)
	}
	slices.SortFunc(published, plugin.ComparePlatforms)
	wanted, err := p.platforms(rel.Version, published)
	var not *NotPublishedError
	if errors.As(err, &not) {
		for _, other := range rel.Others {
			not.Others = append(not.Others, path.Base(other.Shown()))
		}
	}
	if err != nil {
		return nil, err
	}
	pkgs := make([]plugin.Package, len(wanted))
	var unclear AmbiguousPackageError
	for i, platform := range wanted {
		found, asset, err := p.matching(rel, platform, byPlatform[platform])
		if err != nil {
			return nil, err
		}
		if len(found) != 1 {
			unclear.Platforms = append(unclear.Platforms, platform)
			unclear.Packages = append(unclear.Packages, byPlatform[platform]...)
			if unclear.Asset == "" {
				unclear.Asset = asset
			}
			continue
		}
		pkgs[i] = found[0]
	}
	if len(unclear.Platforms) > 0 {
		return nil, &unclear
	}
	return pkgs, nil
}

// matching are the packages for one platform that may be meant, which should be
// one: the asset that the configuration names; the only one; the one that is named
// like the plugin.
func (p *pinner) matching(rel *source.Release, platform plugin.Platform, pkgs []plugin.Package) (found []plugin.Package, asset string, err error) {
	means := func(pkg plugin.Package) bool {
		return len(pkgs) == 1 || slices.Contains(rel.AssetNames, assetStem(pkg.Location(), rel.Version, platform))
	}
	if !p.r.Asset.IsZero() {
		if asset, err = p.r.Asset.Pattern(rel.Version, platform); err != nil {
			return nil, "", err
		}
		means = func(pkg plugin.Package) bool { return lock.MatchAsset(asset, pkg.Location()) }
	}
	for _, pkg := range pkgs {
		if means(pkg) {
			found = append(found, pkg)
		}
	}
	return found, asset, nil
}

// assetStem is the file name less extension, version, operating system and
// architecture: "workflow-plugin-authz" of ".../workflow-plugin-authz_0.6.0_linux_amd64.tar.gz".
func assetStem(location string, v plugin.Version, platform plugin.Platform) string {
	stem := path.Base(location)
	for _, ext := range []string{".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".txz", ".tar", ".zip", ".exe"} {
		if cut, ok := strings.CutSuffix(stem, ext); ok {
			stem = cut
			break
		}
	}
	for _, word := range []string{platform.Arch, platform.OS, v.String(), "v" + v.String()} {
		for _, sep := range []string{"-", "_"} {
			stem = strings.TrimSuffix(stem, sep+word)
		}
	}
	return stem
}
