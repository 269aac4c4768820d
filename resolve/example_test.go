package resolve_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
	"github.com/plugins-hcl/plugins/source"
)

// A registry of files in a folder offers two versions. The newest that the constraint
// allows is chosen; what is locked stays.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	docs := filepath.Join(dir, "registry", "plugins", "billing")
	if err := os.MkdirAll(docs, 0o755); err != nil {
		fmt.Println(err)
		return
	}
	for name, text := range map[string]string{
		"manifest.json": `{"name": "billing", "version": "2.1.0"}`,
		"versions.json": `{"name": "billing", "versions": [{"version": "2.1.0"}, {"version": "2.0.0"}]}`,
	} {
		if err := os.WriteFile(filepath.Join(docs, name), []byte(text), 0o644); err != nil {
			fmt.Println(err)
			return
		}
	}

	abs := func(path string) string { return filepath.Join(dir, path) }
	access, err := access.New(access.Options{Abs: abs})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer access.Close()
	sources := &source.Set{
		Registries: []plugin.Registry{{Name: "acme", URL: "./registry", Local: true}},
		Documents:  access, Opener: access, Abs: abs, Platform: plugin.CurrentPlatform(),
	}
	billing := plugin.Requirement{
		Name:       "billing",
		Constraint: plugin.MustConstraint("~> 2.0"),
		Source:     plugin.SourceSpec{Kind: plugin.SourceRegistry, Text: "acme/billing", Registry: "acme", Plugin: "billing"},
		Limits:     plugin.DefaultLimits(),
	}
	choose := func(r plugin.Requirement, previous *lock.File) {
		choices, err := resolve.Choose(context.Background(), resolve.Input{
			Required: []plugin.Requirement{r}, Sources: sources.For, Previous: previous,
		})
		if err != nil {
			fmt.Println(err)
		}
		for _, c := range choices {
			fmt.Println(c.Requirement.Name, c.Version)
		}
	}
	choose(billing, nil)
	choose(billing, &lock.File{Plugins: []lock.Plugin{{Name: "billing", Source: "acme/billing", Version: plugin.MustVersion("2.0.0")}}})
	billing.Constraint = plugin.MustConstraint("^3")
	choose(billing, nil)
	// Output:
	// billing 2.1.0
	// billing 2.0.0
	// billing: no version satisfies "^3"; these exist: 2.1.0, 2.0.0
}
