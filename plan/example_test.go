package plan_test

import (
	"fmt"
	"strings"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// What is required and locked is compared with what is installed. Everything is
// handed in; config.Load, lock.Load and installed.Scan read it from files.
func Example() {
	linux := plugin.Platform{OS: "linux", Arch: "amd64"}
	source := plugin.SourceSpec{Kind: plugin.SourceRegistry, Text: "acme/billing"}
	p, err := plan.Build(plan.Input{
		Required: []plugin.Requirement{{Name: "billing", Source: source}},
		Lock: &lock.File{Plugins: []lock.Plugin{{
			Name: "billing", Version: plugin.MustVersion("2.1.0"), Source: "acme/billing",
			Packages: []plugin.Package{{
				Platform: linux, URL: "https://dl.example.com/billing.tar.gz",
				Digest: plugin.Digest("sha256:" + strings.Repeat("0", 64)),
			}},
		}}},
		Snapshot: &installed.Snapshot{
			Plugins: []installed.Plugin{{
				Name: "billing", Present: true, Version: plugin.MustVersion("2.0.0"),
				Record: &installed.Record{Name: "billing", Version: plugin.MustVersion("2.0.0")},
			}},
			Unmanaged: []string{"by-hand"},
		},
		Platform: linux,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range p.Changes {
		fmt.Println(c.Action, c.Name, c.From, c.To, c.Reasons)
	}
	fmt.Println("unmanaged:", p.Unmanaged)
	// Output:
	// upgrade billing 2.0.0 2.1.0 [version]
	// unmanaged: [by-hand]
}
