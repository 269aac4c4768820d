package project

import (
	"strings"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
)

// required is what is declared, and what the lock holds because that needs it.
func (p *Project) required(l *lock.File) []plugin.Requirement {
	all := p.Config.Plugins[:len(p.Config.Plugins):len(p.Config.Plugins)]
	for _, locked := range l.Implied(p.Config.Plugins) {
		registry, folder, _ := strings.Cut(locked.Source, "/")
		r := resolve.Implied(locked.Name, registry, folder, p.Config.Registries)
		for _, by := range locked.RequiredBy {
			if declared, ok := p.Config.Plugin(by); ok {
				r.Pos = declared.Pos
				break
			}
		}
		all = append(all, r)
	}
	return all
}
