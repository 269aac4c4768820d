package plugin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/Masterminds/semver/v3"
	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/plugin"
)

// "~>" means what it means in Terraform; beside it what Masterminds' library, whose
// syntax the rest is, makes of the same text.
func TestPessimistic(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		constraint         string
		allowed, forbidden string
		masterminds        string // of allowed, those its own "~>" forbids
	}{
		{"~> 1", "1.0.0 1.9.9", "0.9.9 2.0.0 1.5.0-rc.1 2.0.0-rc.1", ""},
		{"~> 1.2", "1.2.0 1.2.9 1.3.0 1.99.0", "1.1.9 2.0.0 1.3.0-rc.1", "1.3.0 1.99.0"},
		{"~> 1.2.3", "1.2.3 1.2.99", "1.2.2 1.3.0 1.2.4-rc.1", ""},
		{"~> 0", "0.0.1 0.9.0", "1.0.0", ""},
		{"~> 0.6", "0.6.0 0.7.0 0.99.1", "0.5.9 1.0.0", "0.7.0 0.99.1"},
		{"~> 0.0.3", "0.0.3 0.0.9", "0.0.2 0.1.0", ""},
		{"~>1.2", "1.2.0 1.3.0", "2.0.0", "1.3.0"},
		{"~> v1.2", "1.2.0 v1.3.0", "2.0.0", "v1.3.0"},
		{"~> 1.2.3-rc.1", "1.2.3-rc.1 1.2.3-rc.2 1.2.3 1.2.9", "1.2.3-beta 1.3.0 1.3.0-rc.1", ""},
		{"~> 1.2, != 1.3.0", "1.2.0 1.4.0", "1.3.0 2.0.0", "1.4.0"},
		{">= 1.2.5, ~> 1.2", "1.2.5 1.3.0", "1.2.4 2.0.0", "1.3.0"},
		{"~> 1.2 || ~> 3.1", "1.3.0 3.2.0", "2.0.0 4.0.0 3.0.0", "1.3.0 3.2.0"},
		{"~> 1.2||~> 3.1", "1.3.0 3.2.0", "2.0.0 4.0.0", "1.3.0 3.2.0"},
	} {
		t.Run(test.constraint, func(t *testing.T) {
			t.Parallel()
			c := check(t, test.constraint, test.allowed, test.forbidden)
			if c.String() != strings.ReplaceAll(test.constraint, "v", "") {
				t.Errorf("String = %q", c)
			}
			theirs, err := semver.NewConstraint(test.constraint)
			if err != nil {
				t.Fatalf("Masterminds: %v", err)
			}
			var differ []string
			for _, v := range strings.Fields(test.allowed) {
				if !theirs.Check(semver.MustParse(v)) {
					differ = append(differ, v)
				}
			}
			if got := strings.Join(differ, " "); got != test.masterminds {
				t.Errorf("Masterminds forbids %q, want %q", got, test.masterminds)
			}
		})
	}
}

// Everything but "~>" is Masterminds'.
func TestConstraint(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ constraint, allowed, forbidden string }{
		{"", "0.0.1 1.0.0 99.0.0", "1.0.0-rc.1"},
		{"  ", "1.0.0", "1.0.0-rc.1"},
		{"*", "0.0.1 9.0.0", "1.0.0-rc.1"},
		{"1.2.3", "1.2.3 v1.2.3", "1.2.4 1.2.3-rc.1"},
		{"= 1.2.3", "1.2.3", "1.2.4"},
		{"v1.2.3", "1.2.3", "1.2.4"},
		{"1.2", "1.2.0 1.2.9", "1.3.0"},
		{"1.x", "1.0.0 1.9.0", "2.0.0"},
		{"^1.2", "1.2.0 1.9.0", "1.1.0 2.0.0"},
		{"^0.2.3", "0.2.3 0.2.9", "0.3.0"},
		{"~1.2", "1.2.0 1.2.9", "1.3.0"},
		{"~1", "1.0.0 1.9.0", "2.0.0"},
		{">= 2.1, < 3", "2.1.0 2.9.0", "2.0.9 3.0.0 2.2.0-rc.1"},
		{">= 2.1 < 3", "2.1.0 2.9.0", "3.0.0"},
		{"1.2 - 1.4", "1.2.0 1.4.9", "1.1.0 1.5.0"},
		{"< 1 || >= 2", "0.9.0 2.0.0", "1.5.0"},
		{"!= 1.2.3", "1.2.4", "1.2.3"},
		{"1.0.0-rc.1", "1.0.0-rc.1", "1.0.0-rc.2 1.0.0"},

		// Prereleases: those of a version of which a comparator names one, as in npm.
		{">= 1.0.0-0", "1.0.0-rc.1 1.0.0 2.0.0", "0.9.0 1.0.1-rc.1 1.1.0-rc.1 2.0.0-rc.1"},
		{">= 1.0.0-0, < 2", "1.0.0-alpha.1 1.0.0 1.9.9", "2.0.0-alpha.1 1.5.0-rc.1 2.0.0"},
		{">= 1.0.0-rc.1 <= 1.2.0-rc.3", "1.0.0-rc.2 1.2.0-rc.1 1.2.0-rc.3", "1.0.0-beta 1.1.0-rc.1 1.2.0-rc.4 1.2.0"},
		{">= 1, < 2.0.0-rc.1", "1.0.0 2.0.0-beta", "2.0.0-rc.1 2.0.0 1.1.0-beta"},
		{"^1.2.3-rc.1", "1.2.3-rc.2 1.2.3 1.9.0", "1.2.3-beta 1.3.0-rc.1 2.0.0-rc.1"},
		{"~1.2.3-rc.1", "1.2.3-rc.2 1.2.9", "1.2.4-rc.1 1.3.0-rc.1"},
		{"1.2.0-rc.1 - 1.4.0-rc.2", "1.2.0-rc.5 1.3.0 1.4.0-rc.1", "1.3.0-rc.1 1.4.0-rc.3"},
		{">= 1.2-rc.1", "1.2.0-rc.1 1.2.0", "1.3.0-rc.1"},
		{">=v1.2.0-rc.1+b-1", "1.2.0-rc.2", "5.0.0-2"},
		{"1.2.0-rc.1 || >= 3", "1.2.0-rc.1 3.0.0", "3.0.0-rc.1 1.2.0-rc.2"},
		{">= 1, != 1.1.0-rc.1", "1.0.0 1.1.0", "1.1.0-rc.1 1.1.0-rc.2"},
		{">= 1.1.0-rc.0, != 1.1.0-rc.1", "1.1.0-rc.2 1.1.0", "1.1.0-rc.1"},
	} {
		t.Run(test.constraint, func(t *testing.T) {
			t.Parallel()
			check(t, test.constraint, test.allowed, test.forbidden)
		})
	}
	if plugin.MustConstraint("").Allows(plugin.Version{}) || plugin.MustConstraint("*").Allows(plugin.Version{}) {
		t.Error("no version is allowed")
	}
}

func check(t *testing.T, constraint, allowed, forbidden string) plugin.Constraint {
	t.Helper()
	c, err := plugin.ParseConstraint(constraint)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range strings.Fields(allowed) {
		if !c.Allows(plugin.MustVersion(v)) {
			t.Errorf("%q forbids %s", constraint, v)
		}
	}
	for _, v := range strings.Fields(forbidden) {
		if c.Allows(plugin.MustVersion(v)) {
			t.Errorf("%q allows %s", constraint, v)
		}
	}
	return c
}

func TestConstraintErrors(t *testing.T) {
	t.Parallel()
	const hint = `"~>" takes one, two or three numbers: "~> 1", "~> 1.2" or "~> 1.2.3"`
	for constraint, want := range map[string]string{
		"~> 1.x":                      hint,
		"~> x":                        hint,
		"~>":                          hint,
		"~> 1.2.3.4":                  hint,
		"~> 1.2 ~> ":                  hint,
		"newest":                      "improper constraint",
		">= ":                         "improper constraint",
		"=> => 1":                     "improper constraint",
		"~> 99999999999999999999":     "value out of range",
		"~> 1.99999999999999999999.0": "value out of range",
		strings.Repeat("1 ", 400):     "constraint string is too long",
	} {
		_, err := plugin.ParseConstraint(constraint)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), " is not a version constraint: ") {
			t.Errorf("ParseConstraint(%.40q): %v, want %q", constraint, err, want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("MustConstraint does not panic")
		}
	}()
	plugin.MustConstraint("newest")
}

func TestExact(t *testing.T) {
	t.Parallel()
	for constraint, want := range map[string]string{
		"1.2.3": "1.2.3", "= 1.2.3": "1.2.3", "=1.2.3": "1.2.3", "v1.2.3": "1.2.3", "= v1.2.3": "1.2.3",
		"1.2.3-rc.1+b": "1.2.3-rc.1+b",
		"":             "", "1.2": "", "~> 1.2.3": "", ">= 1.2.3": "", "1.2.3 || 1.2.4": "", "1.2.x": "", "!= 1.2.3": "",
	} {
		v, ok := plugin.MustConstraint(constraint).Exact()
		if ok != (want != "") || v.String() != want {
			t.Errorf("Exact of %q = %s, %v", constraint, v, ok)
		}
		if ok && !plugin.MustConstraint(constraint).Allows(v) {
			t.Errorf("%q forbids its own version", constraint)
		}
	}
}

// "~>" is the range the contract writes out for it.
func TestPessimisticProperty(t *testing.T) {
	t.Parallel()
	number := rapid.IntRange(0, 12)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := number.Draw(t, "a"), number.Draw(t, "b"), number.Draw(t, "c")
		v := plugin.MustVersion(fmt.Sprintf("%d.%d.%d", number.Draw(t, "x"), number.Draw(t, "y"), number.Draw(t, "z")))
		for short, long := range map[string]string{
			fmt.Sprintf("~> %d", a):              fmt.Sprintf(">= %d.0.0, < %d.0.0", a, a+1),
			fmt.Sprintf("~> %d.%d", a, b):        fmt.Sprintf(">= %d.%d.0, < %d.0.0", a, b, a+1),
			fmt.Sprintf("~> v%d.%d.%d", a, b, c): fmt.Sprintf(">= %d.%d.%d, < %d.%d.0", a, b, c, a, b+1),
		} {
			if plugin.MustConstraint(short).Allows(v) != plugin.MustConstraint(long).Allows(v) {
				t.Fatalf("%q and %q differ at %s", short, long, v)
			}
		}
	})
}

// A prerelease is allowed where all comparators of an alternative hold, and one of them
// names a prerelease of the same major.minor.patch; a release where all hold. Held
// against the order of versions alone.
func TestPrereleasesProperty(t *testing.T) {
	t.Parallel()
	number := rapid.IntRange(0, 2)
	version := func(t *rapid.T, label string) plugin.Version {
		text := fmt.Sprintf("%d.%d.%d", number.Draw(t, label), number.Draw(t, label), number.Draw(t, label))
		return plugin.MustVersion(text + rapid.SampledFrom([]string{"", "-0", "-alpha.1", "-rc.1"}).Draw(t, label))
	}
	holds := map[string]func(int) bool{
		">=": func(c int) bool { return c >= 0 }, ">": func(c int) bool { return c > 0 },
		"<=": func(c int) bool { return c <= 0 }, "<": func(c int) bool { return c < 0 }, "=": func(c int) bool { return c == 0 },
	}
	release := func(v plugin.Version) string { return strings.TrimSuffix(v.String(), "-"+v.Prerelease()) }
	rapid.Check(t, func(t *rapid.T) {
		v, want := version(t, "v"), false
		var alternatives []string
		for range rapid.IntRange(1, 3).Draw(t, "alternatives") {
			var comparators []string
			all, named := true, v.Prerelease() == ""
			for range rapid.IntRange(1, 3).Draw(t, "comparators") {
				op, w := rapid.SampledFrom([]string{">=", ">", "<=", "<", "="}).Draw(t, "op"), version(t, "w")
				comparators = append(comparators, op+" "+w.String())
				all = all && holds[op](v.Compare(w))
				named = named || w.Prerelease() != "" && release(v) == release(w)
			}
			alternatives = append(alternatives, strings.Join(comparators, ", "))
			want = want || all && named
		}
		text := strings.Join(alternatives, " || ")
		if got := plugin.MustConstraint(text).Allows(v); got != want {
			t.Fatalf("%q allows %s: %v, want %v", text, v, got, want)
		}
	})
}

// Parsing is stable: what is accepted is accepted again as it was written, and never
// lets a prerelease in that nobody named.
func FuzzParseConstraint(f *testing.F) {
	for _, seed := range []string{
		"", "~> 1.2", "~> 1.2.3-rc.1", ">= 1, < 2", "1.x || ^3", "1 - 2", "!=1.0", "~> 1.2,~> 1.3", "=v1.2.3", "~>~> 1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := plugin.ParseConstraint(s)
		if err != nil {
			return
		}
		again, err := plugin.ParseConstraint(c.String())
		if err != nil || again.String() != c.String() {
			t.Fatalf("%q became %q: %v", s, again, err)
		}
		pre := plugin.MustVersion("1.2.3-rc.1")
		if c.Allows(pre) && !strings.Contains(s, "-") {
			t.Fatalf("%q allows %s", s, pre)
		}
		if v, ok := c.Exact(); ok && !c.Allows(v) {
			t.Fatalf("%q forbids its own version %s", s, v)
		}
	})
}
