package plan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

var configBytes = []byte(`plugin "authz" {}`)

// saveOf builds a plan and saves it.
func saveOf(t *testing.T, in plan.Input, config []byte) *plan.Saved {
	t.Helper()
	p, err := plan.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	inputs, err := plan.DigestInputs(config, in.Lock, in.Snapshot)
	if err != nil {
		t.Fatal(err)
	}
	return &plan.Saved{Plan: *p, Inputs: inputs}
}

func encode(t *testing.T, s *plan.Saved) []byte {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSavedPlanRoundTrip(t *testing.T) {
	t.Parallel()
	in := input(present("authz", "0.5.8", sumB), present("old", "1.0.0", sumB))
	in.Snapshot.Plugins[0].Drift = []installed.Drift{{Path: "x", Kind: installed.Extra}}
	saved := saveOf(t, in, configBytes)
	data := encode(t, saved)
	read, err := plan.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(data), string(encode(t, read))); diff != "" {
		t.Errorf("read and written again (-want +got):\n%s", diff)
	}
	if err := read.Check(&saved.Plan, saved.Inputs); err != nil {
		t.Errorf("Check = %v: nothing changed", err)
	}
}

// Whatever a plan was made from, that it changed is told.
func TestSavedPlanGoesStale(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*plan.Input)
		want   string
	}{
		"a version in the lock": {func(in *plan.Input) { in.Lock.Plugins[0].Version = version("0.6.1") }, "the lock file"},
		"a digest in the lock":  {func(in *plan.Input) { in.Lock.Plugins[0].Packages[0].Digest = sumB }, "the lock file"},
		"installed meanwhile":   {func(in *plan.Input) { in.Snapshot.Plugins[0] = present("authz", "0.6.0", sumA) }, "the plugin directory"},
		"removed meanwhile":     {func(in *plan.Input) { in.Snapshot.Plugins = nil }, "the plugin directory"},
		"a file changed": {func(in *plan.Input) {
			in.Snapshot.Plugins[0].Drift = []installed.Drift{{Path: "authz", Kind: installed.Modified}}
		}, "the plugin directory"},
		"a file to lose": {func(in *plan.Input) { in.Snapshot.Plugins[0].Others = []string{"x"} }, "the plugin directory"},
		"a link in its place": {func(in *plan.Input) {
			in.Snapshot.Plugins[0].Blocked = &installed.NotADirectoryError{}
		}, "the plugin directory"},
		"something unmanaged": {func(in *plan.Input) { in.Snapshot.Unmanaged = []string{"x"} }, "the plugin directory"},
		"another directory":   {func(in *plan.Input) { in.PluginDir = "elsewhere" }, "the plugin directory"},
		"its record only":     {func(in *plan.Input) { in.Snapshot.Plugins[0].Record.Digest = sumA }, "the plugin directory"},
		"another platform":    {func(in *plan.Input) { in.Platform = darwin; in.Lock.Plugins[0].Packages[0].Platform = darwin }, "the lock file and the platform"},
		"lock and directory":  {func(in *plan.Input) { in.Lock.Plugins[0].Version = version("0.7.0"); in.Snapshot.Plugins = nil }, "the lock file and the plugin directory"},
		"a platform it is on anyway": {func(in *plan.Input) {
			in.Required[0].Platforms = []plugin.Platform{darwin}
			in.Required[0].Platforms[0] = linux
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			saved := saveOf(t, input(present("authz", "0.5.8", sumB)), configBytes)
			in := input(present("authz", "0.5.8", sumB))
			test.change(&in)
			now := saveOf(t, in, configBytes)
			checkStale(t, saved.Check(&now.Plan, now.Inputs), test.want)
		})
	}
	saved := saveOf(t, input(), configBytes)
	changed := saveOf(t, input(), []byte("# "+string(configBytes)))
	checkStale(t, saved.Check(&changed.Plan, changed.Inputs), "the configuration")
	// What the environment decides is in no digest, but the plans differ.
	other := saveOf(t, input(present("authz", "0.5.8", sumB)), configBytes)
	checkStale(t, saved.Check(&other.Plan, saved.Inputs), "what is to be done")
}

func checkStale(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("Check = %v: want nothing", err)
		}
		return
	}
	var stale *plan.StaleError
	if !errors.As(err, &stale) || err.Error() != "the plan is stale: since it was made, "+want+" changed" {
		t.Errorf("Check = %v: want %s", err, want)
	}
}

func TestStaleErrorLists(t *testing.T) {
	t.Parallel()
	err := &plan.StaleError{Changed: []string{"a", "b", "c"}}
	if got := err.Error(); !strings.HasSuffix(got, "a, b and c changed") {
		t.Errorf("it says %q", got)
	}
}

// An order of files in a record, or when they were found, makes no plan stale; two
// things that differ do.
func TestSameComparesWhatIsDone(t *testing.T) {
	t.Parallel()
	base := func() *plan.Plan { return &saveOf(t, input(present("authz", "0.5.8", sumB)), configBytes).Plan }
	for name, change := range map[string]func(*plan.Change){
		"name":                 func(c *plan.Change) { c.Name = "x" },
		"action":               func(c *plan.Change) { c.Action = plan.Repair },
		"from":                 func(c *plan.Change) { c.From = version("0.1.0") },
		"to":                   func(c *plan.Change) { c.To = version("0.9.0") },
		"source":               func(c *plan.Change) { c.Source = "x" },
		"digest":               func(c *plan.Change) { c.Digest = sumB },
		"reasons":              func(c *plan.Change) { c.Reasons = nil },
		"file that is deleted": func(c *plan.Change) { c.Deletes = []string{"x"} },
	} {
		p := base()
		change(&p.Changes[0])
		if p.Same(base()) {
			t.Errorf("another %s makes no difference", name)
		}
	}
	if !base().Same(base()) {
		t.Error("a plan is not the same as itself")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	good := string(encode(t, saveOf(t, input(), configBytes)))
	for name, test := range map[string]struct{ text, want string }{
		"nothing":          {"", "cut off"},
		"cut off":          {good[:len(good)/2], "cut off"},
		"no JSON":          {"plan", "not valid JSON"},
		"more behind it":   {good + "{}", "follows"},
		"newer format":     {strings.Replace(good, `"1.0"`, `"2.0"`, 1), `"2.0"`},
		"printed, unsaved": {string(encode(t, &plan.Saved{Plan: plan.Plan{FormatVersion: "1.0", Platform: linux}})), "plan --out"},
		"a key twice":      {strings.Replace(good, `"interrupted"`, `"changes":[],"interrupted"`, 1), "duplicate key"},
		"bad version":      {strings.Replace(good, `"to":"0.6.0"`, `"to":"new"`, 1), "not a version"},
		"no platform":      {strings.Replace(good, `"platform"`, `"other"`, 1), "plan --out"},
		"bad platform":     {strings.Replace(good, `"linux/amd64"`, `"linux"`, 1), "not a platform"},
	} {
		if _, err := plan.Parse([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Parse = %v, want %q", name, err, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	in := input(present("authz", "0.5.8", sumB), present("old", "1.0.0", sumB))
	in.Snapshot.Plugins[0].Drift = []installed.Drift{{Path: "x", Kind: installed.Extra}}
	p, err := plan.Build(in)
	if err != nil {
		f.Fatal(err)
	}
	inputs, err := plan.DigestInputs(configBytes, in.Lock, in.Snapshot)
	if err != nil {
		f.Fatal(err)
	}
	data, err := json.Marshal(&plan.Saved{Plan: *p, Inputs: inputs})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"format_version":"1.0","platform":"any","inputs":{"lock":"x"},"changes":[{"to":"1"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		saved, err := plan.Parse(data)
		if err != nil {
			return
		}
		once, err := json.Marshal(saved)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := plan.Parse(once)
		if err != nil {
			t.Fatalf("what was written is not read: %v\n%s", err, once)
		}
		if err := again.Check(&saved.Plan, saved.Inputs); err != nil {
			t.Fatalf("it is not itself: %v", err)
		}
		if twice, err := json.Marshal(again); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("writing it again changes it: %v\n%s\n%s", err, once, twice)
		}
	})
}
