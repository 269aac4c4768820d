package plan_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

const configText = `plugin "authz" {}`

// build makes a plan of a configuration with that text.
func build(t *testing.T, in plan.Input, config string) *plan.Plan {
	t.Helper()
	sum := sha256.Sum256([]byte(config))
	in.Config = plugin.NewDigest(plugin.SHA256, sum[:])
	p, err := plan.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func encode(t *testing.T, p *plan.Plan) []byte {
	t.Helper()
	data, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSavedPlanRoundTrip(t *testing.T) {
	t.Parallel()
	in := input(present("authz", "0.5.8", sumB), present("old", "1.0.0", sumB))
	in.Snapshot.Plugins[0].Drift = []installed.Drift{{Path: "x", Kind: installed.Extra}}
	saved := build(t, in, configText)
	data := encode(t, saved)
	read, err := plan.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(data), string(encode(t, read))); diff != "" {
		t.Errorf("read and written again (-want +got):\n%s", diff)
	}
	if err := read.Check(saved); err != nil {
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
			saved := build(t, input(present("authz", "0.5.8", sumB)), configText)
			in := input(present("authz", "0.5.8", sumB))
			test.change(&in)
			now := build(t, in, configText)
			checkStale(t, saved.Check(now), test.want)
		})
	}
	saved := build(t, input(), configText)
	changed := build(t, input(), "# "+configText)
	checkStale(t, saved.Check(changed), "the configuration")
	// What the environment decides is in no digest, but the plans differ.
	other := build(t, input(present("authz", "0.5.8", sumB)), configText)
	other.Inputs = saved.Inputs
	checkStale(t, saved.Check(other), "what is to be done")
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
	base := func() *plan.Plan { return build(t, input(present("authz", "0.5.8", sumB)), configText) }
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
	good := string(encode(t, build(t, input(), configText)))
	for name, test := range map[string]struct{ text, want string }{
		"nothing":          {"", "cut off"},
		"cut off":          {good[:len(good)/2], "cut off"},
		"no JSON":          {"plan", "not valid JSON"},
		"more behind it":   {good + "{}", "follows"},
		"newer format":     {strings.Replace(good, `"1.0"`, `"2.0"`, 1), `"2.0"`},
		"printed, unsaved": {string(encode(t, &plan.Plan{FormatVersion: "1.0", Platform: linux})), "plan --out"},
		"a key twice":      {strings.Replace(good, `"interrupted"`, `"changes":[],"interrupted"`, 1), "duplicate key"},
		"bad version":      {strings.Replace(good, `"to": "0.6.0"`, `"to": "new"`, 1), "not a version"},
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
	data, err := p.Encode()
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
		once, err := saved.Encode()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := plan.Parse(once)
		if err != nil {
			t.Fatalf("what was written is not read: %v\n%s", err, once)
		}
		if err := again.Check(saved); err != nil {
			t.Fatalf("it is not itself: %v", err)
		}
		if twice, err := again.Encode(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("writing it again changes it: %v\n%s\n%s", err, once, twice)
		}
	})
}
