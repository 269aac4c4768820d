package lock

import (
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// FormatVersion is the version of the file format this package writes, and the
// only one it reads.
const FormatVersion = 1

// File is the contents of a lock file.
type File struct {
	Plugins []Plugin // sorted by name
}

// Plugin is what one plugin is locked to.
type Plugin struct {
	Name         plugin.Name
	Version      plugin.Version
	Constraints  string           // the constraint it was chosen by; "" for any version
	Source       string           // the text of the source expression
	ManifestName string           // the name in its plugin.json, where that is another
	RequiredBy   []plugin.Name    // the plugins that need it; sorted
	Resolved     string           // see plugin.SourceSpec.Resolved
	Binary       string           // plugin.NoBinary where the source says that there is none
	MinHost      plugin.Version   // the oldest host it runs on; zero: any, or not known
	ForceCompat  bool             // it was locked whatever host it needs, because somebody said so
	Manifest     string           // the plugin.json to write, where the package's does not count
	SignedBy     string           // whose signature its packages have: "minisign:KEY"; "": not looked for
	Packages     []plugin.Package // sorted by platform
}

// Plugin finds the plugin of that name.
func (f *File) Plugin(name plugin.Name) (Plugin, bool) {
	i, ok := slices.BinarySearchFunc(f.Plugins, name, func(p Plugin, n plugin.Name) int {
		return strings.Compare(string(p.Name), string(n))
	})
	if !ok {
		return Plugin{}, false
	}
	return f.Plugins[i], true
}

// Package finds the package for platform: its own, else the one for any.
func (p Plugin) Package(platform plugin.Platform) (plugin.Package, bool) {
	for _, want := range []plugin.Platform{platform, plugin.AnyPlatform} {
		for _, pkg := range p.Packages {
			if pkg.Platform == want {
				return pkg, true
			}
		}
	}
	return plugin.Package{}, false
}

// Platforms are those it has packages for.
func (p Plugin) Platforms() []plugin.Platform {
	platforms := make([]plugin.Platform, len(p.Packages))
	for i, pkg := range p.Packages {
		platforms[i] = pkg.Platform
	}
	return platforms
}

// Asked are the platforms beyond those declared for all that were once asked for:
// every plugin is locked for them that does not name its own. Where none are declared,
// the lock alone does not tell them from those that happened to be published.
func (f *File) Asked(required []plugin.Requirement, declared []plugin.Platform) []plugin.Platform {
	own := map[plugin.Name]bool{}
	for _, r := range required {
		own[r.Name] = r.Platforms != nil
	}
	var asked []plugin.Platform
	first := true
	for _, p := range f.Plugins {
		have := p.Platforms()
		if own[p.Name] || slices.Contains(have, plugin.AnyPlatform) {
			continue
		}
		if first {
			asked, first = have, false
		}
		asked = slices.DeleteFunc(asked, func(platform plugin.Platform) bool {
			return !slices.Contains(have, platform) || slices.Contains(declared, platform)
		})
	}
	return asked
}

// ManifestedName is the name its plugin.json must have.
func (p Plugin) ManifestedName() string {
	if p.ManifestName != "" {
		return p.ManifestName
	}
	return string(p.Name)
}

// Sort puts plugins, packages and dependents in the order of the file.
func (f *File) Sort() {
	slices.SortFunc(f.Plugins, func(a, b Plugin) int { return strings.Compare(string(a.Name), string(b.Name)) })
	for _, p := range f.Plugins {
		slices.Sort(p.RequiredBy)
		slices.SortFunc(p.Packages, func(a, b plugin.Package) int { return plugin.ComparePlatforms(a.Platform, b.Platform) })
	}
}
