package config_test

import (
	"fmt"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
)

func Example() {
	const src = `
platforms = ["linux/amd64", "darwin/arm64"]

registry "acme" {
  url = "https://plugins.acme.example/v1"
}

plugin "billing" {
  version = "~> 2.1"
}

plugin "report" {
  source  = "https://dl.example.com/${name}/${version}/${name}_${os}_${arch}.tar.gz"
  version = "2.0.1"
}
`
	file, err := config.Parse([]byte(src), "plugins.hcl", config.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range file.Plugins {
		at, err := p.Source.Locate(plugin.MustVersion("2.0.1"), file.Platforms[0])
		fmt.Println(p.Pos, p.Name, p.Source.Kind, at, err)
	}
	// Output:
	// plugins.hcl:8 billing registry acme/billing <nil>
	// plugins.hcl:12 report https https://dl.example.com/report/2.0.1/report_darwin_arm64.tar.gz <nil>
}

// A mistake is told with the place it was made at.
func ExampleDiagnosticsError() {
	_, err := config.Parse([]byte("plugin \"billing\" {\n  sorce = \"acme/billing\"\n}\n"), "plugins.hcl", config.Options{})
	fmt.Println(err)
	// Output:
	// plugins.hcl:2: Unsupported argument; An argument named "sorce" is not expected here. Did you mean "source"?
}
