package project

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/pin"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
)

// opened is what was learned by opening packages while locking.
type opened struct {
	mu  sync.Mutex
	all map[plugin.Name]pin.Opened
}

func (o *opened) add(p pin.Opened) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.all == nil {
		o.all = map[plugin.Name]pin.Opened{}
	}
	o.all[p.Plugin] = p
}

// tell says of every change of the lock why it is one, and what a reviewer wants to see.
func (p *Project) tell(ctx context.Context, o LockOptions, locked *Locked, opened *opened, choosing resolve.Input, reach *access.Access) []plugin.LockEvent {
	required := p.required(locked.After)
	events := make([]plugin.LockEvent, len(locked.Changes))
	_ = parallel.Each(len(events), 0, func(i int) error {
		c := locked.Changes[i]
		e := plugin.LockEvent{Plugin: c.Name, Action: c.Action, From: c.From, To: c.To}
		before, _ := locked.Before.Plugin(c.Name)
		after, _ := locked.After.Plugin(c.Name)
		now, known := opened.all[c.Name]
		switch c.Action {
		case lock.Add:
			e.Why = neededBy(after)
		case lock.Update:
			if e.Why = p.why(o, before, after); e.Why == unmet {
				e.Why = notChosen(ctx, choosing, required, before)
			}
			if constraint := constraints(before, after); constraint != "" && !before.Version.Equal(after.Version) && !strings.Contains(e.Why, strconv.Quote(after.Constraints)) {
				e.Why = strings.TrimPrefix(e.Why+"; "+constraint, "; ")
			}
			if !before.Version.Equal(after.Version) && known {
				e.Notes = now.Notes
				var was plugin.Manifest
				if was, e.Unread = p.manifestOf(ctx, before, reach); e.Unread == nil {
					e.Started, e.Stopped = differences(was.Capabilities, now.Manifest.Capabilities)
				}
			}
		}
		events[i] = e
		return nil
	})
	p.warnForced(locked)
	return events
}

// warnForced tells of what is locked now though it does not go with the host.
func (p *Project) warnForced(locked *Locked) {
	for _, after := range locked.After.Plugins {
		before, _ := locked.Before.Plugin(after.Name)
		if !after.ForceCompat || before.ForceCompat && before.Version.Equal(after.Version) {
			continue
		}
		why := p.host().TooOld(after.MinHost)
		if why == "" {
			why = "it is known to fail with the host"
		}
		p.options.Observe.Tell(plugin.WarningEvent{Plugin: after.Name, Message: fmt.Sprintf("%s is locked all the same: %s", after.Version, why)})
	}
}

// neededBy names the plugins that a plugin came with.
func neededBy(l lock.Plugin) string {
	if len(l.RequiredBy) == 0 {
		return ""
	}
	names := make([]string, len(l.RequiredBy))
	for i, n := range l.RequiredBy {
		names[i] = string(n)
	}
	return "needed by " + strings.Join(names, ", ")
}

// why says in words why a plugin is not locked as it was; "" for an upgrade that was
// asked for.
func (p *Project) why(o LockOptions, before, after lock.Plugin) string {
	r, declared := p.Config.Plugin(after.Name)
	if before.Version.Equal(after.Version) {
		return strings.Join(differs(before, after), "; ")
	}
	switch {
	case o.UpgradeAll || slices.Contains(o.Upgrade, after.Name):
		return ""
	case before.Source != after.Source || before.Resolved != after.Resolved:
		return "its source changed"
	case declared && r.Source.Kind.Local():
		return "what lies at its source changed"
	case declared && !r.Constraint.Allows(before.Version):
		return fmt.Sprintf("%q does not allow %s", r.Constraint, before.Version)
	case p.host().TooOld(before.MinHost) != "" && !before.ForceCompat:
		return p.host().TooOld(before.MinHost)
	}
	return unmet
}

// unmet stands for what the solver is to say in words.
const unmet = "it does not go with what others need"

// notChosen is why a locked version was not chosen again.
func notChosen(ctx context.Context, choosing resolve.Input, required []plugin.Requirement, before lock.Plugin) string {
	for _, r := range required {
		if r.Name != before.Name {
			continue
		}
		if why, err := resolve.WhyNot(ctx, choosing, r, before.Version); err == nil && len(why) > 0 {
			return strings.Join(why, "; ")
		}
	}
	return unmet
}

// differs lists what is different of a plugin whose version is the same.
func differs(before, after lock.Plugin) (what []string) {
	if constraint := constraints(before, after); constraint != "" {
		what = append(what, constraint)
	}
	if before.Source != after.Source || before.Resolved != after.Resolved {
		what = append(what, "another source")
	}
	if !slices.Equal(before.RequiredBy, after.RequiredBy) {
		if by := neededBy(after); by != "" {
			what = append(what, by)
		} else {
			what = append(what, "no plugin needs it any more")
		}
	}
	gone, fresh := platforms(before, after), platforms(after, before)
	if len(fresh) > 0 {
		what = append(what, "also for "+plugin.PlatformList(fresh))
	}
	if len(gone) > 0 {
		what = append(what, "no longer for "+plugin.PlatformList(gone))
	}
	if slices.ContainsFunc(after.Packages, func(pkg plugin.Package) bool {
		was, ok := before.Package(pkg.Platform)
		return ok && was.Digest != pkg.Digest
	}) {
		what = append(what, "other contents")
	}
	if after.ForceCompat && !before.ForceCompat {
		what = append(what, "whatever the host")
	}
	if before.SignedBy != after.SignedBy {
		what = append(what, "another signature")
	}
	return what
}

// constraints says how the constraint changed; "" if it did not.
func constraints(before, after lock.Plugin) string {
	if before.Constraints == after.Constraints {
		return ""
	}
	return fmt.Sprintf("constraint %q, was %q", after.Constraints, before.Constraints)
}

// platforms are those that a is locked for, and b is not.
func platforms(a, b lock.Plugin) (only []plugin.Platform) {
	have := b.Platforms()
	for _, platform := range a.Platforms() {
		if !slices.Contains(have, platform) {
			only = append(only, platform)
		}
	}
	return only
}

// manifestOf is the plugin.json of what was locked: the installed one, if it is of that
// version, else the package's.
func (p *Project) manifestOf(ctx context.Context, before lock.Plugin, reach *access.Access) (plugin.Manifest, error) {
	if root, err := os.OpenRoot(p.PluginDir); err == nil {
		defer root.Close()
		if folder, err := root.OpenRoot(string(before.Name)); err == nil {
			defer folder.Close()
			m, err := plugin.ReadManifest(folder, plugin.DefaultLimits().Manifest)
			if err == nil && m.Version.Equal(before.Version) {
				return m, nil
			}
		}
	}
	pkg, ok := before.Package(p.Platform)
	if !ok {
		pkg = before.Packages[0]
	}
	return reach.Manifest(ctx, plugin.Requirement{Name: before.Name}, pkg)
}

// differences are the capabilities that only one of two manifests declares, by kind and
// name.
func differences(was, now map[string][]string) (started, stopped []string) {
	return only(now, was), only(was, now)
}

// only lists what a declares and b does not: "cliCommands (authz)".
func only(a, b map[string][]string) (all []string) {
	for kind, names := range a {
		other, both := b[kind]
		var fresh []string
		for _, name := range names {
			if !slices.Contains(other, name) {
				fresh = append(fresh, name)
			}
		}
		switch {
		case len(fresh) > 0:
			all = append(all, kind+" ("+strings.Join(fresh, ", ")+")")
		case !both:
			all = append(all, kind)
		}
	}
	slices.Sort(all)
	return all
}
