package resolve

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/internal/solve"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// Newer is a plugin of which there are newer versions than the locked one.
type Newer struct {
	Requirement plugin.Requirement
	Locked      plugin.Version
	Allowed     plugin.Version // what an upgrade of all plugins would choose
	Newest      plugin.Version // that exists; a prerelease where one is locked, or all are
	// HeldBack says in words what keeps Newest from being Allowed.
	HeldBack []string
}

// FindNewer looks for newer versions of all that is locked, sorted by name. The error
// joins a [*plugin.Error] for each plugin whose source could not be asked; what is
// returned is about the others.
func FindNewer(ctx context.Context, in Input) ([]Newer, error) {
	upgrade := in
	upgrade.Upgrade = func(plugin.Name) bool { return true }
	choices, err := Choose(ctx, upgrade)
	if stay := in.stay(err); ctx.Err() == nil && len(stay) > 0 {
		upgrade.Upgrade = func(n plugin.Name) bool { return !slices.Contains(stay, n) }
		choices, err = Choose(ctx, upgrade)
	}
	found := make([]*Newer, len(choices))
	more := parallel.Each(len(choices), in.Jobs, func(i int) (err error) {
		r := choices[i].Requirement
		if found[i], err = upgrade.newer(ctx, choices[i], choices); err != nil {
			err = &plugin.Error{Plugin: r.Name, Pos: r.Pos, Err: err}
		}
		return err
	})
	var all []Newer
	for _, n := range found {
		if n != nil {
			all = append(all, *n)
		}
	}
	return all, errors.Join(err, more)
}

// stay are the plugins that stay as they are locked since no version of them could be
// chosen otherwise: rules that spare what is locked, its age and its host among them, would
// make an error of a lock that is fine.
func (in *Input) stay(err error) (names []plugin.Name) {
	if in.Previous == nil {
		return nil
	}
	for _, err := range each(err) {
		var conflict *ConflictError
		var none *NoVersionError
		var of *plugin.Error
		switch {
		case errors.As(err, &conflict):
			for _, locked := range in.Previous.Plugins {
				if locked.ForceCompat {
					names = append(names, locked.Name)
				}
			}
		case errors.As(err, &none) && errors.As(err, &of):
			names = append(names, of.Plugin)
		}
	}
	return names
}

// each are the errors that are joined in one.
func each(err error) (all []error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	for _, err := range joined.Unwrap() {
		all = append(all, each(err)...)
	}
	return all
}

// newer is nil where there is nothing newer than what is locked.
func (in *Input) newer(ctx context.Context, c Choice, others []Choice) (*Newer, error) {
	locked, ok := in.Previous.Plugin(c.Requirement.Name)
	if !ok || c.Requirement.Source.Kind.Local() {
		return nil, nil
	}
	candidates, err := c.Source.Candidates(ctx)
	if err != nil {
		return nil, err
	}
	newest := newestOf(candidates, locked.Version)
	if newest == nil || newest.Version.Compare(locked.Version) <= 0 && c.Version.Compare(locked.Version) <= 0 {
		return nil, nil
	}
	n := &Newer{Requirement: c.Requirement, Locked: locked.Version, Allowed: c.Version, Newest: newest.Version}
	if n.Newest.Compare(n.Allowed) <= 0 {
		n.Newest = n.Allowed
		return n, nil
	}
	n.HeldBack, err = in.heldBack(ctx, c, *newest, others)
	return n, err
}

// newestOf is the newest release; the newest of all where there is no release, or a
// prerelease is locked: whoever uses one wants to hear of the next.
func newestOf(candidates []source.Candidate, locked plugin.Version) (newest *source.Candidate) {
	all := locked.Prerelease() != "" || !slices.ContainsFunc(candidates, released)
	for i, c := range candidates {
		if all || released(c) {
			newest = &candidates[i]
		}
	}
	return newest
}

// released reports whether neither its version nor its publisher calls c a prerelease.
func released(c source.Candidate) bool { return c.Version.Prerelease() == "" && !c.Prerelease }

// heldBack says in words why a version is not chosen: something excludes it, others cannot
// be met with it, or would be older.
func (in *Input) heldBack(ctx context.Context, c Choice, newest source.Candidate, others []Choice) ([]string, error) {
	if why := in.ruledOut(&known{in: in, r: c.Requirement}, newest); why != "" {
		return []string{why}, nil
	}
	exact, err := plugin.ParseConstraint("= " + newest.Version.String())
	if err != nil {
		return nil, err
	}
	wanted := *in
	wanted.Observe = nil
	pinned := c.Requirement
	pinned.Constraint = exact
	wanted.Required = append(slices.DeleteFunc(slices.Clone(in.Required), func(r plugin.Requirement) bool { return r.Name == pinned.Name }), pinned)
	choices, err := Choose(ctx, wanted)
	var conflict *ConflictError
	switch {
	case errors.As(err, &conflict):
		return about(conflict, pinned.Name), nil
	case err != nil:
		return nil, err
	}
	return older(choices, others), nil
}

// ruledOut says in words what excludes a version, whatever others need; "" if nothing does.
func (in *Input) ruledOut(k *known, c source.Candidate) string {
	rule, why := in.excludes(k, c)
	if rule == ByConstraint {
		return fmt.Sprintf("%q does not allow it", k.r.Constraint)
	}
	return why
}

// about are the facts that hold a plugin back: those that say which it may be, else those
// that it runs into.
func about(conflict *ConflictError, name plugin.Name) []string {
	if texts := conflict.About(solve.Package{Name: name}); len(texts) > 0 {
		return texts
	}
	var texts []string
	for _, f := range conflict.Facts {
		if f.Kind != solve.Required {
			texts = append(texts, f.Text)
		}
	}
	return texts
}

// WhyNot says in words why a version of a plugin is not what [Choose] chooses; nothing where
// that cannot be said.
func WhyNot(ctx context.Context, in Input, r plugin.Requirement, v plugin.Version) ([]string, error) {
	k, err := in.know(ctx, r)
	if err != nil {
		return nil, err
	}
	i := indexOf(k.candidates, v)
	if i < 0 {
		return []string{"its source does not list it any more"}, nil
	}
	return in.heldBack(ctx, Choice{Requirement: r}, k.candidates[i], nil)
}

// older tells of the plugins that would be older than they are.
func older(choices, than []Choice) (texts []string) {
	for _, was := range than {
		for _, c := range choices {
			if c.Requirement.Name == was.Requirement.Name && c.Version.Compare(was.Version) < 0 {
				texts = append(texts, fmt.Sprintf("with it, %s would be %s, not %s", c.Requirement.Name, c.Version, was.Version))
			}
		}
	}
	return texts
}
