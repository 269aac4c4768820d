package plan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// Every action, and every reason for it. What is locked is authz 0.6.0 from the
// package a.
func TestBuildDecides(t *testing.T) {
	t.Parallel()
	drift := []installed.Drift{{Path: "authz", Kind: installed.Mode}, {Path: "x", Kind: installed.Extra}}
	edited := func(p installed.Plugin, change func(*installed.Plugin)) installed.Plugin {
		change(&p)
		return p
	}
	foreign := func(v string) installed.Plugin {
		return installed.Plugin{Name: "authz", Present: true, Version: version(v)}
	}
	for name, test := range map[string]struct {
		now     installed.Plugin
		change  func(*plan.Input)
		action  plan.Action // "" for nothing to do
		reasons string
		from    string
		files   string
	}{
		"as it should be": {now: present("authz", "0.6.0", sumA)},
		"not there":       {action: plan.Install, reasons: "missing"},
		"its folder was removed": {
			now:    edited(present("authz", "0.6.0", sumA), func(p *installed.Plugin) { p.Present = false }),
			action: plan.Install, reasons: "missing",
		},
		"older": {now: present("authz", "0.5.8", sumB), action: plan.Upgrade, reasons: "version", from: "0.5.8"},
		"newer": {now: present("authz", "0.7.0", sumB), action: plan.Downgrade, reasons: "version", from: "0.7.0"},
		"its prerelease": {
			now:    present("authz", "0.6.0-rc.1", sumB),
			action: plan.Upgrade, reasons: "version", from: "0.6.0-rc.1",
		},
		"another build of the version": {
			now:    present("authz", "0.6.0+b2", sumB),
			action: plan.Downgrade, reasons: "version", from: "0.6.0+b2",
		},
		"older, and changed": {
			now:    edited(present("authz", "0.5.8", sumB), func(p *installed.Plugin) { p.Drift = drift }),
			action: plan.Upgrade, reasons: "version files", from: "0.5.8",
			files: "authz: executable bit changed; x: not part of the package",
		},
		"changed": {
			now:    edited(present("authz", "0.6.0", sumA), func(p *installed.Plugin) { p.Drift = drift }),
			action: plan.Repair, reasons: "files", from: "0.6.0",
			files: "authz: executable bit changed; x: not part of the package",
		},
		"from another package": {
			now:    present("authz", "0.6.0", sumB),
			action: plan.Repair, reasons: "digest", from: "0.6.0",
		},
		"from another package, and changed": {
			now:    edited(present("authz", "0.6.0", sumB), func(p *installed.Plugin) { p.Drift = drift[:1] }),
			action: plan.Repair, reasons: "files digest", from: "0.6.0", files: "authz: executable bit changed",
		},
		"its plugin.json was edited to say the version": {
			now: edited(present("authz", "0.5.8", sumB), func(p *installed.Plugin) {
				p.Version, p.Drift = version("0.6.0"), []installed.Drift{{Path: "plugin.json", Kind: installed.Modified}}
			}),
			action: plan.Repair, reasons: "files", from: "0.6.0", files: "plugin.json: contents changed",
		},
		"its plugin.json is gone": {
			now: edited(present("authz", "0.6.0", sumA), func(p *installed.Plugin) {
				p.Version, p.Drift = plugin.Version{}, []installed.Drift{{Path: "plugin.json", Kind: installed.Missing}}
			}),
			action: plan.Repair, reasons: "files", files: "plugin.json: missing",
		},
		"put there by somebody": {now: foreign("0.6.0"), action: plan.Repair, reasons: "foreign", from: "0.6.0"},
		"older, put there by somebody": {
			now: foreign("0.5.0"), action: plan.Upgrade, reasons: "version foreign", from: "0.5.0",
		},
		"newer, put there by somebody": {
			now: foreign("1.0.0"), action: plan.Downgrade, reasons: "version foreign", from: "1.0.0",
		},
		"something without plugin.json, put there by somebody": {
			now: foreign(""), action: plan.Repair, reasons: "foreign",
		},
		"under another setting of binary": {
			now:    present("authz", "0.6.0", sumA),
			change: func(in *plan.Input) { in.Required[0].Binary = "bin/authz" },
			action: plan.Repair, reasons: "files", from: "0.6.0",
		},
		"with another manifest of the registry": {
			now: edited(present("authz", "0.6.0", sumA), func(p *installed.Plugin) { p.Record.Settings.Manifest = "{}" }),
			change: func(in *plan.Input) {
				in.Required[0].Manifest, in.Lock.Plugins[0].Manifest = plugin.ManifestFromRegistry, `{"name":"authz"}`
			},
			action: plan.Repair, reasons: "files", from: "0.6.0", files: "plugin.json: the lock has other contents",
		},
		"with another manifest of the registry, and edited": {
			now: edited(present("authz", "0.6.0", sumA), func(p *installed.Plugin) {
				p.Record.Settings.Manifest, p.Drift = "{}", []installed.Drift{{Path: "plugin.json", Kind: installed.Modified}}
			}),
			change: func(in *plan.Input) {
				in.Required[0].Manifest, in.Lock.Plugins[0].Manifest = plugin.ManifestFromRegistry, `{"name":"authz"}`
			},
			action: plan.Repair, reasons: "files", from: "0.6.0", files: "plugin.json: contents changed",
		},
		"older, with the registry's manifest of then": {
			now: edited(present("authz", "0.5.8", sumB), func(p *installed.Plugin) { p.Record.Settings.Manifest = "{}" }),
			change: func(in *plan.Input) {
				in.Required[0].Manifest, in.Lock.Plugins[0].Manifest = plugin.ManifestFromRegistry, `{"name":"authz"}`
			},
			action: plan.Upgrade, reasons: "version", from: "0.5.8",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(test.now)
			if test.now.Name == "" {
				in = input()
			}
			if test.change != nil {
				test.change(&in)
			}
			p, err := plan.Build(in)
			if err != nil {
				t.Fatal(err)
			}
			if test.action == "" {
				if !p.Empty() || p.Summary != (plan.Summary{Keep: 1}) {
					t.Errorf("the plan is %+v: want nothing to do", p)
				}
				return
			}
			if len(p.Changes) != 1 {
				t.Fatalf("there are %d changes", len(p.Changes))
			}
			c := p.Changes[0]
			if c.Name != "authz" || c.Action != test.action || words(c.Reasons) != test.reasons {
				t.Errorf("%s %s because of %q; want %s because of %q", c.Action, c.Name, words(c.Reasons), test.action, test.reasons)
			}
			if c.From.String() != test.from || c.To.String() != "0.6.0" {
				t.Errorf("from %q to %q; want %q to 0.6.0", c.From, c.To, test.from)
			}
			if got := strings.Join(c.Files, "; "); got != test.files {
				t.Errorf("Files = %q, want %q", got, test.files)
			}
			if c.Source != "gocodealone/authz" || c.Digest != sumA || c.Package.Digest != sumA || c.Locked.Name != "authz" || c.Requirement.Name != "authz" {
				t.Errorf("it lacks what apply needs: %+v", c)
			}
			if got := count(p.Summary)[test.action]; got != 1 || p.Summary.Keep != 0 {
				t.Errorf("the summary is %+v", p.Summary)
			}
		})
	}
}

func words(reasons []plan.Reason) string {
	texts := make([]string, len(reasons))
	for i, r := range reasons {
		texts[i] = string(r)
	}
	return strings.Join(texts, " ")
}

func count(s plan.Summary) map[plan.Action]int {
	return map[plan.Action]int{
		plan.Install: s.Install, plan.Upgrade: s.Upgrade, plan.Downgrade: s.Downgrade, plan.Repair: s.Repair, plan.Remove: s.Remove,
	}
}

// What this program installed and nobody wants any more goes; what somebody else put
// there stays.
func TestBuildOfWhatIsNotLocked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		now       installed.Plugin
		from      string // of its removal; "" for none
		unmanaged bool
	}{
		"installed":      {now: present("old", "1.0.0", sumB), from: "1.0.0"},
		"not installed":  {now: installed.Plugin{Name: "old", Present: true, Version: version("1.0.0")}, unmanaged: true},
		"only recorded":  {now: installed.Plugin{Name: "old", Record: present("old", "1.0.0", sumB).Record}},
		"no plugin.json": {now: installed.Plugin{Name: "old", Present: true, Record: present("old", "1.2.0", sumB).Record}, from: "1.2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := plan.Build(input(present("authz", "0.6.0", sumA), test.now))
			if err != nil {
				t.Fatal(err)
			}
			if got := len(p.Unmanaged) == 1 && p.Unmanaged[0] == "old"; got != test.unmanaged {
				t.Errorf("Unmanaged = %q", p.Unmanaged)
			}
			if test.from == "" {
				if !p.Empty() {
					t.Errorf("there are changes: %+v", p.Changes)
				}
				return
			}
			want := []plan.Change{{
				Name: "old", Action: plan.Remove, From: version(test.from), Reasons: []plan.Reason{plan.Undeclared},
				Source: "gocodealone/old", Digest: sumB,
			}}
			if diff := cmp.Diff(want, p.Changes, cmpopts.EquateComparable(plugin.Constraint{}), cmpopts.IgnoreFields(plan.Change{}, "Requirement", "Locked", "Package")); diff != "" {
				t.Errorf("Changes (-want +got):\n%s", diff)
			}
			if p.Summary != (plan.Summary{Remove: 1, Keep: 1}) {
				t.Errorf("the summary is %+v", p.Summary)
			}
		})
	}
}

func TestBuildPassesOnWhatItCannotChange(t *testing.T) {
	t.Parallel()
	in := input(present("authz", "0.6.0", sumA), installed.Plugin{Name: "beta", Present: true})
	in.Snapshot.Unmanaged, in.Snapshot.Interrupted = []string{"alpha", "zeta"}, true
	p, err := plan.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"alpha", "beta", "zeta"}, p.Unmanaged); diff != "" || !p.Interrupted {
		t.Errorf("Interrupted = %v, Unmanaged (-want +got):\n%s", p.Interrupted, diff)
	}
}

// Files that no package brings back are listed before they are deleted.
func TestBuildListsWhatIsDeleted(t *testing.T) {
	t.Parallel()
	others := []string{"data/db", "notes.txt"}
	foreign := installed.Plugin{Name: "authz", Present: true, Version: version("0.6.0"), Others: others}
	old := present("old", "1.0.0", sumB)
	old.Others = others
	p, err := plan.Build(input(foreign, old))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p.Changes {
		if diff := cmp.Diff(others, c.Deletes); diff != "" {
			t.Errorf("%s %s deletes (-want +got):\n%s", c.Action, c.Name, diff)
		}
	}
	if p.Changes[0].Deletes[0] = "changed"; others[0] != "data/db" {
		t.Error("the plan shares its list with the snapshot")
	}
}

// What stands at the place of one plugin fails that one alone; nobody's business fails
// nothing.
func TestBuildGoesOnWithoutWhatIsBlocked(t *testing.T) {
	t.Parallel()
	blocked := &installed.NotADirectoryError{Path: "plugins/authz"}
	in := input(installed.Plugin{Name: "authz", Present: true, Blocked: blocked})
	in.Required = append(in.Required, required("billing"))
	in.Lock.Plugins = append(in.Lock.Plugins, locked("billing", "1.0.0", sumB))
	in.Snapshot.Stale = []plugin.Name{"gone"}
	p, err := plan.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Changes) != 1 || p.Changes[0].Name != "billing" || p.Summary != (plan.Summary{Install: 1}) {
		t.Errorf("the changes are %+v", p.Changes)
	}
	var failed *plugin.Error
	if !errors.As(p.Err(), &failed) || failed.Plugin != "authz" || !errors.Is(p.Err(), blocked) {
		t.Errorf("Err = %v", p.Err())
	}
	if len(p.Stale) != 1 || p.Stale[0] != "gone" {
		t.Errorf("Stale = %v", p.Stale)
	}
	data, err := json.Marshal(p)
	if err != nil || !strings.HasSuffix(string(data), `"failed":[{"name":"authz","message":"plugins/authz is a file; it must be a folder"}]}`) {
		t.Errorf("the document is %s, %v", data, err)
	}
}

// A plugin that is not for this platform is not wanted here: it is not missed, and
// goes if it is there.
func TestBuildOfAPluginForOtherPlatforms(t *testing.T) {
	t.Parallel()
	in := input(present("authz", "0.6.0", sumA))
	in.Required[0].Platforms = []plugin.Platform{darwin}
	in.Lock.Plugins[0].Packages[0].Platform = darwin
	p, err := plan.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	if p.Summary != (plan.Summary{Remove: 1}) {
		t.Errorf("the summary is %+v: want it removed", p.Summary)
	}
	in.Snapshot = &installed.Snapshot{}
	if p, err = plan.Build(in); err != nil || !p.Empty() {
		t.Errorf("Build = %+v, %v: want nothing to do", p, err)
	}
}

func TestBuildRefusesAPlatformThatIsNotLocked(t *testing.T) {
	t.Parallel()
	in := input()
	in.Platform = plugin.Platform{OS: "plan9", Arch: "386"}
	in.Required = append(in.Required, required("billing"), required("everywhere"))
	billing := locked("billing", "1.0.0", sumB)
	billing.Packages = append(billing.Packages, plugin.Package{Platform: darwin, URL: "https://x", Digest: sumB})
	everywhere := locked("everywhere", "1.0.0", sumB)
	everywhere.Packages[0].Platform = plugin.AnyPlatform
	in.Lock.Plugins = append(in.Lock.Plugins, billing, everywhere)
	in.Lock.Sort()
	_, err := plan.Build(in)
	var platform *plan.PlatformError
	if !errors.As(err, &platform) {
		t.Fatalf("Build = %v: want a PlatformError", err)
	}
	want := &plan.PlatformError{Platform: in.Platform, Plugins: []plugin.Name{"authz", "billing"}, Locked: []plugin.Platform{linux}, Undeclared: true}
	if diff := cmp.Diff(want, platform); diff != "" {
		t.Errorf("the error (-want +got):\n%s", diff)
	}
	if err.Error() != "not locked for this machine's platform, plan9/386: authz, billing" {
		t.Errorf("it says %q", err)
	}

	in.Platforms = []plugin.Platform{linux}
	if _, err = plan.Build(in); !errors.As(err, &platform) || platform.Undeclared {
		t.Errorf("with platforms declared, Build = %#v", err)
	}
}

func TestBuildRefusesALockThatIsOutOfDate(t *testing.T) {
	t.Parallel()
	in := input()
	in.Required = append(in.Required, required("newcomer"))
	_, err := plan.Build(in)
	var outOfDate *lock.OutOfDateError
	if !errors.As(err, &outOfDate) {
		t.Errorf("Build = %v: want an OutOfDateError", err)
	}
}

// The document is public, its order of fields included.
func TestJSONGolden(t *testing.T) {
	t.Parallel()
	in := input(present("authz", "0.5.8", sumB))
	in.Snapshot.Unmanaged = []string{"old-thing"}
	for _, name := range []plugin.Name{"b", "c", "d", "e", "f", "g", "h"} {
		in.Required = append(in.Required, required(name))
		in.Lock.Plugins = append(in.Lock.Plugins, locked(name, "1.0.0", sumA))
		in.Snapshot.Plugins = append(in.Snapshot.Plugins, present(name, "1.0.0", sumA))
	}
	golden(t, in, `{"format_version": "1.0", "plugin_dir": "data/plugins", "platform": "linux/amd64",
 "changes": [{"name": "authz", "action": "upgrade", "from": "0.5.8", "to": "0.6.0",
              "reasons": ["version"], "source": "gocodealone/authz", "digest": "`+string(sumA)+`"}],
 "unmanaged": ["old-thing"], "interrupted": false,
 "summary": {"install": 0, "upgrade": 1, "downgrade": 0, "repair": 0, "remove": 0, "keep": 7}}`)
}

// What there is not is left out, but lists are never null.
func TestJSONLeavesOutVersionsButNotLists(t *testing.T) {
	t.Parallel()
	golden(t, plan.Input{Lock: &lock.File{}, Snapshot: &installed.Snapshot{}, Platform: linux, PluginDir: "plugins"},
		`{"format_version": "1.0", "plugin_dir": "plugins", "platform": "linux/amd64",
 "changes": [], "unmanaged": [], "interrupted": false,
 "summary": {"install": 0, "upgrade": 0, "downgrade": 0, "repair": 0, "remove": 0, "keep": 0}}`)
	in := input(present("old", "1.0.0", sumB))
	in.Snapshot.Plugins[0].Drift = []installed.Drift{{Path: "x", Kind: installed.Extra}}
	golden(t, in, `{"format_version": "1.0", "plugin_dir": "data/plugins", "platform": "linux/amd64",
 "changes": [
  {"name": "authz", "action": "install", "to": "0.6.0", "reasons": ["missing"], "source": "gocodealone/authz", "digest": "`+string(sumA)+`"},
  {"name": "old", "action": "remove", "from": "1.0.0", "reasons": ["undeclared"], "source": "gocodealone/old", "digest": "`+string(sumB)+`"}],
 "unmanaged": [], "interrupted": false,
 "summary": {"install": 1, "upgrade": 0, "downgrade": 0, "repair": 0, "remove": 1, "keep": 0}}`)
	in = input(present("authz", "0.6.0", sumA))
	in.Snapshot.Plugins[0].Drift = []installed.Drift{{Path: "x", Kind: installed.Extra}}
	in.Snapshot.Interrupted = true
	golden(t, in, `{"format_version": "1.0", "plugin_dir": "data/plugins", "platform": "linux/amd64",
 "changes": [
  {"name": "authz", "action": "repair", "from": "0.6.0", "to": "0.6.0", "reasons": ["files"], "source": "gocodealone/authz",
   "digest": "`+string(sumA)+`", "files": ["x: not part of the package"], "deletes": ["x"]}],
 "unmanaged": [], "interrupted": true,
 "summary": {"install": 0, "upgrade": 0, "downgrade": 0, "repair": 1, "remove": 0, "keep": 0}}`)
}

// golden compares byte for byte but for white space.
func golden(t *testing.T, in plan.Input, want string) {
	t.Helper()
	p, err := plan.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(want), "", " "); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(spaceless(indented.String()), spaceless(string(got))); diff != "" {
		t.Errorf("the document (-want +got):\n%s", diff)
	}
}

// spaceless makes one line of each element, so that it does not matter how a list
// was laid out.
func spaceless(s string) []string {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(s)); err != nil {
		return []string{err.Error()}
	}
	return strings.SplitAfter(b.String(), ",")
}

// A plan is a function: the same input gives the same plan, and is left as it was.
func TestBuildIsPure(t *testing.T) {
	t.Parallel()
	in := func() plan.Input {
		in := input(present("authz", "0.5.8", sumB), installed.Plugin{Name: "mine", Present: true}, present("old", "1.0.0", sumB))
		in.Snapshot.Unmanaged = append(make([]string, 0, 8), "z", "a")
		in.Required = append(in.Required, required("billing"))
		in.Lock.Plugins = append(in.Lock.Plugins, locked("billing", "1.0.0", sumB))
		return in
	}
	given := in()
	first, err := plan.Build(given)
	if err != nil {
		t.Fatal(err)
	}
	// DeepEqual, since functions and versions are compared, too.
	if !reflect.DeepEqual(given, in()) {
		t.Error("Build changed what it was given")
	}
	second, err := plan.Build(given)
	if err != nil || !reflect.DeepEqual(first, second) {
		t.Errorf("the second plan is another one: %+v, %v", second, err)
	}
	first.Unmanaged[0] = "changed"
	if given.Snapshot.Unmanaged[0] != "z" {
		t.Error("the plan shares its list with the snapshot")
	}
}
