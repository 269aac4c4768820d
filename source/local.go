package source

import (
	"context"
	"fmt"
	"os"

	"github.com/plugins-hcl/plugins/plugin"
)

// local is a folder or an archive on this machine. It has the one version that
// its plugin.json says.
type local struct {
	set *Set
	r   plugin.Requirement
}

func newLocal(s *Set, r plugin.Requirement) (Source, error) {
	if s.Abs == nil {
		return nil, errNoAbs
	}
	return &local{set: s, r: r}, nil
}

func (l *local) Candidates(ctx context.Context) ([]Candidate, error) {
	pkgs, err := l.packages()
	if err != nil {
		return nil, err
	}
	pkg := l.set.sample(pkgs)
	abs := l.set.Abs(pkg.Path)
	info, err := os.Stat(abs)
	if err != nil {
		return nil, err
	}
	var m plugin.Manifest
	if info.IsDir() {
		if m, err = manifestOf(abs); err != nil {
			err = fmt.Errorf("%s: %w", pkg.Path, err)
		}
	} else {
		m, err = l.set.Opener.Manifest(ctx, l.r, pkg)
	}
	if err != nil {
		return nil, err
	}
	return []Candidate{{Version: m.Version}}, nil
}

func (l *local) Release(_ context.Context, v plugin.Version) (*Release, error) {
	pkgs, err := l.packages()
	if err != nil {
		return nil, err
	}
	return &Release{Version: v, Packages: pkgs}, nil
}

func (l *local) packages() ([]plugin.Package, error) {
	var pkgs []plugin.Package
	for _, p := range l.set.platforms(l.r) {
		path, err := l.r.Source.Locate(plugin.Version{}, p)
		if err != nil {
			return nil, err
		}
		pkgs = append(pkgs, plugin.Package{Platform: p, Path: path})
	}
	if len(pkgs) == 0 {
		return nil, errNoPlatforms
	}
	return pkgs, nil
}
