package apply_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// A plugin that lies in a folder is installed: locked, planned, applied. Planning
// again shows that nothing is left to do.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := install(context.Background(), dir); err != nil {
		fmt.Println(err)
	}
	// Output:
	// install billing 2.1.0
	// done: install billing
	// nothing to do: true
}

func install(ctx context.Context, dir string) (err error) {
	if err := os.Mkdir(filepath.Join(dir, "src"), 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"plugin.json": `{"name": "billing", "version": "2.1.0"}`,
		"billing":     "#!/bin/sh\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, "src", name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	// What config.Load and lock.Load would give.
	digest, err := archive.DigestSource(ctx, filepath.Join(dir, "src"), "")
	if err != nil {
		return err
	}
	required := []plugin.Requirement{{
		Name: "billing",
		Source: plugin.SourceSpec{
			Kind: plugin.SourceLocal, Text: "./src",
			Locate: func(plugin.Version, plugin.Platform) (string, error) { return "./src", nil },
		},
		Limits: plugin.DefaultLimits(),
	}}
	locked := &lock.File{Plugins: []lock.Plugin{{
		Name: "billing", Version: plugin.MustVersion("2.1.0"), Source: "./src",
		Packages: []plugin.Package{{Platform: plugin.AnyPlatform, Path: "./src", Digest: digest}},
	}}}

	pluginDir := filepath.Join(dir, "plugins")
	in := plan.Input{Required: required, Lock: locked, Platform: plugin.CurrentPlatform()}
	makePlan := func() (_ *plan.Plan, err error) {
		in := in
		if in.Snapshot, err = installed.Scan(ctx, pluginDir, installed.Options{Wanted: in.Wanted()}); err != nil {
			return nil, err
		}
		return plan.Build(in)
	}

	access, err := access.New(access.Options{
		Abs: func(path string) string { return filepath.Join(dir, path) },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, access.Close()) }()
	session, err := apply.Open(ctx, pluginDir, apply.Options{
		Access: access,
		Observe: func(e plugin.Event) {
			if e, ok := e.(plugin.CommitEvent); ok {
				fmt.Println("done:", e.Action, e.Plugin)
			}
		},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()

	p, err := makePlan()
	if err != nil {
		return err
	}
	for _, c := range p.Changes {
		fmt.Println(c.Action, c.Name, c.To)
	}
	// Planned anew under the session's lock, and held against what was shown.
	if _, err := session.Apply(ctx, in, p); err != nil {
		return err
	}
	if p, err = makePlan(); err != nil {
		return err
	}
	fmt.Println("nothing to do:", p.Empty())
	return nil
}
