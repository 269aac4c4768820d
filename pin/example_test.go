package pin_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/pin"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
	"github.com/plugins-hcl/plugins/source"
)

// A folder is locked: its version is what its plugin.json says, its digest covers
// everything in it.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := os.Mkdir(filepath.Join(dir, "src"), 0o755); err != nil {
		fmt.Println(err)
		return
	}
	for name, text := range map[string]string{
		"plugin.json": `{"name": "billing", "version": "2.1.0"}`,
		"billing":     "#!/bin/sh\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, "src", name), []byte(text), 0o644); err != nil {
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
	sources := &source.Set{Documents: access, Opener: access, Abs: abs, Platform: plugin.CurrentPlatform()}
	choices, err := resolve.Choose(context.Background(), resolve.Input{
		Required: []plugin.Requirement{{
			Name: "billing",
			Source: plugin.SourceSpec{
				Kind: plugin.SourceLocal, Text: "./src",
				Locate: func(plugin.Version, plugin.Platform) (string, error) { return "./src", nil },
			},
			Limits: plugin.DefaultLimits(),
		}},
		Sources: sources.For,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	locked, err := pin.Pin(context.Background(), pin.Input{
		Choices: choices, Platform: plugin.CurrentPlatform(), Access: access,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range locked.Plugins {
		fmt.Println(p.Name, p.Version)
		for _, pkg := range p.Packages {
			fmt.Println(pkg.Platform, pkg.Path, pkg.Digest.Algorithm())
		}
	}
	// Output:
	// billing 2.1.0
	// any ./src tree-sha256
}
