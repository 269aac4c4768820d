package plugin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestHostTooOld(t *testing.T) {
	t.Parallel()
	v := func(s string) plugin.Version {
		if s == "" {
			return plugin.Version{}
		}
		return plugin.MustVersion(s)
	}
	for _, test := range []struct {
		host, oldest string
		old          bool
	}{
		{"0.86.0", "0.86.0", false},
		{"0.86.0", "0.86.1", true},
		{"0.86.0-rc.1", "0.86.0", true},
		{"0.86.0", "", false},
		{"", "0.86.0", false},
	} {
		h := plugin.Host{Name: "workflow", Version: v(test.host)}
		want := ""
		if test.old {
			want = "it needs workflow " + test.oldest + " or newer, and the configuration says " + test.host
		}
		if got := h.TooOld(v(test.oldest)); got != want {
			t.Errorf("a host %q that must be %q: %q, want %q", test.host, test.oldest, got, want)
		}
	}
}

// A policy judges the addresses that are fetched from: of the very version, and of the
// platforms that are wanted.
func TestAddresses(t *testing.T) {
	t.Parallel()
	linux, darwin := plugin.Platform{OS: "linux", Arch: "amd64"}, plugin.Platform{OS: "darwin", Arch: "arm64"}
	template := plugin.Requirement{
		Constraint: plugin.MustConstraint("= 2.0.1"),
		Source: plugin.SourceSpec{
			Kind: plugin.SourceURL, PerVersion: true, PerPlatform: true,
			Locate: func(v plugin.Version, p plugin.Platform) (string, error) {
				return "https://dl/" + v.String() + "/" + p.OS, nil
			},
		},
	}
	own, plain := template, template
	own.Platforms = []plugin.Platform{darwin}
	plain.Source.PerPlatform = false
	registry := plugin.Requirement{Source: plugin.SourceSpec{Kind: plugin.SourceRegistry, Registry: "acme", Plugin: "authz"}}
	for name, test := range map[string]struct {
		r    plugin.Requirement
		want string
	}{
		"a registry":                   {registry, "acme/authz"},
		"a template":                   {template, "https://dl/2.0.1/linux https://dl/2.0.1/darwin"},
		"wanted on one platform":       {own, "https://dl/2.0.1/darwin"},
		"a template for all platforms": {plain, "https://dl/2.0.1/any"},
	} {
		got, err := test.r.Addresses([]plugin.Platform{linux, darwin, linux})
		if err != nil || strings.Join(got, " ") != test.want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, test.want)
		}
	}
	template.Source.Locate = func(plugin.Version, plugin.Platform) (string, error) { return "", errors.New("null") }
	if _, err := template.Addresses([]plugin.Platform{linux}); err == nil {
		t.Error("what cannot be evaluated has addresses")
	}
}
