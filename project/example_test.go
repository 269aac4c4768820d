package project_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/project"
)

// A plugin directory is made what plugins.hcl says: locked, planned, applied.
func Example() {
	dir, err := exampleProject()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	ctx := context.Background()
	p, err := project.Open(dir, project.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := p.Lock(ctx, project.LockOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	made, err := p.Plan(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range made.Changes {
		fmt.Println(c.Action, c.Name, c.To)
	}
	// What was planned is done, or, if it is not what there is to do any more, nothing.
	result, err := p.Apply(ctx, made, project.ApplyOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("done:", len(result.Done))
	// Output:
	// install billing 2.1.0
	// done: 1
}

// exampleProject is a folder with a plugins.hcl and the plugin that it declares.
func exampleProject() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "example"); err != nil {
		return "", err
	}
	for name, text := range map[string]string{
		"plugins.hcl":     `plugin "billing" { source = "./src" }`,
		"src/plugin.json": `{"name": "billing", "version": "2.1.0"}`,
		"src/billing":     "#!/bin/sh\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return dir, err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return dir, err
		}
	}
	return dir, nil
}
