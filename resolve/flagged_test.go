package resolve_test

import (
	"errors"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
)

// What its publisher calls a prerelease is taken where the constraint names it, and where
// it is locked.
func TestFlaggedPrereleases(t *testing.T) {
	t.Parallel()
	for constraint, want := range map[string]string{
		"": "1.0.0", "^1": "1.0.0", ">= 1.0": "1.0.0", "1.1.0": "1.1.0", "= 1.1.0": "1.1.0", ">= 1.1.0-rc.1": "1.1.0",
		">= 1.1.0": "", "1.1.0-rc.1": "", ">= 1.0.0-rc.1": "1.0.0", "^1 || 1.1.0": "1.0.0",
	} {
		p := versions("1.0.0", "1.1.0")
		p[1].Prerelease = true
		choices, err := resolve.Choose(t.Context(), input(p, constraint))
		var none *resolve.NoVersionError
		switch {
		case want == "":
			if !errors.As(err, &none) {
				t.Errorf("%q: %v, %v", constraint, choices, err)
			}
		case err != nil || !choices[0].Version.Equal(plugin.MustVersion(want)):
			t.Errorf("%q: %v, %v, want %s", constraint, choices, err, want)
		}
	}
	p := versions("1.0.0", "1.1.0")
	p[1].Prerelease = true
	in := input(p, "^1")
	in.Previous = previous("1.1.0")
	if choices, err := resolve.Choose(t.Context(), in); err != nil || choices[0].Version.String() != "1.1.0" {
		t.Errorf("locked: %v, %v", choices, err)
	}
	// A prerelease by its version is one, whatever its publisher calls it.
	p = versions("1.0.0", "1.1.0-rc.1")
	if choices, err := resolve.Choose(t.Context(), input(p, "^1")); err != nil || choices[0].Version.String() != "1.0.0" {
		t.Errorf("by version: %v, %v", choices, err)
	}
}
