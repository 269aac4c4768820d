package project

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// Matches is what [Project.Search] found, in the form that --json prints.
type Matches struct {
	FormatVersion string    `json:"format_version"`
	Query         string    `json:"query"`
	Plugins       []Match   `json:"plugins"`  // the best first
	Problems      []Problem `json:"problems"` // registries that could not be searched, or not all of them
}

// Match is a plugin of a registry that was searched for.
type Match struct {
	Name        plugin.Name    `json:"name"`
	Registry    string         `json:"registry"`
	Version     plugin.Version `json:"version,omitzero"` // the newest, as the index says
	Type        string         `json:"type,omitempty"`
	Tier        string         `json:"tier,omitempty"`
	Description string         `json:"description,omitempty"`
	Keywords    []string       `json:"keywords"`
	Declared    bool           `json:"declared"`
}

// ErrNoRegistry is found in the error for what is about registries, where the
// configuration declares none.
var ErrNoRegistry = errors.New("no registry is declared")

// Search looks in the indexes of all registries for plugins in whose name, description
// or keywords each word of a query stands, whatever its case. An empty query finds all.
// A registry that cannot be searched is a problem in the result, and an error only
// where no other one can.
func (p *Project) Search(ctx context.Context, query string) (*Matches, error) {
	indexes, err := p.indexes(ctx)
	if err != nil {
		return nil, err
	}
	out := &Matches{FormatVersion: plan.FormatVersion, Query: query, Plugins: []Match{}, Problems: []Problem{}}
	words := strings.Fields(strings.ToLower(query))
	ranks := map[string]int{}
	var failed []error
	for _, x := range indexes {
		switch {
		case x.err != nil:
			failed = append(failed, x.err)
			out.Problems = append(out.Problems, Problem{Message: plugin.Redact(x.err.Error())})
			continue
		case x.index.Unreadable > 0:
			out.Problems = append(out.Problems, Problem{
				Message: fmt.Sprintf("the index of registry %q has %d entries that cannot be read", x.index.Registry, x.index.Unreadable),
			})
		}
		for _, entry := range x.index.Entries {
			if rank, ok := rankOf(entry, words); ok {
				m := p.match(x.index.Registry, entry)
				out.Plugins = append(out.Plugins, m)
				ranks[m.Registry+"/"+string(m.Name)] = rank
			}
		}
	}
	if len(failed) == len(indexes) {
		return nil, errors.Join(failed...)
	}
	slices.SortStableFunc(out.Plugins, func(a, b Match) int {
		return cmp.Or(cmp.Compare(ranks[a.Registry+"/"+string(a.Name)], ranks[b.Registry+"/"+string(b.Name)]), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}

func (p *Project) match(registry string, e source.Entry) Match {
	declared := slices.ContainsFunc(p.Config.Plugins, func(r plugin.Requirement) bool {
		return r.Source.Registry == registry && r.Source.Plugin == string(e.Name)
	})
	return Match{
		Name: e.Name, Registry: registry, Version: e.Version, Type: e.Type, Tier: e.Tier, Description: e.Description,
		Keywords: append([]string{}, e.Keywords...), Declared: declared,
	}
}

// rankOf is how well an entry fits, 0 the best; not ok where a word is missing. A word
// of the name counts more than one of the keywords, and that more than one that is only
// talked about.
func rankOf(e source.Entry, words []string) (rank int, ok bool) {
	name, description := string(e.Name), strings.ToLower(e.Description)
	for _, w := range words {
		keyword := slices.IndexFunc(e.Keywords, func(k string) bool { return strings.Contains(strings.ToLower(k), w) }) >= 0
		switch {
		case name == w || plugin.SameName(name, w):
		case strings.HasPrefix(plugin.ShortName(name), w):
			rank++
		case strings.Contains(name, w):
			rank += 2
		case keyword:
			rank += 4
		case strings.Contains(description, w):
			rank += 8
		default:
			return 0, false
		}
	}
	return rank, true
}

// searched is the index of a registry, or why there is none.
type searched struct {
	index *source.Index
	err   error
}

// indexes are those of all registries, in the order written.
func (p *Project) indexes(ctx context.Context) (all []searched, err error) {
	if p.blind {
		return nil, ErrNoConfig
	}
	if len(p.Config.Registries) == 0 {
		return nil, fmt.Errorf("%s: %w", p.Config.Path, ErrNoRegistry)
	}
	reach, err := p.access()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reach.Close()) }()
	set := p.sources(reach)
	all = make([]searched, len(p.Config.Registries))
	_ = parallel.Each(len(all), 8, func(i int) error {
		all[i].index, all[i].err = set.Index(ctx, p.Config.Registries[i].Name)
		return nil
	})
	return all, ctx.Err()
}

// NotFoundError says that a registry has not the plugin that was to be added.
type NotFoundError struct {
	Plugin    plugin.Name
	Near      []string // what may be meant: REGISTRY/PLUGIN, or PLUGIN of the first registry
	Elsewhere []string // other registries that have it: REGISTRY/PLUGIN
	Err       error
}

func (e *NotFoundError) Error() string { return e.Err.Error() }
func (e *NotFoundError) Unwrap() error { return e.Err }

// notFound adds to an error that says so what may be meant.
func (p *Project) notFound(ctx context.Context, name plugin.Name, err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, one := range joined.Unwrap() {
			all = append(all, p.notFound(ctx, name, one))
		}
		return errors.Join(all...)
	}
	if failed := (*plugin.Error)(nil); errors.As(err, &failed) && failed.Plugin != name {
		return err
	}
	var unknown *source.UnknownPluginError
	if !errors.As(err, &unknown) || len(p.Config.Registries) == 0 {
		return err
	}
	out := &NotFoundError{Plugin: name, Err: err}
	if unknown.Near != "" {
		out.Near = append(out.Near, p.shortest(unknown.Registry, unknown.Near))
	}
	indexes, failed := p.indexes(ctx)
	if failed != nil {
		return out
	}
	for _, x := range indexes {
		if x.err != nil {
			continue
		}
		var names []string
		for _, entry := range x.index.Entries {
			names = append(names, string(entry.Name))
		}
		if x.index.Registry != unknown.Registry && slices.Contains(names, unknown.Plugin) {
			out.Elsewhere = append(out.Elsewhere, x.index.Registry+"/"+unknown.Plugin)
		}
		for _, near := range nearest(unknown.Plugin, names) {
			if text := p.shortest(x.index.Registry, near); !slices.Contains(out.Near, text) && near != unknown.Plugin {
				out.Near = append(out.Near, text)
			}
		}
	}
	out.Near = out.Near[:min(len(out.Near), maxNear)]
	return out
}

const maxNear = 5

// shortest is how a plugin of a registry can be asked for.
func (p *Project) shortest(registry, name string) string {
	if registry == p.Config.Registries[0].Name {
		return name
	}
	return registry + "/" + name
}

// nearest are names that may be meant: slips of the finger, and longer or shorter ones.
func nearest(given string, names []string) []string {
	var out []string
	for rest := slices.Clone(names); len(out) < maxNear; {
		near := plugin.Nearest(given, rest)
		if near == "" {
			break
		}
		out = append(out, near)
		rest = slices.DeleteFunc(rest, func(n string) bool { return n == near })
	}
	for _, n := range names {
		if len(given) > 2 && !slices.Contains(out, n) && (strings.Contains(n, given) || len(n) > 2 && strings.Contains(given, n)) {
			out = append(out, n)
		}
	}
	return out[:min(len(out), maxNear)]
}
