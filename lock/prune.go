package lock

import (
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
)

// Prune is f without what nothing needs once only these plugins are declared. What is
// left is as it was, but for the names of dependents that are gone, and for what a
// declaration said that is gone.
func (f *File) Prune(required []plugin.Requirement) *File {
	declared := map[plugin.Name]bool{}
	for _, r := range required {
		declared[r.Name] = true
	}
	out := &File{}
	left := map[plugin.Name]bool{}
	for _, p := range f.Plugins {
		if declared[p.Name] || f.needed(p, declared) {
			out.Plugins = append(out.Plugins, p)
			left[p.Name] = true
		}
	}
	for i, p := range out.Plugins {
		if !declared[p.Name] {
			out.Plugins[i].Constraints = ""
		}
		out.Plugins[i].RequiredBy = slices.DeleteFunc(slices.Clone(p.RequiredBy), func(n plugin.Name) bool { return !left[n] })
	}
	return out
}
