package source_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// A registry of files in a folder is asked what there is of one plugin. One at an
// https:// address is asked in the same way.
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
	manifest := `{"name": "workflow-plugin-billing", "version": "2.1.0", "minEngineVersion": "0.86.0",
		"downloads": [{"os": "linux", "arch": "amd64", "url": "files/billing.tar.gz"}]}`
	if err := os.WriteFile(filepath.Join(docs, "manifest.json"), []byte(manifest), 0o644); err != nil {
		fmt.Println(err)
		return
	}

	abs := func(path string) string { return filepath.Join(dir, path) }
	access, err := access.New(access.Options{Abs: abs, Offline: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer access.Close()
	set := &source.Set{
		Registries: []plugin.Registry{{Name: "acme", URL: "./registry", Local: true}},
		Documents:  access, Opener: access, Abs: abs, Platform: plugin.CurrentPlatform(),
	}
	billing, err := set.For(plugin.Requirement{
		Name:   "billing",
		Source: plugin.SourceSpec{Kind: plugin.SourceRegistry, Text: "acme/billing", Registry: "acme", Plugin: "billing"},
		Limits: plugin.DefaultLimits(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	candidates, err := billing.Candidates(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range candidates {
		release, err := billing.Release(context.Background(), c.Version)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(c.Version, "for hosts from", c.MinEngine, "named", release.Names)
		for _, pkg := range release.Packages {
			fmt.Println(pkg.Platform, pkg.Location())
		}
	}
	// Output:
	// 2.1.0 for hosts from 0.86.0 named [billing workflow-plugin-billing]
	// linux/amd64 ./registry/files/billing.tar.gz
}
