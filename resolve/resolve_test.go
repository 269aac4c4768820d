package resolve_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
	"github.com/plugins-hcl/plugins/source"
)

var (
	linux  = plugin.Platform{OS: "linux", Arch: "amd64"}
	darwin = plugin.Platform{OS: "darwin", Arch: "arm64"}

	now = time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
)

// published is a source whose versions are known.
type published []source.Candidate

func (p published) Candidates(context.Context) ([]source.Candidate, error) { return p, nil }

func (p published) Release(context.Context, plugin.Version) (*source.Release, error) {
	return nil, errors.New("a release was asked for, though a version was to be chosen")
}

// versions are candidates with nothing to rule them out, given oldest first.
func versions(texts ...string) published {
	var p published
	for _, text := range texts {
		p = append(p, source.Candidate{Version: plugin.MustVersion(text)})
	}
	return p
}

func requirement(name plugin.Name, constraint string) plugin.Requirement {
	return plugin.Requirement{
		Name: name, Constraint: plugin.MustConstraint(constraint),
		Source: plugin.SourceSpec{Kind: plugin.SourceRegistry, Text: "acme/" + string(name)},
		Pos:    plugin.Pos{File: "plugins.hcl", Line: 7, Column: 1},
	}
}

// input asks for authz alone.
func input(p published, constraint string) resolve.Input {
	return resolve.Input{
		Required: []plugin.Requirement{requirement("authz", constraint)},
		Sources:  func(plugin.Requirement) (source.Source, error) { return p, nil },
		Host:     plugin.Host{Name: "workflow", Version: plugin.MustVersion("0.86.0")},
		Now:      now,
	}
}

func previous(version string) *lock.File {
	return &lock.File{Plugins: []lock.Plugin{{Name: "authz", Version: plugin.MustVersion(version), Source: "acme/authz"}}}
}

// failing is evidence against version.
func failing(version, engine, status string, platform plugin.Platform) source.Candidate {
	return source.Candidate{
		Version: plugin.MustVersion(version),
		Evidence: []source.Evidence{{
			Engine: plugin.MustVersion(engine), Platform: platform, Failed: status == "fail",
		}},
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	old, current := source.Candidate{Version: plugin.MustVersion("1.0.0")}, "0.86.0"
	released := func(v string, daysAgo int) source.Candidate {
		return source.Candidate{Version: plugin.MustVersion(v), Released: now.AddDate(0, 0, -daysAgo)}
	}
	for name, test := range map[string]struct {
		candidates published
		constraint string
		change     func(*resolve.Input)
		want       string
	}{
		"the newest":                       {versions("1.0.0", "1.1.0", "2.0.0"), "", nil, "2.0.0"},
		"the newest allowed":               {versions("1.0.0", "1.1.0", "2.0.0"), "~> 1.0", nil, "1.1.0"},
		"no prerelease unasked":            {versions("1.0.0", "2.0.0-rc.1"), "", nil, "1.0.0"},
		"no prerelease of a range":         {versions("1.0.0", "1.1.0-rc.1"), ">= 1", nil, "1.0.0"},
		"a prerelease that is named":       {versions("1.0.0", "1.1.0-rc.1"), ">= 1.1.0-rc.0", nil, "1.1.0-rc.1"},
		"a folder's prerelease":            {versions("1.0.0-dev"), "", local, "1.0.0-dev"},
		"what is locked stays":             {versions("1.0.0", "1.1.0"), "", locked("1.0.0"), "1.0.0"},
		"unless it is not allowed":         {versions("1.0.0", "1.1.0", "2.0.0"), ">= 1.1, < 2", locked("1.0.0"), "1.1.0"},
		"though it is gone":                {versions("1.1.0", "1.2.0"), "", locked("1.0.0"), "1.0.0"},
		"though nothing is listed":         {nil, "", locked("1.0.0"), "1.0.0"},
		"unless it is gone and upgraded":   {versions("1.1.0", "1.2.0"), "", upgraded("1.0.0", "authz"), "1.2.0"},
		"unless its lock needs a new host": {versions("0.9.0", "1.0.0", "1.1.0"), "", lockedFor("1.0.0", "0.90.0"), "1.1.0"},
		"unless it moved and is not there": {versions("1.1.0", "1.2.0"), "", elsewhere("1.0.0"), "1.2.0"},
		"though it moved":                  {versions("1.0.0", "1.2.0"), "", elsewhere("1.0.0"), "1.0.0"},
		"unless it comes from elsewhere":   {versions("1.0.0", "1.1.0"), "", moved("1.0.0"), "1.1.0"},
		"unless the host cannot run it":    {published{needing("1.0.0", "0.90.0"), needing("0.9.0", "")}, "", locked("1.0.0"), "0.9.0"},
		"a lock that knows others":         {versions("1.0.0", "1.1.0"), "", func(in *resolve.Input) { in.Previous = &lock.File{} }, "1.1.0"},
		"an upgrade of all":                {versions("1.0.0", "1.1.0"), "", upgraded("1.0.0", "authz"), "1.1.0"},
		"an upgrade of another":            {versions("1.0.0", "1.1.0"), "", upgraded("1.0.0", "billing"), "1.0.0"},
		"an upgrade within the constraint": {versions("1.0.0", "1.1.0", "2.0.0"), "1.x", upgraded("1.0.0", "authz"), "1.1.0"},

		"a host that is new enough":      {published{old, needing("1.1.0", "0.86.0")}, "", nil, "1.1.0"},
		"a host that is too old":         {published{old, needing("1.1.0", "0.86.1")}, "", nil, "1.0.0"},
		"a host nobody declared":         {published{old, needing("1.1.0", "9.0.0")}, "", hostless, "1.1.0"},
		"evidence of failure":            {published{old, failing("1.1.0", current, "fail", plugin.Platform{})}, "", nil, "1.0.0"},
		"evidence of success":            {published{old, failing("1.1.0", current, "pass", plugin.Platform{})}, "", nil, "1.1.0"},
		"failure with another host":      {published{old, failing("1.1.0", "0.85.0", "fail", plugin.Platform{})}, "", nil, "1.1.0"},
		"failure with no declared host":  {published{old, failing("1.1.0", current, "fail", plugin.Platform{})}, "", hostless, "1.1.0"},
		"failure on a declared platform": {published{old, failing("1.1.0", current, "fail", linux)}, "", on(linux, darwin), "1.0.0"},
		"failure on another platform":    {published{old, failing("1.1.0", current, "fail", darwin)}, "", on(linux), "1.1.0"},
		"failure where none is declared": {published{old, failing("1.1.0", current, "fail", darwin)}, "", nil, "1.0.0"},
		"failure on another system":      {published{old, failing("1.1.0", current, "fail", plugin.Platform{OS: "windows"})}, "", on(linux), "1.1.0"},
		"failure on this system":         {published{old, failing("1.1.0", current, "fail", plugin.Platform{OS: "linux"})}, "", on(linux), "1.0.0"},
		"failure on a processor":         {published{old, failing("1.1.0", current, "fail", plugin.Platform{Arch: "arm64"})}, "", on(darwin), "1.0.0"},
		"failure on the plugin's platform": {
			published{old, failing("1.1.0", current, "fail", darwin)},
			"",
			func(in *resolve.Input) { on(linux)(in); in.Required[0].Platforms = []plugin.Platform{darwin} }, "1.0.0",
		},
		"failure elsewhere than on the plugin's": {
			published{old, failing("1.1.0", current, "fail", linux)},
			"",
			func(in *resolve.Input) { on(linux)(in); in.Required[0].Platforms = []plugin.Platform{darwin} }, "1.1.0",
		},

		"old enough":               {published{released("1.0.0", 30), released("1.1.0", 7)}, "", aged, "1.1.0"},
		"too young":                {published{released("1.0.0", 30), released("1.1.0", 6)}, "", aged, "1.0.0"},
		"of unknown age":           {published{released("1.0.0", 30), versions("1.1.0")[0]}, "", aged, "1.0.0"},
		"locked, though too young": {published{released("1.0.0", 30), released("1.1.0", 1), released("1.2.0", 0)}, "", func(in *resolve.Input) { aged(in); locked("1.1.0")(in) }, "1.1.0"},
		"a folder, of no age":      {versions("1.0.0"), "", func(in *resolve.Input) { aged(in); local(in) }, "1.0.0"},
		"an address, of no age":    {versions("2.0.1"), "2.0.1", func(in *resolve.Input) { aged(in); in.Required[0].Source.Kind = plugin.SourceURL }, "2.0.1"},
		"of any age":               {published{released("1.0.0", 30), released("1.1.0", 0)}, "", nil, "1.1.0"},
		"from the near past":       {published{released("1.0.0", 30), released("1.1.0", -1)}, "", aged, "1.0.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(test.candidates, test.constraint)
			if test.change != nil {
				test.change(&in)
			}
			choices, err := resolve.Choose(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if len(choices) != 1 || choices[0].Version.String() != test.want {
				t.Fatalf("chosen: %+v, want %s", choices, test.want)
			}
			if c := choices[0]; c.Requirement.Name != "authz" || c.Source == nil {
				t.Errorf("the choice is incomplete: %+v", c)
			}
		})
	}
}

func needing(version, engine string) source.Candidate {
	c := source.Candidate{Version: plugin.MustVersion(version)}
	if engine != "" {
		c.MinEngine = plugin.MustVersion(engine)
	}
	return c
}

func locked(version string) func(*resolve.Input) {
	return func(in *resolve.Input) { in.Previous = previous(version) }
}

func moved(version string) func(*resolve.Input) {
	return func(in *resolve.Input) {
		in.Previous = previous(version)
		in.Previous.Plugins[0].Source = "elsewhere/authz"
	}
}

func lockedFor(version, host string) func(*resolve.Input) {
	return func(in *resolve.Input) {
		in.Previous = previous(version)
		in.Previous.Plugins[0].MinHost = plugin.MustVersion(host)
	}
}

// elsewhere is a lock from the registry in another folder.
func elsewhere(version string) func(*resolve.Input) {
	return func(in *resolve.Input) {
		in.Previous = previous(version)
		in.Previous.Plugins[0].Packages = []lock.Package{{Platform: linux, Path: "./old/authz.tar"}}
		in.Required[0].Source.Base = "./new"
	}
}

func upgraded(version string, name plugin.Name) func(*resolve.Input) {
	return func(in *resolve.Input) {
		in.Previous = previous(version)
		in.Upgrade = func(n plugin.Name) bool { return n == name }
	}
}

func on(platforms ...plugin.Platform) func(*resolve.Input) {
	return func(in *resolve.Input) { in.Platforms = platforms }
}

func hostless(in *resolve.Input) { in.Host = plugin.Host{} }
func aged(in *resolve.Input)     { in.MinAge = 7 * 24 * time.Hour }
func local(in *resolve.Input) {
	in.Required[0].Source = plugin.SourceSpec{Kind: plugin.SourceLocal, Text: "./x"}
}

// The words are for a person who does not know why.
func TestNoVersionErrorTells(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		candidates published
		constraint string
		change     func(*resolve.Input)
		want       string
	}{
		"nothing published": {nil, "~> 1.0", nil, `no version satisfies "~> 1.0": none exists`},
		"no constraint":     {nil, "", nil, `no version can be chosen: none exists`},
		"none allowed": {
			versions("0.9.0", "1.0.0"), "^2", nil,
			`no version satisfies "^2"; these exist: 1.0.0, 0.9.0`,
		},
		"prereleases only": {
			versions("1.0.0-rc.1", "1.0.0-rc.2"), "", nil,
			"no version can be chosen; these exist: 1.0.0-rc.2, 1.0.0-rc.1\n" +
				"  1.0.0-rc.2, 1.0.0-rc.1: it is a prerelease, and no constraint names one",
		},
		"hosts": {
			published{needing("0.9.0", ""), needing("1.0.0", "0.90.0"), needing("1.1.0", "0.90.0"), needing("1.2.0", "1.0.0")},
			">= 1", nil,
			"no version that satisfies \">= 1\" can be chosen:\n" +
				"  1.2.0: it needs workflow 1.0.0 or newer, and the configuration says 0.86.0\n" +
				"  1.1.0, 1.0.0: it needs workflow 0.90.0 or newer, and the configuration says 0.86.0\n" +
				"  0.9.0: the constraint does not allow it",
		},
		"a prerelease that the constraint does not name": {
			versions("0.9.0", "1.1.0-rc.1"), ">= 1.0.0-0", nil,
			"no version satisfies \">= 1.0.0-0\"; these exist: 1.1.0-rc.1, 0.9.0\n" +
				"  1.1.0-rc.1: it is a prerelease, and the constraint names none of 1.1.0",
		},
		"the version that is asked for": {
			published{needing("2.0.1", "0.90.0")},
			"2.0.1", nil,
			"no version that satisfies \"2.0.1\" can be chosen:\n" +
				"  2.0.1: it needs workflow 0.90.0 or newer, and the configuration says 0.86.0",
		},
		"evidence": {
			published{failing("1.0.0", "0.86.0", "fail", linux)},
			"", nil,
			"no version can be chosen:\n" +
				"  1.0.0: the registry lists it as failing with workflow 0.86.0",
		},
		"age, known": {
			published{{Version: plugin.MustVersion("1.0.0"), Released: now.AddDate(0, 0, -1)}},
			"", aged,
			"no version can be chosen:\n" +
				"  1.0.0: it was released on 2026-01-30, and the policy wants it to be 168h0m0s old",
		},
		"age, of an address without a version": {
			versions("1.0.0"), "", func(in *resolve.Input) { aged(in); in.Required[0].Source.Kind = plugin.SourceURL },
			"no version can be chosen:\n" +
				"  1.0.0: the policy wants it to be 168h0m0s old, and its source does not tell its age",
		},
		"age": {
			versions("1.0.0"), "", aged,
			"no version can be chosen:\n" +
				"  1.0.0: the policy wants it to be 168h0m0s old, and its source does not tell its age",
		},
		"many": {
			versions("1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.6.0", "1.7.0", "1.8.0", "1.9.0", "1.10.0", "1.11.0"), "^2", nil,
			`no version satisfies "^2"; these exist: 1.11.0, 1.10.0, 1.9.0, 1.8.0, 1.7.0, 1.6.0, 1.5.0, 1.4.0, 1.3.0, 1.2.0, and 2 older`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(test.candidates, test.constraint)
			if test.change != nil {
				test.change(&in)
			}
			choices, err := resolve.Choose(t.Context(), in)
			var none *resolve.NoVersionError
			if !errors.As(err, &none) || len(choices) != 0 {
				t.Fatalf("Choose = %v, %v: want a NoVersionError", choices, err)
			}
			if diff := cmp.Diff(test.want, none.Error()); diff != "" {
				t.Errorf("the message (-want +got):\n%s", diff)
			}
			if len(none.RuledOut) != len(test.candidates) {
				t.Errorf("%d versions are explained of %d", len(none.RuledOut), len(test.candidates))
			}
		})
	}
}

// All that fails is told together, and what does not is chosen all the same.
func TestChooseReportsEveryPlugin(t *testing.T) {
	t.Parallel()
	in := input(nil, "")
	in.Required = []plugin.Requirement{requirement("c", "^2"), requirement("a", ""), requirement("b", ""), requirement("d", "")}
	unreachable := errors.New("the registry cannot be reached")
	in.Sources = func(r plugin.Requirement) (source.Source, error) {
		switch r.Name {
		case "b":
			return nil, errors.New("no registry is declared")
		case "d":
			return broken{unreachable}, nil
		}
		return versions("1.0.0"), nil
	}
	choices, err := resolve.Choose(t.Context(), in)
	if len(choices) != 1 || choices[0].Requirement.Name != "a" {
		t.Errorf("chosen: %+v, want a alone", choices)
	}
	if !errors.Is(err, unreachable) {
		t.Errorf("%v does not wrap its cause", err)
	}
	var texts []string
	for _, e := range unjoin(t, err) {
		var failed *plugin.Error
		if !errors.As(e, &failed) || failed.Pos.Line != 7 {
			t.Fatalf("%v is no plugin.Error with its place", e)
		}
		texts = append(texts, failed.Error())
	}
	want := []string{
		`c: no version satisfies "^2"; these exist: 1.0.0`,
		"b: no registry is declared",
		"d: the registry cannot be reached",
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("the errors (-want +got):\n%s", diff)
	}
}

func unjoin(t *testing.T, err error) []error {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%v joins nothing", err)
	}
	return joined.Unwrap()
}

type broken struct{ err error }

func (b broken) Candidates(context.Context) ([]source.Candidate, error) { return nil, b.err }

func (b broken) Release(context.Context, plugin.Version) (*source.Release, error) { return nil, b.err }

// In whatever order plugins are declared, and however many sources are asked at once,
// the same is chosen.
func TestChooseDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	pool := []string{"0.9.0", "1.0.0", "1.1.0-rc.1", "1.1.0", "2.0.0"}
	rapid.Check(t, func(t *rapid.T) {
		in := resolve.Input{Previous: &lock.File{}, Now: now}
		known := map[plugin.Name]published{}
		for i := range rapid.IntRange(1, 6).Draw(t, "plugins") {
			r := requirement(plugin.Name(fmt.Sprintf("p%d", i)), rapid.SampledFrom([]string{"", "1.x", ">= 1.1.0-rc.0", "^3"}).Draw(t, "constraint"))
			in.Required = append(in.Required, r)
			for _, v := range pool {
				if rapid.Bool().Draw(t, "has "+v) {
					known[r.Name] = append(known[r.Name], source.Candidate{Version: plugin.MustVersion(v)})
				}
			}
			if rapid.Bool().Draw(t, "locked") {
				in.Previous.Plugins = append(in.Previous.Plugins, lock.Plugin{
					Name: r.Name, Source: r.Source.Text, Version: plugin.MustVersion(rapid.SampledFrom(pool).Draw(t, "version")),
				})
			}
		}
		in.Sources = func(r plugin.Requirement) (source.Source, error) { return known[r.Name], nil }
		want := outcome(in)
		r := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed")))
		r.Shuffle(len(in.Required), func(i, j int) {
			in.Required[i], in.Required[j] = in.Required[j], in.Required[i]
		})
		in.Jobs = rapid.IntRange(1, 4).Draw(t, "jobs")
		if diff := cmp.Diff(want, outcome(in)); diff != "" {
			t.Fatalf("another order chooses otherwise:\n%s", diff)
		}
	})
}

// outcome is what was chosen, in order, and what failed, in any.
func outcome(in resolve.Input) map[string]string {
	choices, err := resolve.Choose(context.Background(), in)
	out := map[string]string{}
	var order []string
	for _, c := range choices {
		order = append(order, fmt.Sprintf("%s %s", c.Requirement.Name, c.Version))
	}
	out["chosen"] = strings.Join(order, ", ")
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			out[e.Error()] = "failed"
		}
	}
	return out
}

func TestChooseStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in := input(nil, "")
	in.Sources = func(plugin.Requirement) (source.Source, error) { return obedient{}, nil }
	if _, err := resolve.Choose(ctx, in); !errors.Is(err, context.Canceled) {
		t.Errorf("Choose = %v", err)
	}
}

// obedient passes on what its context says.
type obedient struct{ published }

func (obedient) Candidates(ctx context.Context) ([]source.Candidate, error) { return nil, ctx.Err() }

// What is locked stays though its source has nothing of it, or must not be asked; that a
// source fails is an error, since it may have something to say. A fixed address is not
// asked at all.
func TestWhatIsLockedStaysWhateverItsSourceSays(t *testing.T) {
	t.Parallel()
	failed := errors.New("500")
	for name, test := range map[string]struct {
		err  error
		kind plugin.SourceKind
		want error
	}{
		"nothing there":        {fmt.Errorf("gone: %w", source.ErrNoRelease), plugin.SourceRegistry, nil},
		"not to be asked":      {fmt.Errorf("far away: %w", source.ErrOffline), plugin.SourceRegistry, nil},
		"it fails":             {failed, plugin.SourceRegistry, failed},
		"a fixed address":      {failed, plugin.SourceURL, nil},
		"a folder is no other": {failed, plugin.SourceLocal, failed},
	} {
		in := input(nil, "~> 1.0")
		in.Sources = func(plugin.Requirement) (source.Source, error) { return broken{test.err}, nil }
		in.Previous = previous("1.0.0")
		in.Previous.Plugins[0].MinHost = plugin.MustVersion("0.50.0")
		in.Required[0].Source.Kind = test.kind
		choices, err := resolve.Choose(t.Context(), in)
		if test.want != nil {
			if !errors.Is(err, test.want) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || len(choices) != 1 || !choices[0].Kept || choices[0].Version.String() != "1.0.0" || choices[0].MinHost.String() != "0.50.0" {
			t.Errorf("%s: %+v, %v", name, choices, err)
		}
		// Where the constraint does not allow it, the source must be asked.
		in.Required[0].Constraint = plugin.MustConstraint("^2")
		if _, err := resolve.Choose(t.Context(), in); !errors.Is(err, test.err) {
			t.Errorf("%s, and not allowed: %v", name, err)
		}
	}
}
