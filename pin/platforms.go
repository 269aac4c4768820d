package pin

import (
	"context"
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
)

// platforms are those to lock: what the configuration declares and what was asked
// for, now or once, must be published; where nothing is declared or asked for, all.
func (p *pinner) platforms(v plugin.Version, published []plugin.Platform) ([]plugin.Platform, error) {
	if slices.Equal(published, []plugin.Platform{plugin.AnyPlatform}) {
		return published, nil
	}
	declared := p.Platforms
	if p.r.Platforms != nil {
		declared = p.r.Platforms
	}
	required := slices.Clone(declared)
	for _, extra := range p.Extra {
		if p.r.WantedOn(extra) {
			required = append(required, extra)
		}
	}
	locked := p.staying(required)
	if len(declared) == 0 && len(p.asked) == 0 {
		// All that was published was locked then, whether anybody wanted it or not.
		dropped := without(locked, published)
		if len(dropped) > 0 {
			p.note("version %s is not published for %s, which version %s was locked for",
				v, plugin.PlatformList(dropped), p.previous.Version)
		}
		locked = without(locked, dropped)
	}
	if len(required) == 0 && len(p.asked) == 0 {
		return published, nil
	}
	required = append(required, locked...)
	if missing := without(required, published); len(missing) > 0 {
		if p.gone != nil {
			return nil, p.lacks("a package for " + plugin.PlatformList(missing))
		}
		return nil, &NotPublishedError{Version: v, Platforms: missing, Published: published, Locked: without(missing, without(missing, locked))}
	}
	slices.SortFunc(required, plugin.ComparePlatforms)
	return slices.Compact(required), nil
}

// staying are the platforms beyond those required that this plugin is locked for, or
// all others are: what "lock --platform" once added stays, and is there for plugins
// that come later.
func (p *pinner) staying(required []plugin.Platform) []plugin.Platform {
	var stay []plugin.Platform
	for _, platform := range slices.Concat(p.previous.Platforms(), p.asked) {
		if platform != plugin.AnyPlatform && p.r.WantedOn(platform) && !slices.Contains(required, platform) && !slices.Contains(stay, platform) {
			stay = append(stay, platform)
		}
	}
	return stay
}

// asked are the platforms that were once asked for, see [lock.File.Asked]. Where none
// are declared, that is what all are locked for, if one of them could have been locked
// for more.
func (in *Input) asked(ctx context.Context) []plugin.Platform {
	if in.Previous == nil || len(in.Platforms) == 0 && !in.narrowed(ctx) {
		return nil
	}
	return in.Previous.Asked(in.requirements(), in.Platforms)
}

// narrowed reports whether a plugin is locked for less than its source lists of the
// locked version. A source that does not tell now tells nothing of that either.
func (in *Input) narrowed(ctx context.Context) bool {
	return slices.ContainsFunc(in.Choices, func(c resolve.Choice) bool {
		locked, ok := in.Previous.Plugin(c.Requirement.Name)
		if !ok || c.Requirement.Platforms != nil || c.Requirement.Source.Kind.Addressed() || !locked.SameSource(c.Requirement.Source) {
			return false
		}
		rel, err := c.Source.Release(ctx, locked.Version)
		return err == nil && rel.Version.Equal(locked.Version) && slices.ContainsFunc(rel.Packages, func(pkg plugin.Package) bool {
			_, ok := locked.Package(pkg.Platform)
			return !ok
		})
	})
}

// without is all without some; nil if nothing is left.
func without(all, some []plugin.Platform) []plugin.Platform {
	var left []plugin.Platform
	for _, platform := range all {
		if !slices.Contains(some, platform) {
			left = append(left, platform)
		}
	}
	return left
}
