package config_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
)

// hostile are texts as they should never be in a configuration.
func hostile() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{
			`${env("HOME")}`, `%{ if true }x%{ endif }`, `$${x}`, `"`, `\`, "a\nb", "\"\n}\nhealth {\n", "*/", "#", "//",
			"./ok", "https://a.example/v1", "a/b", "github.com/a/b", "1.2.3", "~> 1.2", "\u0000", "e\u0301", "\xff",
		}),
	)
}

// Whatever a draft holds, its text is a configuration that says just that, in the
// canonical format, or there is none.
func TestDraftSaysWhatItHolds(t *testing.T) {
	t.Parallel()
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		d := config.Draft{
			Comment: rapid.SliceOfN(hostile(), 0, 3).Draw(t, "comment"), PluginDir: hostile().Draw(t, "dir"),
			Registries: []config.DraftRegistry{{Name: "a", URL: "https://a.example"}},
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "registries") {
			name := rapid.OneOf(rapid.Just(fmt.Sprintf("r%d", i)), hostile()).Draw(t, "registry")
			d.Registries = append(d.Registries, config.DraftRegistry{
				Name: name, URL: hostile().Draw(t, "url"), TokenEnv: rapid.OneOf(rapid.Just(""), hostile()).Draw(t, "env"),
			})
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "plugins") {
			name := rapid.OneOf(rapid.Just(fmt.Sprintf("p%d", i)), hostile()).Draw(t, "plugin")
			d.Plugins = append(d.Plugins, config.DraftPlugin{
				Name: plugin.Name(name), Source: rapid.OneOf(rapid.Just(""), hostile()).Draw(t, "source"),
				Version: rapid.OneOf(rapid.Just("1.2.3"), hostile()).Draw(t, "version"), Why: hostile().Draw(t, "why"),
			})
		}
		text, err := d.Text()
		if err != nil {
			return
		}
		accepted++
		if !bytes.Equal(config.Format(text), text) {
			t.Fatalf("it is not in the canonical format:\n%s", text)
		}
		unset := func(string) (string, bool) { return "", false }
		f, err := config.Parse(text, "plugins.hcl", config.Options{Env: unset, Home: "/home/x"})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if len(f.Plugins) != len(d.Plugins) || len(f.Registries) != len(d.Registries) || f.Health != nil || f.OnChange != nil || len(f.Mirrors) > 0 {
			t.Fatalf("it says something else:\n%s", text)
		}
		for _, p := range d.Plugins {
			if got, ok := f.Plugin(p.Name); !ok || strings.Contains(got.Constraint.String(), "HOME") {
				t.Fatalf("it does not have %q, or with %q:\n%s", p.Name, got.Constraint, text)
			}
		}
	})
	if accepted == 0 {
		t.Error("no draft at all was accepted")
	}
}
