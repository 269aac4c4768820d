package resolve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/internal/parallel"
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
	// Platforms are those the configuration declares: a version that is known to
	// fail on another one is not ruled out. None declared means all.
	Platforms []plugin.Platform
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
	Kept bool
}

// Choose picks one version for each requirement, sorted by name. Every
// requirement that cannot be met is reported: the error joins a [*plugin.Error]
// for each, and the choices are those for the others.
func Choose(ctx context.Context, in Input) ([]Choice, error) {
	choices := make([]Choice, len(in.Required))
	err := parallel.Each(len(in.Required), cmp.Or(in.Jobs, 8), func(i int) (err error) {
		r := in.Required[i]
		if choices[i], err = in.choose(ctx, r); err != nil {
			err = &plugin.Error{Plugin: r.Name, Pos: r.Pos, Err: err}
		}
		return err
	})
	choices = slices.DeleteFunc(choices, func(c Choice) bool { return c.Source == nil })
	slices.SortFunc(choices, func(a, b Choice) int {
		return strings.Compare(string(a.Requirement.Name), string(b.Requirement.Name))
	})
	return choices, err
}

func (in *Input) choose(ctx context.Context, r plugin.Requirement) (Choice, error) {
	src, err := in.Sources(r)
	if err != nil {
		return Choice{}, err
	}
	locked, isLocked := in.locked(r)
	if isLocked && !r.Source.Kind.Local() && locked.SamePlace(r.Source) {
		if c, kept, err := in.keep(ctx, r, src, locked); kept || err != nil {
			return c, err
		}
	}
	candidates, err := src.Candidates(ctx)
	if err != nil {
		return Choice{}, err
	}
	chosen, err := in.pick(r, candidates, locked, isLocked)
	if err != nil {
		return Choice{}, err
	}
	return Choice{Requirement: r, Source: src, Version: chosen.Version, MinHost: chosen.MinEngine}, nil
}

// pick takes of the candidates the one that is locked, else the newest.
func (in *Input) pick(r plugin.Requirement, candidates []source.Candidate, locked lock.Plugin, isLocked bool) (source.Candidate, error) {
	var allowed []source.Candidate
	var ruledOut []Exclusion
	for _, c := range candidates {
		wasLocked := isLocked && locked.Version.Equal(c.Version)
		if wasLocked && c.MinEngine.IsZero() {
			c.MinEngine = locked.MinHost
		}
		rule, why := in.excludes(r, c)
		if rule == "" && !wasLocked {
			rule, why = flagged(r.Constraint, c)
		}
		if rule == "" && !wasLocked {
			rule, why = in.tooYoung(r, c)
		}
		if rule != "" {
			ruledOut = append(ruledOut, Exclusion{Version: c.Version, Rule: rule, Why: why})
			continue
		}
		allowed = append(allowed, c)
	}
	if len(allowed) == 0 {
		return source.Candidate{}, &NoVersionError{Constraint: r.Constraint, RuledOut: ruledOut}
	}
	if i := indexOf(allowed, locked.Version); isLocked && i >= 0 {
		return allowed[i], nil
	}
	return allowed[len(allowed)-1], nil
}

// keep chooses what is locked, whether its source still lists it or not; it is not
// kept where something rules it out.
func (in *Input) keep(ctx context.Context, r plugin.Requirement, src source.Source, locked lock.Plugin) (Choice, bool, error) {
	c := source.Candidate{Version: locked.Version}
	// A fixed address lists nothing: what lies there is held against the lock's digest.
	if !r.Source.Kind.Addressed() {
		listed, err := src.Candidates(ctx)
		if err != nil && !errors.Is(err, source.ErrNoRelease) && !errors.Is(err, source.ErrOffline) {
			return Choice{}, false, err
		}
		if i := indexOf(listed, locked.Version); i >= 0 {
			c = listed[i]
		}
	}
	if c.MinEngine.IsZero() {
		c.MinEngine = locked.MinHost
	}
	if rule, _ := in.excludes(r, c); rule != "" {
		return Choice{}, false, nil
	}
	return Choice{Requirement: r, Source: src, Version: c.Version, MinHost: c.MinEngine, Kept: true}, true, nil
}

func indexOf(candidates []source.Candidate, v plugin.Version) int {
	return slices.IndexFunc(candidates, func(c source.Candidate) bool { return c.Version.Equal(v) })
}

// locked is what stays if it is allowed. A plugin that comes from elsewhere now has
// nothing that does.
func (in *Input) locked(r plugin.Requirement) (lock.Plugin, bool) {
	if in.Previous == nil || in.Upgrade != nil && in.Upgrade(r.Name) {
		return lock.Plugin{}, false
	}
	p, ok := in.Previous.Plugin(r.Name)
	return p, ok && p.SameSource(r.Source)
}

// excludes says why c cannot be chosen, and in words; "" if it can.
func (in *Input) excludes(r plugin.Requirement, c source.Candidate) (Rule, string) {
	switch {
	case r.Source.Kind.Local() && r.Constraint.String() == "":
	case !r.Constraint.Allows(c.Version):
		return notAllowed(r.Constraint, c.Version)
	}
	if why := in.Host.TooOld(c.MinEngine); why != "" {
		return ByHost, why
	}
	for _, e := range c.Evidence {
		if e.Failed && !in.Host.Version.IsZero() && e.Engine.Equal(in.Host.Version) && in.concerns(r, e.Platform) {
			return ByEvidence, fmt.Sprintf("the registry lists it as failing with %s %s", in.Host.Name, in.Host.Version)
		}
	}
	return "", ""
}

// notAllowed tells a prerelease of a version that would be allowed from what is out
// of the constraint's range.
func notAllowed(c plugin.Constraint, v plugin.Version) (Rule, string) {
	switch {
	case v.Prerelease() == "" || !c.Allows(v.Release()):
		return ByConstraint, "the constraint does not allow it"
	case c.String() == "":
		return ByPrerelease, "it is a prerelease, and no constraint names one"
	}
	return ByPrerelease, fmt.Sprintf("it is a prerelease, and the constraint names none of %s", v.Release())
}

// flagged says that c's publisher calls it a prerelease, and the constraint does not ask
// for it. That its version is not one's makes no difference: 1.2.3 is then named by
// "1.2.3" or by a prerelease of it, not by "^1".
func flagged(c plugin.Constraint, candidate source.Candidate) (Rule, string) {
	v := candidate.Version
	exact, ok := c.Exact()
	if !candidate.Prerelease || v.Prerelease() != "" || ok && exact.Equal(v) || c.Names(v) {
		return "", ""
	}
	return ByPrerelease, "its publisher calls it a prerelease, and the constraint does not name it"
}

// tooYoung says that c is younger than the policy wants new versions to be, and in
// words; "" if it is not. What the user wrote down as a path or as one version of
// an address is no news, and nobody could tell its age.
func (in *Input) tooYoung(r plugin.Requirement, c source.Candidate) (Rule, string) {
	_, exact := r.Constraint.Exact()
	switch {
	case in.MinAge == 0, r.Source.Kind.Local(), r.Source.Kind.Addressed() && exact:
		return "", ""
	case c.Released.IsZero():
		return ByAge, fmt.Sprintf("the policy wants it to be %s old, and its source does not tell its age", in.MinAge)
	case in.Now.Sub(c.Released) < in.MinAge:
		return ByAge, fmt.Sprintf("it was released on %s, and the policy wants it to be %s old", c.Released.Format(time.DateOnly), in.MinAge)
	}
	return "", ""
}

// concerns reports whether evidence from platform, any part of which may be left
// out, is about one of the platforms that r is locked for.
func (in *Input) concerns(r plugin.Requirement, platform plugin.Platform) bool {
	wanted := in.Platforms
	if r.Platforms != nil {
		wanted = r.Platforms
	}
	if len(wanted) == 0 {
		return true
	}
	return slices.ContainsFunc(wanted, func(p plugin.Platform) bool {
		return (platform.OS == "" || platform.OS == p.OS) && (platform.Arch == "" || platform.Arch == p.Arch)
	})
}
