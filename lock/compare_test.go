package lock_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// What differs in the file is told, and what does not is not; the other way round the
// same plugins differ. The counts add up.
func TestCompareTellsWhatDiffers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := files().Draw(t, "a"), files().Draw(t, "b")
		differences := lock.Compare(a, b)
		if same := string(lock.Format(a)) == string(lock.Format(b)); same != (len(differences) == 0) {
			t.Fatalf("the same bytes: %t, but %d differences", same, len(differences))
		}
		names := func(all []lock.Difference) (names []plugin.Name) {
			for _, d := range all {
				names = append(names, d.Name)
			}
			return names
		}
		if diff := cmp.Diff(names(differences), names(lock.Compare(b, a))); diff != "" {
			t.Fatalf("the other way round (-there +back):\n%s", diff)
		}
		s := lock.Summarize(differences, b)
		if s.Keep < 0 || s.Add+s.Upgrade+s.Downgrade+s.Repin+s.Change+s.Keep != len(b.Plugins) {
			t.Fatalf("%+v does not add up to %d plugins", s, len(b.Plugins))
		}
		if n := len(lock.Compare(b, b)); n != 0 {
			t.Fatalf("a lock differs from itself in %d plugins", n)
		}
	})
}

func TestCompareSaysWhatKindOfChangeItIs(t *testing.T) {
	t.Parallel()
	set := func(version string) func(*lock.Plugin) {
		return func(p *lock.Plugin) { p.Version = plugin.MustVersion(version) }
	}
	other := plugin.Digest("sha256:" + strings.Repeat("d", 64))
	for name, c := range map[string]struct {
		change       func(*lock.Plugin)
		action, step string
		facts        []string
	}{
		"major":          {set("1.0.0"), lock.Upgrade, "major", nil},
		"minor":          {set("0.7.0"), lock.Upgrade, "minor", nil},
		"patch":          {set("0.6.9"), lock.Upgrade, "patch", nil},
		"downgrade":      {set("0.5.9"), lock.Downgrade, "minor", nil},
		"to prerelease":  {set("0.6.0-rc.1"), lock.Downgrade, "prerelease", nil},
		"build":          {set("0.6.0+linux"), lock.Upgrade, "build", nil},
		"other bytes":    {func(p *lock.Plugin) { p.Packages[0].Digest = other }, lock.Repin, "", []string{lock.FactDigest}},
		"other address":  {func(p *lock.Plugin) { p.Packages[0].URL += ".moved" }, lock.Update, "", []string{lock.FactAddress}},
		"other host":     {func(p *lock.Plugin) { p.Packages[0].URL = "https://x.example/a" }, lock.Update, "", []string{lock.FactHost, lock.FactAddress}},
		"constraint":     {func(p *lock.Plugin) { p.Constraints = "~> 0" }, lock.Update, "", []string{"constraints"}},
		"platform":       {func(p *lock.Plugin) { p.Packages = p.Packages[1:] }, lock.Update, "", []string{lock.FactPlatformRemoved}},
		"needed by less": {func(p *lock.Plugin) { p.RequiredBy = nil }, lock.Update, "", []string{"required_by"}},
		"newer bytes": {func(p *lock.Plugin) {
			set("0.6.1")(p)
			p.Packages[0].Digest = other
		}, lock.Upgrade, "patch", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := goldenFile()
			c.change(&after.Plugins[0])
			differences := lock.Compare(goldenFile(), after)
			if len(differences) != 1 {
				t.Fatalf("%d plugins differ, not one", len(differences))
			}
			d := differences[0]
			var facts []string
			for _, f := range d.Facts {
				facts = append(facts, f.What)
			}
			if d.Name != "authz" || d.Action != c.action || d.Step != c.step || !slices.Equal(facts, c.facts) {
				t.Errorf("%s %s %q %v, want %s %q %v", d.Name, d.Action, d.Step, facts, c.action, c.step, c.facts)
			}
		})
	}
}
