package resolve

import (
	"cmp"
	"context"
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
	Host     Host
	// Platforms are those the configuration declares: a version that is known to
	// fail on another one is not ruled out. None declared means all.
	Platforms []plugin.Platform
	// MinAge keeps out versions released after Now less MinAge, and those of which
	// that is not known, unless they are locked; 0 keeps out none.
	MinAge time.Duration
	Now    time.Time
	Jobs   int // sources asked at once; 0: 8
}

// Host is the program that loads the plugins.
type Host struct {
	Name    string
	Version plugin.Version // zero: nothing is checked
}

// Choice is the version chosen of one plugin.
type Choice struct {
	Requirement plugin.Requirement
	Source      source.Source
	Version     plugin.Version
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
	candidates, err := src.Candidates(ctx)
	if err != nil {
		return Choice{}, err
	}
	locked, isLocked := in.locked(r)
	var allowed []plugin.Version
	var ruledOut []Exclusion
	for _, c := range candidates {
		why := in.excludes(r, c)
		if why == "" && !(isLocked && locked.Equal(c.Version)) {
			why = in.tooYoung(c)
		}
		if why != "" {
			ruledOut = append(ruledOut, Exclusion{Version: c.Version, Why: why})
			continue
		}
		allowed = append(allowed, c.Version)
	}
	if len(allowed) == 0 {
		return Choice{}, &NoVersionError{Constraint: r.Constraint, RuledOut: ruledOut}
	}
	chosen := allowed[len(allowed)-1]
	if isLocked && slices.ContainsFunc(allowed, locked.Equal) {
		chosen = locked
	}
	return Choice{Requirement: r, Source: src, Version: chosen}, nil
}

// locked is the version that stays if it is allowed. A plugin that comes from
// elsewhere now has none.
func (in *Input) locked(r plugin.Requirement) (plugin.Version, bool) {
	if in.Previous == nil || in.Upgrade != nil && in.Upgrade(r.Name) {
		return plugin.Version{}, false
	}
	p, ok := in.Previous.Plugin(r.Name)
	return p.Version, ok && p.Source == r.Source.Text && p.Resolved == r.Source.Resolved()
}

// excludes says in words why c cannot be chosen; "" if it can.
func (in *Input) excludes(r plugin.Requirement, c source.Candidate) string {
	host := in.Host
	switch {
	case r.Source.Kind == plugin.SourceLocal && r.Constraint.String() == "":
	case !r.Constraint.Allows(c.Version):
		if c.Version.Prerelease() != "" && r.Constraint.String() == "" {
			return "it is a prerelease, and no constraint names one"
		}
		return notAllowed
	}
	if !host.Version.IsZero() {
		if c.MinEngine.Compare(host.Version) > 0 {
			return fmt.Sprintf("it needs %s %s or newer, and the configuration says %s", host.Name, c.MinEngine, host.Version)
		}
		for _, e := range c.Evidence {
			if e.Failed && e.Engine.Equal(host.Version) && in.concerns(r, e.Platform) {
				return fmt.Sprintf("the registry lists it as failing with %s %s", host.Name, host.Version)
			}
		}
	}
	return ""
}

// tooYoung says in words that c is younger than the policy wants new versions to
// be; "" if it is not.
func (in *Input) tooYoung(c source.Candidate) string {
	switch {
	case in.MinAge == 0 || !c.Released.IsZero() && in.Now.Sub(c.Released) >= in.MinAge:
		return ""
	case c.Released.IsZero():
		return fmt.Sprintf("the policy wants it to be %s old, and its source does not tell its age", in.MinAge)
	}
	return fmt.Sprintf("it was released on %s, and the policy wants it to be %s old", c.Released.Format(time.DateOnly), in.MinAge)
}

const notAllowed = "the constraint does not allow it"

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
