package lock_test

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// conflicted is a text in which two locks stand against each other as a whole.
func conflicted(ours, theirs *lock.File) []byte {
	return bytes.Join([][]byte{
		[]byte("<<<<<<< HEAD\n"), lock.Format(ours), []byte("||||||| 1234567\nanything [[[ at all\n<<<<<<<<< nested\n=========\n>>>>>>>>> nested\n"),
		[]byte("=======\n"), lock.Format(theirs), []byte(">>>>>>> feature/x\n"),
	}, nil)
}

// Each side is read whole, whatever the lines end with, and nothing that either locks is
// lost: it is one side's, or the error names it.
func TestConflictLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ours, theirs := files().Draw(t, "ours"), files().Draw(t, "theirs")
		src := conflicted(ours, theirs)
		if rapid.Bool().Draw(t, "Windows lines") {
			src = bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n"))
		}
		if _, err := lock.Parse(src, "x"); !errors.As(err, new(*lock.ConflictError)) {
			t.Fatalf("Parse: %v", err)
		}
		c, err := lock.ParseConflict(src, "x")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]*lock.File{ours, theirs}, []*lock.File{c.Ours, c.Theirs}); diff != "" {
			t.Fatalf("the sides (-want +got):\n%s", diff)
		}
		if c.OursName != "HEAD" || c.TheirsName != "feature/x" {
			t.Fatalf("they are called %q and %q", c.OursName, c.TheirsName)
		}
		merged, _, err := c.Merge(nil)
		refused := map[plugin.Name]bool{}
		for _, e := range flatten(err) {
			var failed *plugin.Error
			if !errors.As(e, &failed) || !errors.As(e, new(*lock.SidesError)) || !errors.Is(e, plugin.ErrRefused) {
				t.Fatalf("Merge: %v", e)
			}
			refused[failed.Plugin] = true
		}
		for _, side := range []*lock.File{ours, theirs} {
			for _, p := range side.Plugins {
				if err != nil {
					if a, _ := ours.Plugin(p.Name); refused[p.Name] && !a.Version.Equal(p.Version) {
						t.Fatalf("%s: two versions are no contradiction", p.Name)
					}
					continue
				}
				if got, ok := merged.Plugin(p.Name); !ok || got.Version.Compare(p.Version) < 0 {
					t.Fatalf("%s %s was lost: %v", p.Name, p.Version, got.Version)
				}
			}
		}
	})
}

func flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// Markers that stand in no order are an error with their line.
func TestConflictThatIsNone(t *testing.T) {
	t.Parallel()
	const a, b, c, d = "<<<<<<< a\n", "||||||| b\n", "=======\n", ">>>>>>> d\n"
	for name, test := range map[string]struct {
		src    string
		line   int
		reason string
	}{
		"no end":           {"version = 1\n" + a + c, 3, "does not end"},
		"nothing but":      {a, 1, "does not end"},
		"no beginning":     {"version = 1\n" + c + d, 2, "does not belong"},
		"end alone":        {d, 1, "does not belong"},
		"nested":           {a + a + c + d + c + d, 2, "does not belong"},
		"nested in theirs": {a + c + a + c + d + d, 3, "does not belong"},
		"two middles":      {a + c + c + d, 3, "does not belong"},
		"no middle":        {a + d, 2, "does not belong"},
		"base twice":       {a + b + b + c + d, 3, "does not belong"},
		"base in theirs":   {a + c + b + d, 3, "does not belong"},
		"rubbish in ours":  {"version = 1\n" + a + "\x00\xff\n" + c + d, 3, ""},
		"a side is none":   {"version = 1\n" + a + "plugin \"a\" {\n" + c + d, 3, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conflict, err := lock.ParseConflict([]byte(test.src), "x")
			var parse *lock.ParseError
			if !errors.As(err, &parse) || conflict != nil {
				t.Fatalf("ParseConflict = %v, %v: want a ParseError alone", conflict, err)
			}
			if parse.Pos.Line != test.line || !strings.Contains(parse.Reason, test.reason) {
				t.Errorf("line %d: %v, want line %d and %q", parse.Pos.Line, err, test.line, test.reason)
			}
			if _, err := lock.Parse([]byte(test.src), "x"); !errors.As(err, new(*lock.ConflictError)) {
				t.Errorf("Parse: %v", err)
			}
		})
	}
}

func TestMergeChoosesWhatIsRequired(t *testing.T) {
	t.Parallel()
	at := func(version string, change ...func(*lock.Plugin)) *lock.File {
		f := &lock.File{Plugins: goldenFile().Plugins[:1]}
		f.Plugins[0].Version = plugin.MustVersion(version)
		for _, c := range change {
			c(&f.Plugins[0])
		}
		return f
	}
	require := func(constraint string) []plugin.Requirement {
		return []plugin.Requirement{{
			Name: "authz", Constraint: plugin.MustConstraint(constraint),
			Source: plugin.SourceSpec{Kind: plugin.SourceRegistry, Text: "gocodealone/authz", Registry: "gocodealone", Plugin: "authz"},
		}}
	}
	moved := func(p *lock.Plugin) { p.Source = "acme/authz" }
	other := func(p *lock.Plugin) { p.Packages[0].Digest = sumA }
	first := func(p *lock.Plugin) { p.Packages = p.Packages[:1] }
	second := func(p *lock.Plugin) { p.Packages = p.Packages[1:] }
	for name, test := range map[string]struct {
		ours, theirs *lock.File
		required     []plugin.Requirement
		want         string
		takesOurs    bool
		why          lock.Why
	}{
		"newer is theirs":          {at("0.6.1"), at("0.7.0"), require("~> 0.6"), "0.7.0", false, lock.Newer},
		"newer is ours":            {at("0.7.0"), at("0.6.1"), require("~> 0.6"), "0.7.0", true, lock.Newer},
		"newer is not allowed":     {at("0.6.1"), at("0.7.0"), require("~> 0.6.0"), "0.6.1", true, lock.OnlyAllowed},
		"the other is not allowed": {at("0.7.0"), at("0.6.1"), require("~> 0.6.0"), "0.6.1", false, lock.OnlyAllowed},
		"neither is allowed":       {at("0.7.0"), at("0.6.1"), require("9"), "0.7.0", true, lock.Neither},
		"another source":           {at("0.7.0", moved), at("0.6.1"), require("~> 0.6"), "0.6.1", false, lock.OnlyAllowed},
		"not declared":             {at("0.7.0", moved), at("0.7.0"), nil, "0.7.0", true, lock.OtherSource},
		"other platforms":          {at("0.7.0", first), at("0.7.0", second), require("~> 0.6"), "0.7.0", true, lock.Both},
		"only ours":                {at("0.7.0"), &lock.File{}, require("~> 0.6"), "0.7.0", true, lock.OnlySide},
		"only theirs":              {&lock.File{}, at("0.7.0"), nil, "0.7.0", false, lock.OnlySide},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &lock.Conflict{Ours: test.ours, Theirs: test.theirs}
			merged, taken, err := c.Merge(test.required)
			if err != nil || len(merged.Plugins) != 1 || len(taken) != 1 {
				t.Fatalf("Merge = %v, %v, %v", merged, taken, err)
			}
			p := merged.Plugins[0]
			if p.Version.String() != test.want || taken[0].Ours != test.takesOurs || taken[0].Why != test.why {
				t.Errorf("%s, %+v", p.Version, taken[0])
			}
			if test.why == lock.Both && len(p.Packages) != 2 {
				t.Errorf("the platforms are %v", p.Platforms())
			}
		})
	}
	t.Run("other bytes", func(t *testing.T) {
		t.Parallel()
		c := &lock.Conflict{Ours: at("0.7.0"), Theirs: at("0.7.0", other)}
		merged, _, err := c.Merge(require("~> 0.6"))
		var sides *lock.SidesError
		if merged != nil || !errors.As(err, &sides) || sides.Ours != sumB || sides.Theirs != sumA {
			t.Errorf("Merge = %v, %v", merged, err)
		}
	})
}

// What git itself writes is read, in each of its styles.
func TestConflictOfGit(t *testing.T) {
	t.Parallel()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git")
	}
	for _, style := range []string{"--", "--diff3", "--zdiff3"} {
		t.Run(style, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			ours, theirs := goldenFile(), goldenFile()
			edit(0, func(p *lock.Plugin) { p.Version = plugin.MustVersion("0.7.0"); p.Packages[0].Digest = sumA })(ours)
			edit(0, func(p *lock.Plugin) { p.Version = plugin.MustVersion("0.8.0"); p.Packages[1].Digest = sumB })(theirs)
			edit(2, func(p *lock.Plugin) { p.Name = "" })(ours)
			for name, f := range map[string]*lock.File{"base": goldenFile(), "ours": ours, "theirs": theirs} {
				save(t, filepath.Join(dir, name), lock.Format(f))
			}
			cmd := exec.CommandContext(t.Context(), git, "merge-file", "-p", style, "ours", "base", "theirs")
			if style == "--" {
				cmd = exec.CommandContext(t.Context(), git, "merge-file", "-p", "ours", "base", "theirs")
			}
			cmd.Dir = dir
			out, err := cmd.Output()
			var exit *exec.ExitError
			if err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 127 || len(out) == 0) {
				t.Skipf("git merge-file %s: %v", style, err) // git does not know the style
			}
			c, err := lock.ParseConflict(out, "x")
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			merged, taken, err := c.Merge(nil)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			p, _ := merged.Plugin("authz")
			if p.Version.String() != "0.8.0" || len(taken) != 1 || taken[0].Left.String() != "0.7.0" {
				t.Errorf("%s, %+v\n%s", p.Version, taken, out)
			}
		})
	}
}

func FuzzParseConflict(f *testing.F) {
	f.Add(conflicted(goldenFile(), goldenFile()))
	f.Add([]byte("<<<<<<< a\n||||||| b\n=======\n>>>>>>> d\n"))
	f.Add([]byte("<<<<<<<\r\n=======\r\n>>>>>>>\r\nversion = 1"))
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := lock.ParseConflict(src, "x")
		if err != nil {
			return
		}
		merged, _, err := c.Merge(nil)
		if err != nil {
			return
		}
		if _, err := lock.Parse(lock.Format(merged), "x"); err != nil {
			t.Fatalf("what was merged is not read: %v", err)
		}
	})
}
