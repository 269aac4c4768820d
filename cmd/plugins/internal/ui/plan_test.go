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
	packages := map[plugin.Name]Package{"payments": {Size: 6 << 20}, "slack": {Cached: true}, "crm": {Cached: true}, "far": {Size: -1}}
	for name, test := range map[string]struct {
		plan *plan.Plan
		o    PlanOptions
		want string
	}{
		"one to install": {
			planOf(0, change("authz", plan.Install, "", "0.6.0", plan.Missing)),
			PlanOptions{},
			`data/plugins, linux/amd64

  + authz  0.6.0

Plan: 1 install.
`,
		},
		"of every kind": {
			edited(planOf(7,
				change("payments", plan.Install, "", "5.1.0", plan.Missing),
				change("slack", plan.Upgrade, "1.1.0", "2.0.0", plan.Version),
				change("crm", plan.Repair, "1.1.0", "1.1.0", plan.Files),
				change("salesforce", plan.Remove, "2.4.0", "", plan.Undeclared),
			), func(p *plan.Plan) {
				p.Changes[2].Files, p.Changes[2].Deletes = []string{"notes.txt: not part of the package"}, []string{"notes.txt"}
				p.Unmanaged = []string{"by-hand", "theirs"}
			}),
			PlanOptions{Packages: packages, Width: 80, Next: "plugins apply"},
			`data/plugins, linux/amd64

  + payments    5.1.0          6 MiB to download
  ~ slack       1.1.0 → 2.0.0  major, cached
  ! crm         1.1.0
      repair: deletes notes.txt (to keep it: keep = ["notes.txt"])
  - salesforce  2.4.0          no longer declared

Plan: 1 install, 1 upgrade, 1 repair, 1 remove, 7 unchanged. 6 MiB to download.
Apply with: plugins apply

Unmanaged, left alone: by-hand, theirs
`,
		},
		"downgrades, foreign folders, other packages": {
			planOf(0,
				change("a", plan.Downgrade, "0.7.0", "0.6.0", plan.Version, plan.Foreign),
				change("b", plan.Repair, "", "1.0.0", plan.Foreign),
				change("far", plan.Repair, "1.0.0", "1.0.0", plan.Digest),
			),
			PlanOptions{Packages: packages},
			`data/plugins, linux/amd64

  ~ a    0.7.0 → 0.6.0  minor downgrade: plugins did not install what is there
  ! b    1.0.0          repair: plugins did not install what is there
  ! far  1.0.0          repair: the lock has another package of this version, to download

Plan: 1 downgrade, 2 repair. 1 package to download.
`,
		},
		"with sources": {
			planOf(0, change("authz", plan.Install, "", "0.6.0", plan.Missing)),
			PlanOptions{Verbose: true},
			`data/plugins, linux/amd64

  + authz  0.6.0
      acme/authz, sha256:0123456789ab

Plan: 1 install.
`,
		},
		"that deletes files": {
			edited(planOf(0,
				change("a", plan.Repair, "1.0.0", "1.0.0", plan.Files), change("b", plan.Remove, "1.0.0", "", plan.Undeclared),
			), func(p *plan.Plan) {
				p.Changes[0].Files = []string{"plugin.json: contents changed", "x: not part of the package"}
				p.Changes[0].Deletes = strings.Fields("x y")
				p.Changes[1].Deletes = strings.Fields("data/0 1 2 3 4 5 6 7 8 9 ten eleven")
			}),
			PlanOptions{},
			`data/plugins, linux/amd64

  ! a  1.0.0  repair
      plugin.json: contents changed
      deletes x
      deletes y (to keep them: keep = ["x", "y"])
  - b  1.0.0  no longer declared
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

Plan: 1 repair, 1 remove.
`,
		},
		"with a name that would push all others": {
			planOf(0,
				change("a", plan.Install, "", "1.0.0", plan.Missing),
				change("a-name-that-is-longer-than-any-column", plan.Upgrade, "1.0.0", "1.0.1-rc.1", plan.Version),
			),
			PlanOptions{Width: 80},
			`data/plugins, linux/amd64

  + a                             1.0.0
  ~ a-name-that-is-longer-than-any-column  1.0.0 → 1.0.1-rc.1  patch

Plan: 1 install, 1 upgrade.
`,
		},
		"with one that cannot be planned": {
			edited(planOf(1), func(p *plan.Plan) {
				p.Failed = []plan.Failure{{Name: "authz", Message: "data/plugins/authz is a file; it must be a folder"}}
			}),
			PlanOptions{},
			"No changes. The one other plugin in data/plugins is what the lock file says.\n\n" +
				"Cannot be planned:\n  authz: data/plugins/authz is a file; it must be a folder\n",
		},
		"nothing, of several": {planOf(7), PlanOptions{Next: "plugins apply"}, "No changes. All 7 plugins in data/plugins are what the lock file says.\n"},
		"nothing, of one":     {planOf(1), PlanOptions{}, "No changes. The one plugin in data/plugins is what the lock file says.\n"},
		"nothing at all": {
			edited(planOf(0), func(p *plan.Plan) { p.Unmanaged = []string{"theirs"} }),
			PlanOptions{},
			"No changes. No plugins are wanted in data/plugins on linux/amd64.\n\nUnmanaged, left alone: theirs\n",
		},
		"interrupted": {
			edited(planOf(1), func(p *plan.Plan) { p.Interrupted = true }),
			PlanOptions{},
			"An interrupted apply was found in data/plugins; the next apply finishes or undoes it first.\n\n" +
				"No changes. The one plugin in data/plugins is what the lock file says.\n",
		},
		"with a command that it runs": {
			edited(planOf(0, change("authz", plan.Install, "", "0.6.0", plan.Missing)), func(p *plan.Plan) {
				p.Changes[0].Verify = []string{"cosign", "verify-blob", "a b"}
			}),
			PlanOptions{},
			`data/plugins, linux/amd64

  + authz  0.6.0
      runs ["cosign" "verify-blob" "a b"]

Plan: 1 install.
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Plan(test.plan, test.o, NewPalette(false))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Plan (-want +got):\n%s", diff)
			}
			for _, line := range strings.Split(got, "\n") {
				if n := columns(line); test.o.Width > 0 && n > test.o.Width {
					t.Errorf("a line of %d columns: %s", n, line)
				}
			}
			// Colors change nothing but the color.
			colored := Plan(test.plan, test.o, NewPalette(true))
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
	got := Plan(p, PlanOptions{Verbose: true}, NewPalette(false))
	if strings.ContainsAny(got, "\x1b\t\u202e") {
		t.Errorf("it passes control characters on:\n%q", got)
	}
	if want := Plan(harmless, PlanOptions{Verbose: true}, NewPalette(false)); strings.Count(got, "\n") != strings.Count(want, "\n") {
		t.Errorf("names made lines of their own:\n%s", got)
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	const want = `In data/plugins, this puts back what the last apply or rollback replaced:

  ~ authz  0.6.0 → 0.5.8  minor downgrade
  - new    1.0.0          was not there
  ! same   1.0.0          puts back
      the copy whose files had changed
        x: not part of the package
      the copy from another package of this version
  + was                   comes back
      the folder that plugins had not installed
`
	changes := []plan.Change{
		change("authz", plan.Downgrade, "0.6.0", "0.5.8"), change("new", plan.Remove, "1.0.0", ""), change("same", plan.Repair, "1.0.0", "1.0.0", plan.Files, plan.Digest),
		change("was", plan.Install, "", "", plan.Foreign),
	}
	changes[2].Files = []string{"x: not part of the package"}
	if diff := cmp.Diff(want, Rollback("data/plugins", changes, 80, NewPalette(false))); diff != "" {
		t.Errorf("Rollback (-want +got):\n%s", diff)
	}
	if changes[2].Files[0] != "x: not part of the package" || PutBack("repair") != "put back" || PutBack("remove") != "removed" {
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
