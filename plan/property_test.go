package plan_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// inputs are those whose lock is up to date.
func inputs() *rapid.Generator[plan.Input] {
	versions := rapid.SampledFrom([]string{"0.9.0", "1.0.0-rc.1", "1.0.0", "1.0.0+b", "1.1.0"})
	digests := rapid.SampledFrom([]plugin.Digest{sumA, sumB})
	return rapid.Custom(func(t *rapid.T) plan.Input {
		in := plan.Input{Lock: &lock.File{}, Snapshot: &installed.Snapshot{}, Platform: linux, PluginDir: "plugins"}
		for _, name := range []plugin.Name{"a", "b", "c", "d", "e"} {
			draw := func(what string) bool { return rapid.Bool().Draw(t, string(name)+" is "+what) }
			if draw("locked") {
				l := locked(name, versions.Draw(t, "locked version"), digests.Draw(t, "locked digest"))
				if len(in.Required) > 0 && draw("a dependency") {
					l.RequiredBy = []plugin.Name{in.Required[0].Name}
				} else {
					r := required(name)
					if draw("for one platform") {
						r.Platforms = []plugin.Platform{rapid.SampledFrom([]plugin.Platform{linux, darwin}).Draw(t, "platform")}
						l.Packages[0].Platform = r.Platforms[0]
					}
					if draw("named") {
						r.Binary = "bin/x"
					}
					in.Required = append(in.Required, r)
				}
				in.Lock.Plugins = append(in.Lock.Plugins, l)
			}
			if !draw("known") {
				continue
			}
			p := present(name, versions.Draw(t, "version"), digests.Draw(t, "digest"))
			p.Present = draw("present")
			switch {
			case p.Present && draw("foreign"):
				p.Record = nil
			case draw("changed"):
				p.Drift = []installed.Drift{{Path: "x", Kind: installed.Extra}}
			}
			if p.Present && draw("without plugin.json") {
				p.Version = plugin.Version{}
				if p.Record != nil {
					p.Drift = []installed.Drift{{Path: plugin.ManifestFile, Kind: installed.Missing}}
				}
			}
			in.Snapshot.Plugins = append(in.Snapshot.Plugins, p)
		}
		return in
	})
}

// carryOut is what apply does to a plugin directory.
func carryOut(s *installed.Snapshot, changes []plan.Change) *installed.Snapshot {
	out := &installed.Snapshot{Unmanaged: s.Unmanaged}
	for _, p := range s.Plugins {
		if !slices.ContainsFunc(changes, func(c plan.Change) bool { return c.Name == p.Name }) {
			out.Plugins = append(out.Plugins, p)
		}
	}
	for _, c := range changes {
		if c.Action == plan.Remove {
			continue
		}
		p := present(c.Name, c.To.String(), c.Digest)
		p.Record.Settings = plan.SettingsOf(c.Requirement, c.Locked)
		out.Plugins = append(out.Plugins, p)
	}
	slices.SortFunc(out.Plugins, func(a, b installed.Plugin) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return out
}

func TestPlansHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := inputs().Draw(t, "input")
		p, err := plan.Build(in)
		if err != nil {
			t.Fatal(err)
		}
		counted := map[plan.Action]int{}
		wanted := 0
		for i, c := range p.Changes {
			counted[c.Action]++
			if i > 0 && p.Changes[i-1].Name >= c.Name {
				t.Fatalf("changes are not sorted: %s before %s", p.Changes[i-1].Name, c.Name)
			}
			if len(c.Reasons) == 0 {
				t.Fatalf("%s has no reason", c.Name)
			}
			if (c.Action == plan.Remove) != c.To.IsZero() || c.Action == plan.Install && !c.From.IsZero() {
				t.Fatalf("%s %s from %q to %q", c.Action, c.Name, c.From, c.To)
			}
			if up := c.From.Compare(c.To); c.Action == plan.Upgrade && up >= 0 || c.Action == plan.Downgrade && up <= 0 {
				t.Fatalf("%s %s from %q to %q", c.Action, c.Name, c.From, c.To)
			}
		}
		for _, l := range in.Lock.Plugins {
			if _, here := l.Package(linux); here {
				wanted++
			}
		}
		for action, n := range count(p.Summary) {
			if counted[action] != n {
				t.Fatalf("the summary says %d of %s, there are %d", n, action, counted[action])
			}
		}
		if got := p.Summary.Keep + len(p.Changes) - p.Summary.Remove; got != wanted {
			t.Fatalf("%d plugins are kept or changed, but %d are wanted", got, wanted)
		}

		// Once it is carried out there is nothing to do.
		in.Snapshot = carryOut(in.Snapshot, p.Changes)
		again, err := plan.Build(in)
		if err != nil || !again.Empty() || again.Summary.Keep != wanted {
			t.Fatalf("after it was carried out there is a plan: %+v, %v", again, err)
		}
	})
}
