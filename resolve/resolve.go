package resolve

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/internal/solve"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// Input is what to choose from.
type Input struct {
	Required []plugin.Requirement
	Sources  func(plugin.Requirement) (source.Source, error)
	Previous *lock.File             // versions that stay where they are allowed; may be nil
	Upgrade  func(plugin.Name) bool // whether to take the newest all the same; may be nil
	Host     plugin.Host
	// ForceCompat says of which plugins it does not matter what the host is; may be nil.
	ForceCompat func(plugin.Name) bool
	// Platforms are those the configuration declares: a version that is known to
	// fail on another one is not ruled out. None declared means all.
	Platforms []plugin.Platform
	// Registries are where plugins come from that only others need.
	Registries []plugin.Registry
	// Names are those of all plugins of a registry, to be told where one is asked for that it
	// does not have; nil where they are not known. It may be nil.
	Names func(ctx context.Context, registry string) []string
	// Observe is told how far asking the sources of what is declared is; it may be nil.
	Observe plugin.Observer
	// Allow says why such a plugin may not be installed; nil: all may.
	Allow func(plugin.Requirement) error
	// Manifest opens the package of a choice for its plugin.json, where its source does
	// not tell what it needs; nil: then it needs nothing.
	Manifest func(context.Context, Choice) (plugin.Manifest, error)
	// MinAge keeps out versions released after Now less MinAge, and those of which
	// that is not known, unless they are locked, or are the user's own word: a local
	// source, an address of one exact version. 0 keeps out none.
	MinAge time.Duration
	Now    time.Time
	Jobs   int // sources asked at once; 0: 8
}

// Choice is the version chosen of one plugin.
type Choice struct {
	Requirement plugin.Requirement
	Source      source.Source
	Version     plugin.Version
	MinHost     plugin.Version // the oldest host it runs on; zero: any, or not known
	// Kept says that the version stays as it is locked, with its addresses and
	// digests, whatever its source lists now.
	Kept       bool
	Forced     bool                // it does not matter whether it runs on the host
	Needs      []plugin.Dependency // what it was found to need
	Told       bool                // that is its source's word; else its package's
	RequiredBy []plugin.Name       // the others chosen that need it; sorted

	known *known // what it was chosen from
}

// ConflictError says in words why requirements cannot be met together.
type ConflictError = solve.Conflict

// Choose picks one version for each requirement, and for each plugin that those need,
// sorted by name: decisions are taken for the requirements by name, then always for the
// least-named plugin that is still needed, and each gets its locked version if that is
// allowed, else the newest, with which everything after it can still be met.
//
// Every requirement that cannot be met is reported: the error joins a [*plugin.Error]
// for each that fails alone, a [*ConflictError] for those that fail together, and the
// choices are those for the others.
func Choose(ctx context.Context, in Input) ([]Choice, error) {
	w := &world{
		Input: &in, declared: map[plugin.Name]*known{}, failed: map[plugin.Name]bool{},
		found: map[string]*lookup{}, implied: map[solve.Package]*known{}, missing: map[solve.Package]solve.Listing{},
	}
	failed := w.knowDeclared(ctx)
	if ctx.Err() != nil {
		return nil, errors.Join(failed, ctx.Err())
	}
	var required []solve.Requirement
	for _, r := range in.Required {
		if !w.failed[r.Name] {
			required = append(required, solve.Requirement{Package: solve.Package{Name: r.Name}, Range: in.asked(r)})
		}
	}
	solution, err := solve.Solve(ctx, solve.Input{Required: required, Provider: w, Host: in.Host, Jobs: in.Jobs})
	if err != nil {
		return w.alone(), errors.Join(failed, w.explain(err))
	}
	choices := make([]Choice, 0, len(solution))
	for _, s := range solution {
		k, _ := w.of(s.Package)
		c := k.choose(k.candidates[indexOf(k.candidates, s.Version)])
		for _, by := range s.RequiredBy {
			c.RequiredBy = append(c.RequiredBy, by.Name)
		}
		slices.Sort(c.RequiredBy)
		choices = append(choices, c)
	}
	sortChoices(choices)
	return choices, failed
}

func sortChoices(choices []Choice) {
	slices.SortFunc(choices, func(a, b Choice) int {
		return strings.Compare(string(a.Requirement.Name), string(b.Requirement.Name))
	})
}

// alone are the choices for the declared plugins, each as if there were no other: what
// else is wrong with them is to be told, too.
func (w *world) alone() (choices []Choice) {
	for _, k := range w.declared {
		if c, err := w.pick(k); err == nil {
			choices = append(choices, k.choose(c))
		}
	}
	sortChoices(choices)
	return choices
}

// asked is the range of a requirement: a local source has the version it has.
func (in *Input) asked(r plugin.Requirement) solve.Range {
	return solve.Range{Constraint: r.Constraint, Every: r.Source.Kind.Local() && r.Constraint.String() == ""}
}

// explain names the plugin in what went wrong with the source of one.
func (w *world) explain(err error) error {
	var errs []error
	for _, err := range each(err) {
		var failed *solve.ProviderError
		if errors.As(err, &failed) {
			r := plugin.Requirement{Name: failed.Package.Name}
			if k, _ := w.of(failed.Package); k != nil {
				r = k.r
			}
			err = &plugin.Error{Plugin: r.Name, Pos: r.Pos, Err: failed.Err}
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// knowDeclared asks the sources of all that is declared. What cannot be had alone is
// reported at once.
func (w *world) knowDeclared(ctx context.Context) error {
	all := make([]*known, len(w.Required))
	step := w.Observe.Step(plugin.StepVersions, len(w.Required))
	err := parallel.Each(len(w.Required), cmp.Or(w.Jobs, 8), func(i int) error {
		defer step()
		r := w.Required[i]
		k, err := w.know(ctx, r)
		if err == nil {
			_, err = w.pick(k)
		}
		if err != nil {
			return &plugin.Error{Plugin: r.Name, Pos: r.Pos, Err: err}
		}
		all[i] = k
		return nil
	})
	for i, k := range all {
		if name := w.Required[i].Name; k != nil {
			w.declared[name] = k
		} else {
			w.failed[name] = true
		}
	}
	return err
}
