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
	return !moved && !slices.ContainsFunc(p.Packages, func(pkg plugin.Package) bool {
		_, ok := at(pkg, s, p.Version)
		return !ok
	})
}

// at reports whether a source whose addresses the configuration gives has pkg where
// it was locked, and where it has it now.
func at(pkg plugin.Package, s plugin.SourceSpec, v plugin.Version) (now string, ok bool) {
	if !s.Kind.Addressed() {
		return pkg.Location(), true
	}
	now, err := s.Locate(v, pkg.Platform)
	return now, err == nil && now == pkg.Location()
}

// outside is a package that a registry which is a folder named relative to itself,
// where that is not the folder of now. Of a URL nobody can tell: a registry names
// addresses anywhere.
func (p Plugin) outside(s plugin.SourceSpec) (plugin.Package, bool) {
	if s.Base == "" {
		return plugin.Package{}, false
	}
	for _, pkg := range p.Packages {
		if pkg.Path != "" && (strings.Contains(s.Base, "://") || !strings.HasPrefix(path.Clean(pkg.Path), folder(s.Base))) {
			return pkg, true
		}
	}
	return plugin.Package{}, false
}

// folder is a path as what lies in it starts.
func folder(written string) string {
	if clean := path.Clean(written); clean != "." {
		return strings.TrimRight(clean, "/") + "/"
	}
	return ""
}
