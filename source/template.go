package source

import (
	"context"
	"errors"
	"fmt"

	"github.com/plugins-hcl/plugins/plugin"
)

// template is an https:// address in which version, os and arch may stand. Such
// a source cannot list versions: the constraint names one, or, where the address
// does not use it, the package tells.
type template struct {
	set *Set
	r   plugin.Requirement
}

func newTemplate(s *Set, r plugin.Requirement) (Source, error) { return &template{set: s, r: r}, nil }

var errNoPlatforms = errors.New(`its source uses os or arch: say with "platforms" which there are`)

func (t *template) Candidates(ctx context.Context) ([]Candidate, error) {
	if exact, ok := t.r.Constraint.Exact(); ok {
		return []Candidate{{Version: exact}}, nil
	}
	if t.r.Source.PerVersion {
		return nil, fmt.Errorf("its source uses version, so its constraint must be one exact version, not %q", t.r.Constraint)
	}
	pkgs, err := t.packages(plugin.Version{})
	if err != nil {
		return nil, err
	}
	m, err := t.set.Opener.Manifest(ctx, t.r, t.set.sample(pkgs))
	if err != nil {
		return nil, err
	}
	return []Candidate{{Version: m.Version}}, nil
}

func (t *template) Release(_ context.Context, v plugin.Version) (*Release, error) {
	pkgs, err := t.packages(v)
	if err != nil {
		return nil, err
	}
	return &Release{Version: v, Packages: pkgs}, nil
}

func (t *template) packages(v plugin.Version) ([]plugin.Package, error) {
	var pkgs []plugin.Package
	for _, p := range t.set.platforms(t.r) {
		url, err := t.r.Source.Locate(v, p)
		if err != nil {
			return nil, err
		}
		pkgs = append(pkgs, plugin.Package{Platform: p, URL: url})
	}
	if len(pkgs) == 0 {
		return nil, errNoPlatforms
	}
	return pkgs, nil
}
