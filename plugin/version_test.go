package plugin_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"1.2.3": "1.2.3", "v1.2.3": "1.2.3", "1.2": "1.2.0", "v1": "1.0.0",
		"1.2.3-rc.1": "1.2.3-rc.1", "1.2.3+build.7": "1.2.3+build.7",
	} {
		v, err := plugin.ParseVersion(s)
		if err != nil || v.String() != want {
			t.Errorf("ParseVersion(%q) = %s, %v", s, v, err)
		}
		// Two spellings of one version are equal in every way.
		if v != plugin.MustVersion(want) && !v.Equal(plugin.MustVersion(want)) {
			t.Errorf("%q and %q differ", s, want)
		}
	}
	for _, s := range []string{"", "v", "latest", "1.2.3.4", "1.2.x", "1.2.3-", "-1.0.0", " 1.2.3", "1.2.3/..", strings.Repeat("1", 129)} {
		if v, err := plugin.ParseVersion(s); err == nil || !v.IsZero() {
			t.Errorf("ParseVersion(%.20q) = %s, %v", s, v, err)
		}
	}
}

func TestVersionOrder(t *testing.T) {
	t.Parallel()
	// Semantic versioning's own example, then build metadata, which it leaves open.
	ordered := []plugin.Version{{}}
	for _, s := range strings.Fields(`0.9.0 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2
		1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.0+a 1.0.0+b 1.2.0 1.10.0 2.0.0`) {
		ordered = append(ordered, plugin.MustVersion(s))
	}
	for i, v := range ordered {
		for j, w := range ordered {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := v.Compare(w); got != want || v.Equal(w) != (want == 0) {
				t.Errorf("%s.Compare(%s) = %d, want %d", v, w, got, want)
			}
		}
	}
}

func TestVersionText(t *testing.T) {
	t.Parallel()
	var doc struct{ A, B, C plugin.Version }
	if err := json.Unmarshal([]byte(`{"A": "v1.2", "B": "", "C": "2.0.0-rc.1"}`), &doc); err != nil {
		t.Fatal(err)
	}
	if out, err := json.Marshal(doc); err != nil || string(out) != `{"A":"1.2.0","B":"","C":"2.0.0-rc.1"}` {
		t.Errorf("Marshal = %s, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"A": "newest"}`), &doc); err == nil {
		t.Error(`"newest" is a version`)
	}
	if got := doc.C.Prerelease() + (plugin.Version{}).Prerelease(); got != "rc.1" {
		t.Errorf("Prerelease = %q", got)
	}
}

func TestVersionList(t *testing.T) {
	t.Parallel()
	var vs []plugin.Version
	if got := plugin.VersionList(vs); got != "" {
		t.Errorf("no versions: %q", got)
	}
	for _, s := range strings.Fields("1.0.0 1.1.0 1.2.0 1.3.0 1.4.0 1.5.0 1.6.0 1.7.0 1.8.0 1.9.0 1.10.0 1.11.0") {
		vs = append(vs, plugin.MustVersion(s))
	}
	if got := plugin.VersionList(vs[:2]); got != "1.1.0, 1.0.0" {
		t.Errorf("two versions: %q", got)
	}
	if got := plugin.VersionList(vs); !strings.HasSuffix(got, "1.2.0, and 2 older") || !strings.HasPrefix(got, "1.11.0, 1.10.0, ") {
		t.Errorf("twelve versions: %q", got)
	}
}

func version(t *rapid.T) plugin.Version {
	return plugin.MustVersion(rapid.StringMatching(`(0|[1-9][0-9]?)\.(0|[1-9])\.(0|[1-9])(-(a|rc\.[1-9]))?(\+[a-c])?`).Draw(t, "version"))
}

// Versions are totally ordered, and reading what was written changes nothing.
func TestVersionProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := version(t), version(t), version(t)
		if a.Compare(b) != -b.Compare(a) {
			t.Fatalf("%s and %s are not ordered", a, b)
		}
		if (a.Compare(b) == 0) != (a.String() == b.String()) {
			t.Fatalf("%s and %s are equal, but not written so", a, b)
		}
		vs := []plugin.Version{a, b, c}
		slices.SortFunc(vs, plugin.Version.Compare)
		if vs[0].Compare(vs[2]) > 0 {
			t.Fatalf("the order is not transitive: %s", plugin.VersionList(vs))
		}
		if again := plugin.MustVersion("v" + a.String()); !again.Equal(a) {
			t.Fatalf("%s became %s", a, again)
		}
	})
}
