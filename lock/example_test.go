package lock_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// A lock file is written, read, and held against what a configuration requires.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "plugins.lock.hcl")
	_, err = lock.Load(path)
	fmt.Println("missing:", errors.Is(err, fs.ErrNotExist))

	f := &lock.File{Plugins: []lock.Plugin{{
		Name: "billing", Version: plugin.MustVersion("2.1.0"), Constraints: "~> 2.1", Source: "acme/billing",
		Packages: []plugin.Package{{
			Platform: plugin.Platform{OS: "linux", Arch: "amd64"},
			URL:      "https://dl.example.com/billing.tar.gz",
			Digest:   plugin.Digest("sha256:" + strings.Repeat("0", 64)),
		}},
	}}}
	if err := lock.Save(filepath.Dir(path), path, f); err != nil {
		fmt.Println(err)
		return
	}
	f, err = lock.Load(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	billing, _ := f.Plugin("billing")
	fmt.Println(billing.Name, billing.Version, billing.Platforms())

	err = f.Check([]plugin.Requirement{{
		Name:       "billing",
		Constraint: plugin.MustConstraint(">= 3"),
		Source:     plugin.SourceSpec{Kind: plugin.SourceRegistry, Text: "acme/billing"},
	}}, nil, plugin.Host{}, nil)
	fmt.Println(err)
	// Output:
	// missing: true
	// billing 2.1.0 [linux/amd64]
	// the lock file is out of date:
	//   billing: the locked version 2.1.0 does not satisfy ">= 3"
}

// Two locks are compared, to tell what a lock changed.
func ExampleDiff() {
	locked := func(version string) *lock.File {
		return &lock.File{Plugins: []lock.Plugin{{Name: "billing", Version: plugin.MustVersion(version)}}}
	}
	for _, c := range lock.Diff(locked("2.1.0"), locked("2.2.0")) {
		fmt.Println(c.Name, c.Action, c.From, c.To)
	}
	// Output:
	// billing change 2.1.0 2.2.0
}
