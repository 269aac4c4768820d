package resolve

import (
	"context"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// Held is a plugin of which there is a newer version than the one chosen.
type Held struct {
	Plugin plugin.Name
	Chosen plugin.Version
	Newest plugin.Version // that exists; a prerelease where one is chosen, or all are
	// Allowed is the newest that nothing but the lock, or another plugin, keeps from being
	// chosen; zero where there is none.
	Allowed plugin.Version
	Why     []string // in words, why Newest is not chosen; none where it is only that the lock stays
}

// maxSolved is of how many plugins that others hold back it is found out which do: each
// takes solving everything once more.
const maxSolved = 10

// HeldBack tells what holds back the plugins of choices that [Choose] made of in, in their
// order. It goes by what their sources said then.
func HeldBack(ctx context.Context, in Input, choices []Choice) []Held {
	in.Observe = nil
	in.Sources = remembering(in.Sources, choices)
	var all []Held
	solved := 0
	for _, c := range choices {
		h := in.held(c)
		if h == nil {
			continue
		}
		if h.byOthers {
			if solved++; solved <= maxSolved {
				h.Why, _ = in.heldBack(ctx, c, h.newest, choices)
			}
			if len(h.Why) == 0 {
				h.Why = []string{"it does not go with what others need"}
			}
		}
		all = append(all, h.Held)
	}
	return all
}

// holding is what is found out of a plugin without solving.
type holding struct {
	Held
	newest   source.Candidate
	byOthers bool // nothing but other plugins can hold it back
}

// held is nil where the newest is chosen, or nothing is known of what there is.
func (in *Input) held(c Choice) *holding {
	if c.known == nil || c.Requirement.Source.Kind.Local() {
		return nil
	}
	newest := newestOf(c.known.candidates, c.Version)
	if newest == nil || newest.Version.Compare(c.Version) <= 0 {
		return nil
	}
	h := &holding{newest: *newest}
	h.Plugin, h.Chosen, h.Newest = c.Requirement.Name, c.Version, newest.Version
	for _, other := range c.known.candidates {
		if rule, _ := in.excludes(c.known, other); rule == "" && other.Version.Compare(c.Version) > 0 {
			h.Allowed = other.Version
		}
	}
	if why := in.ruledOut(c.known, *newest); why != "" {
		h.Why = []string{why}
		return h
	}
	h.byOthers = !c.Kept
	return h
}

// remembering makes of the sources of choices such that say again what they said.
func remembering(ask func(plugin.Requirement) (source.Source, error), choices []Choice) func(plugin.Requirement) (source.Source, error) {
	return func(r plugin.Requirement) (source.Source, error) {
		for _, c := range choices {
			if c.known != nil && c.Requirement.Name == r.Name && c.Requirement.Source.Text == r.Source.Text {
				return remembered{c.Source, c.known.candidates}, nil
			}
		}
		return ask(r)
	}
}

type remembered struct {
	source.Source
	candidates []source.Candidate
}

func (r remembered) Candidates(context.Context) ([]source.Candidate, error) { return r.candidates, nil }
