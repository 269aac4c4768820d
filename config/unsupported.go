package config

import (
	"fmt"

	"github.com/plugins-hcl/plugins/plugin"
)

// UnsupportedFeature is something a file says that this version of the program reads
// but cannot act upon.
type UnsupportedFeature struct {
	What string // "sources of GitHub"
	Pos  plugin.Pos
}

// Unsupported lists what the file asks for and this version cannot do. A command that
// would have to act upon it must refuse: a signature that nobody checks is worse
// than none.
func (f *File) Unsupported() []UnsupportedFeature {
	var out []UnsupportedFeature
	add := func(pos plugin.Pos, format string, args ...any) {
		out = append(out, UnsupportedFeature{What: plugin.Redact(fmt.Sprintf(format, args...)), Pos: pos})
	}
	for _, p := range f.Plugins {
		if what := p.Source.Kind.Missing(); what != "" {
			add(p.Source.Pos, "%s (plugin %q)", what, p.Name)
		}
	}
	return out
}
