package project

import (
	"context"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// Listing is what is declared, locked and installed, in the form that --json prints.
type Listing struct {
	FormatVersion string          `json:"format_version"`
	PluginDir     string          `json:"plugin_dir"`
	Platform      plugin.Platform `json:"platform"`
	Plugins       []Listed        `json:"plugins"`   // sorted by name
	Unmanaged     []string        `json:"unmanaged"` // folders that are left alone
	Interrupted   bool            `json:"interrupted"`
}

// Listed is one plugin of a listing.
type Listed struct {
	Name      plugin.Name    `json:"name"`
	Installed plugin.Version `json:"installed,omitzero"`
	Locked    plugin.Version `json:"locked,omitzero"`
	Source    string         `json:"source"`
	Declared  bool           `json:"declared"`
	Managed   bool           `json:"managed"` // installed by this program
	State     State          `json:"state"`
	Files     []string       `json:"files,omitempty"`   // what of its files differs, and how
	Problem   string         `json:"problem,omitempty"` // why it is neither there nor can be installed
}

// State is how what is installed of a plugin compares with what is wanted: StateOK, or
// the first that applies.
type State string

// The states; a plan has the same words for the reasons of its changes.
const (
	StateOK         State = "ok"
	StateBlocked    State = "blocked"              // what stands at its place is no folder
	StateUndeclared State = State(plan.Undeclared) // nothing asks for it any more
	StateUnlocked   State = "unlocked"             // it is declared, but not locked
	StateMissing    State = State(plan.Missing)    // it is not installed
	StateForeign    State = State(plan.Foreign)    // something else than this program put it there
	StateVersion    State = State(plan.Version)    // another version is locked
	StateFiles      State = State(plan.Files)      // its files are not those that were installed
	StateElsewhere  State = "elsewhere"            // its own platforms leave this one out
)

// stateOf compares what is installed of a plugin with what is locked.
func stateOf(r *Listed, now installed.Plugin, wanted bool) State {
	switch {
	case r.Problem != "":
		return StateBlocked
	case !wanted && !now.Present && now.Record == nil:
		return StateElsewhere
	case !wanted:
		return StateUndeclared
	case r.Locked.IsZero():
		return StateUnlocked
	case !now.Present:
		return StateMissing
	case now.Record == nil:
		return StateForeign
	case !r.Installed.Equal(r.Locked):
		return StateVersion
	case len(now.Drift) > 0:
		return StateFiles
	}
	return StateOK
}

// List tells which plugins are declared, locked and installed. It changes nothing.
func (p *Project) List(ctx context.Context) (*Listing, error) {
	l, err := p.locked()
	if err != nil {
		return nil, err
	}
	snap, err := p.scan(ctx, l, false)
	if err != nil {
		return nil, err
	}
	return &Listing{
		FormatVersion: plan.FormatVersion, PluginDir: p.ShownDir, Platform: p.Platform,
		Plugins: p.listed(l, snap), Unmanaged: append([]string{}, snap.Unmanaged...), Interrupted: snap.Interrupted,
	}, nil
}

// listed joins what is declared, locked and installed.
func (p *Project) listed(l *lock.File, snap *installed.Snapshot) []Listed {
	byName := map[plugin.Name]*Listed{}
	at := func(name plugin.Name) *Listed {
		if byName[name] == nil {
			byName[name] = &Listed{Name: name}
		}
		return byName[name]
	}
	for _, now := range snap.Plugins {
		if !now.Present {
			continue
		}
		r := at(now.Name)
		r.Installed, r.Managed = now.Version, now.Record != nil
		if now.Record != nil {
			r.Source = plugin.Redact(now.Record.Source)
		}
		if now.Blocked != nil {
			r.Problem = now.Blocked.Error()
		}
		for _, d := range now.Drift {
			r.Files = append(r.Files, d.String())
		}
	}
	for _, locked := range l.Plugins {
		r := at(locked.Name)
		r.Locked, r.Source = locked.Version, plugin.Redact(locked.Source)
	}
	for _, declared := range p.Config.Plugins {
		r := at(declared.Name)
		r.Declared, r.Source = true, plugin.Redact(declared.Source.Text)
	}
	wanted := map[plugin.Name]bool{}
	for _, r := range p.required(l) {
		wanted[r.Name] = r.WantedOn(p.Platform)
	}
	results := make([]Listed, 0, len(byName))
	for _, r := range byName {
		now, _ := snap.Plugin(r.Name)
		r.State = stateOf(r, now, wanted[r.Name])
		results = append(results, *r)
	}
	slices.SortFunc(results, func(a, b Listed) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return results
}

// LockedPlatforms are all those that a plugin is locked for; none where there is no lock.
func (p *Project) LockedPlatforms() []plugin.Platform {
	l, err := lock.Load(p.LockPath)
	if err != nil {
		return nil
	}
	var all []plugin.Platform
	for _, locked := range l.Plugins {
		for _, platform := range locked.Platforms() {
			if !slices.Contains(all, platform) {
				all = append(all, platform)
			}
		}
	}
	return all
}
