package ui

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

var digest = plugin.Digest("sha256:0123456789abcdef" + strings.Repeat("0", 48))

// change is one of a plan; "" for no version.
func change(name string, action plan.Action, from, to string, reasons ...plan.Reason) plan.Change {
	c := plan.Change{Name: plugin.Name(name), Action: action, Reasons: reasons, Source: "acme/" + name, Digest: digest}
	if from != "" {
		c.From = plugin.MustVersion(from)
	}
	if to != "" {
		c.To = plugin.MustVersion(to)
	}
	return c
}

// planOf has changes, and counts them.
func planOf(keep int, changes ...plan.Change) *plan.Plan {
	p := &plan.Plan{
		PluginDir: "data/plugins", Platform: plugin.Platform{OS: "linux", Arch: "amd64"}, Changes: changes, Summary: plan.Summary{Keep: keep},
	}
	for _, c := range changes {
		switch c.Action {
		case plan.Install:
			p.Summary.Install++
		case plan.Upgrade:
			p.Summary.Upgrade++
		case plan.Downgrade:
			p.Summary.Downgrade++
		case plan.Repair:
			p.Summary.Repair++
		case plan.Remove:
			p.Summary.Remove++
		}
	}
	return p
}

func edited(p *plan.Plan, change func(*plan.Plan)) *plan.Plan {
	change(p)
	return p
}

func TestPlan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		plan *plan.Plan
		want string
	}{
		"one to install": {
			planOf(0, change("authz", plan.Install, "", "0.6.0", plan.Missing)),
			`In data/plugins, for linux/amd64:

  + install

  + authz  install  0.6.0  missing  acme/authz  sha256:0123456789ab

Plan: 1 to install.
`,
		},
		"an upgrade": {
			planOf(7, change("authz", plan.Upgrade, "0.5.8", "0.6.0", plan.Version)),
			`In data/plugins, for linux/amd64:

  ~ upgrade

  ~ authz  upgrade  0.5.8 → 0.6.0  version  acme/authz  sha256:0123456789ab

Plan: 1 to upgrade, 7 unchanged.
`,
		},
		"a downgrade": {
			planOf(0, change("authz", plan.Downgrade, "0.7.0", "0.6.0", plan.Version, plan.Foreign)),
			`In data/plugins, for linux/amd64:

  ~ downgrade

  ~ authz  downgrade  0.7.0 → 0.6.0  version, foreign  acme/authz  sha256:0123456789ab

Plan: 1 to downgrade.
`,
		},
		"of every kind": {
			edited(planOf(1,
				change("a", plan.Install, "", "1.0.0", plan.Missing),
				change("b", plan.Upgrade, "1.0.0", "10.0.0", plan.Version),
				change("c", plan.Downgrade, "2.0.0", "1.0.0", plan.Version),
				change("day", plan.Repair, "1.0.0", "1.0.0", plan.Files, plan.Digest),
				change("e", plan.Repair, "", "1.0.0", plan.Foreign),
				change("longest", plan.Remove, "1.0.0", "", plan.Undeclared),
			), func(p *plan.Plan) {
				p.Changes[3].Files = []string{"plugin.json: contents changed", "x: not part of the package"}
				p.Unmanaged = []string{"by-hand", "theirs"}
			}),
			`In data/plugins, for linux/amd64:

  + install   ~ upgrade or downgrade   ! repair   - remove

  + a        install    1.0.0           missing        acme/a        sha256:0123456789ab
  ~ b        upgrade    1.0.0 → 10.0.0  version        acme/b        sha256:0123456789ab
  ~ c        downgrade  2.0.0 → 1.0.0   version        acme/c        sha256:0123456789ab
  ! day      repair     1.0.0           files, digest  acme/day      sha256:0123456789ab
      plugin.json: contents changed
      x: not part of the package
  ! e        repair     1.0.0           foreign        acme/e        sha256:0123456789ab
  - longest  remove     1.0.0           undeclared     acme/longest  sha256:0123456789ab

Plan: 1 to install, 1 to upgrade, 1 to downgrade, 2 to repair, 1 to remove, 1 unchanged.

Unmanaged, left alone: by-hand, theirs
`,
		},
		"that deletes files": {
			edited(planOf(0,
				change("a", plan.Repair, "1.0.0", "1.0.0", plan.Foreign), change("b", plan.Remove, "1.0.0", "", plan.Undeclared),
			), func(p *plan.Plan) {
				p.Changes[0].Deletes = strings.Fields("0 1 2 3 4 5 6 7 8 9 ten")
				p.Changes[1].Deletes = strings.Fields("data/0 1 2 3 4 5 6 7 8 9 ten eleven")
			}),
			`In data/plugins, for linux/amd64:

  ! repair   - remove

  ! a  repair  1.0.0  foreign     acme/a  sha256:0123456789ab
      deletes 0
      deletes 1
      deletes 2
      deletes 3
      deletes 4
      deletes 5
      deletes 6
      deletes 7
      deletes 8
      deletes 9
      deletes ten
  - b  remove  1.0.0  undeclared  acme/b  sha256:0123456789ab
      deletes data/0
      deletes 1
      deletes 2
      deletes 3
      deletes 4
      deletes 5
      deletes 6
      deletes 7
      deletes 8
      deletes 9
      deletes 2 more files that are not from the package

Plan: 1 to repair, 1 to remove.
`,
		},
		"with one that cannot be planned": {
			edited(planOf(1), func(p *plan.Plan) {
				p.Failed = []plan.Failure{{Name: "authz", Message: "data/plugins/authz is a file; it must be a folder"}}
			}),
			"No changes. The one other plugin in data/plugins is what the lock file says.\n\n" +
				"Cannot be planned:\n  authz: data/plugins/authz is a file; it must be a folder\n",
		},
		"nothing, of several": {planOf(7), "No changes. All 7 plugins in data/plugins are what the lock file says.\n"},
		"nothing, of one":     {planOf(1), "No changes. The one plugin in data/plugins is what the lock file says.\n"},
		"nothing at all": {
			edited(planOf(0), func(p *plan.Plan) { p.Unmanaged = []string{"theirs"} }),
			"No changes. No plugins are wanted in data/plugins on linux/amd64.\n\nUnmanaged, left alone: theirs\n",
		},
		"interrupted": {
			edited(planOf(1), func(p *plan.Plan) { p.Interrupted = true }),
			"An interrupted apply was found in data/plugins; the next apply finishes or undoes it first.\n\n" +
				"No changes. The one plugin in data/plugins is what the lock file says.\n",
		},
		"with a command that it runs": {
			edited(planOf(0, change("authz", plan.Install, "", "0.6.0", plan.Missing)), func(p *plan.Plan) {
				p.Changes[0].Verify = []string{"cosign", "verify-blob", "a b"}
			}),
			`In data/plugins, for linux/amd64:

  + install

  + authz  install  0.6.0  missing  acme/authz  sha256:0123456789ab
      runs ["cosign" "verify-blob" "a b"]

Plan: 1 to install.
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Plan(test.plan, NewPalette(false))); diff != "" {
				t.Errorf("Plan (-want +got):\n%s", diff)
			}
			// Colors change nothing but the color.
			colored := Plan(test.plan, NewPalette(true))
			if !strings.Contains(colored, "\x1b[") {
				t.Error("in color it has none")
			}
			if diff := cmp.Diff(test.want, uncolored(colored)); diff != "" {
				t.Errorf("in color (-want +got):\n%s", diff)
			}
		})
	}
}

// uncolored takes the escape sequences out.
func uncolored(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, s, _ = strings.Cut(rest, "m")
	}
}

// What others named, a terminal must not obey; nor may it look like lines of the plan.
func TestPlanIsNotFooled(t *testing.T) {
	t.Parallel()
	const evil = "x\x1b[2J\n  + trusted  install\t\u202eexe"
	p := planOf(0, change("authz", plan.Repair, "1.0.0", "1.0.0", plan.Files))
	p.PluginDir, p.Unmanaged, p.Interrupted = evil, []string{evil}, true
	p.Changes[0].Source, p.Changes[0].Files = evil, []string{evil}
	p.Changes[0].Verify, p.Changes[0].Deletes = []string{evil}, []string{evil}
	p.Failed = []plan.Failure{{Name: "x", Message: evil}}
	harmless := planOf(0, change("authz", plan.Repair, "1.0.0", "1.0.0", plan.Files))
	harmless.Unmanaged, harmless.Interrupted = []string{"x"}, true
	harmless.Changes[0].Files, harmless.Changes[0].Verify, harmless.Changes[0].Deletes = []string{"x"}, []string{"x"}, []string{"x"}
	harmless.Failed = []plan.Failure{{Name: "x", Message: "x"}}
	got := Plan(p, NewPalette(false))
	if strings.ContainsAny(got, "\x1b\t\u202e") {
		t.Errorf("it passes control characters on:\n%q", got)
	}
	if want := Plan(harmless, NewPalette(false)); strings.Count(got, "\n") != strings.Count(want, "\n") {
		t.Errorf("names made lines of their own:\n%s", got)
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	const want = `In data/plugins, this puts back what the last apply or rollback replaced:

  ~ authz  downgrade  0.6.0 → 0.5.8                 acme/authz  sha256:0123456789ab
  ! same   repair     1.0.0          files, digest  acme/same   sha256:0123456789ab
      same 1.0.0: the copy whose files had changed
        x: not part of the package
      same 1.0.0: the copy from another package of this version
  + was    install                   foreign        acme/was    sha256:0123456789ab
      was: the folder that plugins had not installed
`
	changes := []plan.Change{
		change("authz", plan.Downgrade, "0.6.0", "0.5.8"), change("same", plan.Repair, "1.0.0", "1.0.0", plan.Files, plan.Digest),
		change("was", plan.Install, "", "", plan.Foreign),
	}
	changes[1].Files = []string{"x: not part of the package"}
	if diff := cmp.Diff(want, Rollback("data/plugins", changes, NewPalette(false))); diff != "" {
		t.Errorf("Rollback (-want +got):\n%s", diff)
	}
	if changes[1].Files[0] != "x: not part of the package" || PutBack("repair") != "put back" || PutBack("remove") != "removed" {
		t.Error("the changes are others now, or called otherwise")
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for action, want := range map[plan.Action]string{
		plan.Install: "installed", plan.Upgrade: "upgraded", plan.Downgrade: "downgraded",
		plan.Repair: "repaired", plan.Remove: "removed", "else": "else",
	} {
		if got := Done(string(action)); got != want {
			t.Errorf("Done(%s) = %q", action, got)
		}
	}
	v := plugin.MustVersion
	for _, test := range []struct {
		from, to plugin.Version
		want     string
	}{
		{plugin.Version{}, v("1.0.0"), "1.0.0"},
		{v("1.0.0"), plugin.Version{}, "1.0.0"},
		{v("1.0.0"), v("1.0.0"), "1.0.0"},
		{v("1.0.0"), v("1.1.0"), "1.0.0 → 1.1.0"},
		{plugin.Version{}, plugin.Version{}, ""},
	} {
		if got := Versions(test.from, test.to); got != test.want {
			t.Errorf("Versions(%q, %q) = %q", test.from, test.to, got)
		}
	}
}
