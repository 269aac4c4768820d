package lock

import (
	"path"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// SameSource reports whether p was locked from the source that s says, as far as its
// text and what that stands for tell.
func (p Plugin) SameSource(s plugin.SourceSpec) bool {
	return p.Source == s.Text && p.Resolved == s.Resolved()
}

// SamePlace reports whether that source still leads where p's packages were locked
// from: a template may give other addresses now, a registry have moved.
func (p Plugin) SamePlace(s plugin.SourceSpec) bool {
	_, moved := p.outside(s)
	return !moved && !slices.ContainsFunc(p.Packages, func(pkg Package) bool {
		_, ok := pkg.at(s, p.Version)
		return !ok
	})
}

// at reports whether a source whose addresses the configuration gives has pkg where
// it was locked, and where it has it now.
func (p Package) at(s plugin.SourceSpec, v plugin.Version) (now string, ok bool) {
	if s.Kind != plugin.SourceURL && s.Kind != plugin.SourceLocal {
		return p.Location(), true
	}
	now, err := s.Locate(v, p.Platform)
	return now, err == nil && now == p.Location()
}

// outside is a package that a registry which is a folder named relative to itself,
// where that is not the folder of now. Of a URL nobody can tell: a registry names
// addresses anywhere.
func (p Plugin) outside(s plugin.SourceSpec) (Package, bool) {
	if s.Kind != plugin.SourceRegistry || s.Base == "" {
		return Package{}, false
	}
	for _, pkg := range p.Packages {
		if pkg.Path != "" && (strings.Contains(s.Base, "://") || !strings.HasPrefix(path.Clean(pkg.Path), folder(s.Base))) {
			return pkg, true
		}
	}
	return Package{}, false
}

// folder is a path as what lies in it starts.
func folder(written string) string {
	if clean := path.Clean(written); clean != "." {
		return strings.TrimRight(clean, "/") + "/"
	}
	return ""
}
