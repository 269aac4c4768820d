package project

import (
	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// Nearby tells where a package of a plan is, as far as this machine knows.
type Nearby struct {
	Cached bool
	Size   int64 // in bytes, of one that is to be fetched; -1: not known
}

// Nearby tells which packages of a plan are cached, and which are to be fetched: those
// of local folders, and what is removed, left out. It changes nothing, and needs no network.
func (p *Project) Nearby(made *plan.Plan) map[plugin.Name]Nearby {
	peek := access.NewPeek(p.reaching())
	all := map[plugin.Name]Nearby{}
	for _, c := range made.Changes {
		if c.Action == plan.Remove {
			continue
		}
		if cached, size, ok := peek.Package(c.Package); ok {
			all[c.Name] = Nearby{Cached: cached, Size: size}
		}
	}
	return all
}
