package project

import (
	"fmt"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// Reasons is why a plugin is locked, in the form that --json prints.
type Reasons struct {
	FormatVersion string         `json:"format_version"`
	Name          plugin.Name    `json:"name"`
	Version       plugin.Version `json:"version"`
	Declared      string         `json:"declared,omitempty"` // where the configuration does so: file and line
	Chains        [][]Link       `json:"chains"`             // from a declared plugin to this one
	More          bool           `json:"more,omitempty"`     // there are more than these 100
}

// Link is one plugin of a chain, which needs the next.
type Link struct {
	Name     plugin.Name    `json:"name"`
	Version  plugin.Version `json:"version"`
	Declared string         `json:"declared,omitempty"`
}

// maxChains bounds what is told: in a tangle there are more ways than anybody reads.
const maxChains = 100

// NotLockedByNameError says that no plugin of a name is locked.
type NotLockedByNameError struct {
	Name plugin.Name
	Near string // a name that may be meant; "" for none
}

func (e *NotLockedByNameError) Error() string {
	text := fmt.Sprintf("no plugin %q is locked", e.Name)
	if e.Near != "" {
		text += fmt.Sprintf("; did you mean %q?", e.Near)
	}
	return text
}

// Why tells each chain by which a plugin is locked, from the lock and the configuration
// alone. The name may have "workflow-plugin-" before it, or lack it.
func (p *Project) Why(name plugin.Name) (*Reasons, error) {
	if p.blind {
		return nil, ErrNoConfig
	}
	l, err := lock.Load(p.LockPath)
	if err != nil {
		return nil, err
	}
	locked, err := findLocked(l, name)
	if err != nil {
		return nil, err
	}
	out := &Reasons{
		FormatVersion: plan.FormatVersion, Name: locked.Name, Version: locked.Version,
		Declared: p.declaredAt(locked.Name), Chains: p.chainsTo(l, locked),
	}
	if out.More = len(out.Chains) > maxChains; out.More {
		out.Chains = out.Chains[:maxChains]
	}
	return out, nil
}

func findLocked(l *lock.File, name plugin.Name) (lock.Plugin, error) {
	if locked, ok := l.Plugin(name); ok {
		return locked, nil
	}
	names := make([]string, len(l.Plugins))
	for i, locked := range l.Plugins {
		if plugin.SameName(string(locked.Name), string(name)) {
			return locked, nil
		}
		names[i] = string(locked.Name)
	}
	return lock.Plugin{}, &NotLockedByNameError{Name: name, Near: plugin.Nearest(string(name), names)}
}

// declaredAt is where the configuration declares a plugin; "" where it does not.
func (p *Project) declaredAt(name plugin.Name) string {
	r, ok := p.Config.Plugin(name)
	if !ok {
		return ""
	}
	return r.Pos.String()
}

// chainsTo are the ways from declared plugins to one. Nothing is in a way twice, and none
// goes on above a declared plugin.
func (p *Project) chainsTo(l *lock.File, at lock.Plugin) (all [][]Link) {
	all = [][]Link{}
	p.climb(l, at, nil, map[plugin.Name]bool{}, &all)
	return all
}

// climb adds the ways that lead to a plugin; below is the way down from it.
func (p *Project) climb(l *lock.File, at lock.Plugin, below []Link, in map[plugin.Name]bool, all *[][]Link) {
	in[at.Name] = true
	defer delete(in, at.Name)
	chain := append([]Link{{Name: at.Name, Version: at.Version, Declared: p.declaredAt(at.Name)}}, below...)
	for _, by := range at.RequiredBy {
		parent, ok := l.Plugin(by)
		if !ok || in[by] || len(*all) > maxChains {
			continue
		}
		if declared := p.declaredAt(by); declared != "" {
			*all = append(*all, append([]Link{{Name: by, Version: parent.Version, Declared: declared}}, chain...))
			continue
		}
		// Without looking ahead, a tangle is walked in all its ways, most of them to nowhere.
		if p.leadsUp(l, parent, in) {
			p.climb(l, parent, chain, in, all)
		}
	}
}

// leadsUp reports whether a way leads from a plugin up to a declared one, past those in it.
func (p *Project) leadsUp(l *lock.File, from lock.Plugin, in map[plugin.Name]bool) bool {
	seen := map[plugin.Name]bool{from.Name: true}
	for next := []lock.Plugin{from}; len(next) > 0; {
		at := next[0]
		next = next[1:]
		for _, by := range at.RequiredBy {
			parent, ok := l.Plugin(by)
			if !ok || in[by] || seen[by] {
				continue
			}
			if p.declaredAt(by) != "" {
				return true
			}
			seen[by] = true
			next = append(next, parent)
		}
	}
	return false
}
