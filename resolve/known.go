package resolve

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// known is what is known of one plugin.
type known struct {
	in         *Input
	r          plugin.Requirement
	src        source.Source
	candidates []source.Candidate // oldest first

	locked   lock.Plugin
	isLocked bool
	stays    bool // the locked version stays if it is allowed, whether its source lists it or not
	forced   bool // it does not matter whether it runs on the host

	mu     sync.Mutex
	opened map[string][]plugin.Dependency // what packages say that they need, by version
}

// isForced reports whether it does not matter whether a version runs on the host: that is
// asked for now, or was when it was locked.
func (k *known) isForced(v plugin.Version) bool {
	return k.forced || k.isLocked && k.locked.ForceCompat && v.Equal(k.locked.Version)
}

// know asks the source of r which versions there are.
func (in *Input) know(ctx context.Context, r plugin.Requirement) (*known, error) {
	src, err := in.Sources(r)
	if err != nil {
		return nil, err
	}
	k := &known{in: in, r: r, src: src}
	k.locked, k.isLocked = in.locked(r)
	k.stays = k.isLocked && !r.Source.Kind.Local() && k.locked.SamePlace(r.Source)
	k.forced = in.ForceCompat != nil && in.ForceCompat(r.Name)
	only := source.Candidate{Version: k.locked.Version, MinEngine: k.locked.MinHost}
	enough := false
	if k.stays {
		rule, _ := in.excludes(k, only)
		enough = rule == ""
	}
	if enough && r.Source.Kind.Addressed() {
		// A fixed address lists nothing: what lies there is held against the lock's digest.
		k.candidates = []source.Candidate{only}
		return k, nil
	}
	listed, err := src.Candidates(ctx)
	if err != nil && !(enough && (errors.Is(err, source.ErrNoRelease) || errors.Is(err, source.ErrOffline))) {
		return nil, err
	}
	k.candidates = slices.Clone(listed)
	if i := indexOf(k.candidates, k.locked.Version); k.isLocked && i >= 0 {
		if k.candidates[i].MinEngine.IsZero() {
			k.candidates[i].MinEngine = k.locked.MinHost
		}
	} else if k.stays {
		k.candidates = append(k.candidates, only)
		slices.SortStableFunc(k.candidates, func(a, b source.Candidate) int { return a.Version.Compare(b.Version) })
	}
	return k, nil
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

// choose makes a choice of a candidate.
func (k *known) choose(c source.Candidate) Choice {
	out := Choice{
		Requirement: k.r, Source: k.src, Version: c.Version, MinHost: c.MinEngine, Forced: k.isForced(c.Version) && !k.in.suits(k.r, c),
		Kept: k.stays && c.Version.Equal(k.locked.Version), Told: c.Told, Needs: c.Dependencies, known: k,
	}
	if !c.Told {
		k.mu.Lock()
		defer k.mu.Unlock()
		out.Needs = k.opened[c.Version.String()]
	}
	return out
}

// pick takes of the candidates the one that is locked, else the newest, if the plugin
// were alone.
func (in *Input) pick(k *known) (source.Candidate, error) {
	var allowed []source.Candidate
	var ruledOut []Exclusion
	for _, c := range k.candidates {
		if rule, why := in.excludes(k, c); rule != "" {
			ruledOut = append(ruledOut, Exclusion{Version: c.Version, Rule: rule, Why: why})
		} else {
			allowed = append(allowed, c)
		}
	}
	if len(allowed) == 0 {
		return source.Candidate{}, &NoVersionError{Constraint: k.r.Constraint, RuledOut: ruledOut}
	}
	if i := indexOf(allowed, k.locked.Version); k.isLocked && i >= 0 {
		return allowed[i], nil
	}
	return allowed[len(allowed)-1], nil
}

func indexOf(candidates []source.Candidate, v plugin.Version) int {
	return slices.IndexFunc(candidates, func(c source.Candidate) bool { return c.Version.Equal(v) })
}

// excludes says why c cannot be chosen, and in words; "" if it can.
func (in *Input) excludes(k *known, c source.Candidate) (Rule, string) {
	if !in.asked(k.r).Allows(c.Version) {
		return notAllowed(k.r.Constraint, c.Version)
	}
	for _, rule := range rules() {
		if why := in.excludedBy(rule, k, c); why != "" {
			return rule, why
		}
	}
	return "", ""
}

// rules are those that rule a version out whatever is required of it.
func rules() []Rule { return []Rule{ByPrerelease, ByHost, ByEvidence, ByAge, ByPolicy} }

// excludedBy says in words why a rule excludes c; "" if it does not.
func (in *Input) excludedBy(rule Rule, k *known, c source.Candidate) string {
	locked := k.isLocked && c.Version.Equal(k.locked.Version)
	switch rule {
	case ByPrerelease:
		if !locked {
			return flagged(k.r.Constraint, c)
		}
	case ByHost:
		if !k.isForced(c.Version) {
			return in.Host.TooOld(c.MinEngine)
		}
	case ByEvidence:
		if !k.isForced(c.Version) {
			return in.fails(k.r, c)
		}
	case ByAge:
		if !locked {
			return in.tooYoung(k.r, c)
		}
	case ByPolicy:
		if in.Allow == nil {
			return ""
		}
		if err := in.Allow(k.r); err != nil {
			return err.Error()
		}
	}
	return ""
}

// suits reports whether c runs on the host, as far as is known.
func (in *Input) suits(r plugin.Requirement, c source.Candidate) bool {
	return in.Host.TooOld(c.MinEngine) == "" && in.fails(r, c) == ""
}

// fails says that c is known to fail with the host; "" if it is not.
func (in *Input) fails(r plugin.Requirement, c source.Candidate) string {
	for _, e := range c.Evidence {
		if e.Failed && !in.Host.Version.IsZero() && e.Engine.Equal(in.Host.Version) && in.concerns(r, e.Platform) {
			return fmt.Sprintf("the registry lists it as failing with %s %s", in.Host.Name, in.Host.Version)
		}
	}
	return ""
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
// for it; "" if that is not so. That its version is not one's makes no difference: 1.2.3 is
// then named by "1.2.3" or by a prerelease of it, not by "^1".
func flagged(c plugin.Constraint, candidate source.Candidate) string {
	v := candidate.Version
	exact, ok := c.Exact()
	if !candidate.Prerelease || v.Prerelease() != "" || ok && exact.Equal(v) || c.Names(v) {
		return ""
	}
	return "its publisher calls it a prerelease, and the constraint does not name it"
}

// tooYoung says that c is younger than the policy wants new versions to be, and in
// words; "" if it is not. What the user wrote down as a path or as one version of
// an address is no news, and nobody could tell its age.
func (in *Input) tooYoung(r plugin.Requirement, c source.Candidate) string {
	_, exact := r.Constraint.Exact()
	switch {
	case in.MinAge == 0, r.Source.Kind.Local(), r.Source.Kind.Addressed() && exact:
		return ""
	case c.Released.IsZero():
		return fmt.Sprintf("the policy wants it to be %s old, and its source does not tell its age", in.MinAge)
	case in.Now.Sub(c.Released) < in.MinAge:
		return fmt.Sprintf("it was released on %s, and the policy wants it to be %s old", c.Released.Format(time.DateOnly), in.MinAge)
	}
	return ""
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
