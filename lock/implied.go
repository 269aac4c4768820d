package lock

import "github.com/plugins-hcl/plugins/plugin"

// Implied are the plugins that are locked only because others that are declared need
// them, directly or by way of others; sorted by name.
func (f *File) Implied(declared []plugin.Requirement) []Plugin {
	names := map[plugin.Name]bool{}
	for _, r := range declared {
		names[r.Name] = true
	}
	var implied []Plugin
	for _, p := range f.Plugins {
		if !names[p.Name] && f.needed(p, names) {
			implied = append(implied, p)
		}
	}
	return implied
}

// needed reports whether a declared plugin needs p, directly or by way of others.
func (f *File) needed(p Plugin, declared map[plugin.Name]bool) bool {
	seen := map[plugin.Name]bool{}
	var up func(Plugin) bool
	up = func(p Plugin) bool {
		if seen[p.Name] {
			return false
		}
		seen[p.Name] = true
		for _, by := range p.RequiredBy {
			if declared[by] {
				return true
			}
			if parent, ok := f.Plugin(by); ok && up(parent) {
				return true
			}
		}
		return false
	}
	return up(p)
}
