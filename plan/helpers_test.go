package plan_test

import (
	"strings"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

var (
	linux  = plugin.Platform{OS: "linux", Arch: "amd64"}
	darwin = plugin.Platform{OS: "darwin", Arch: "arm64"}

	sumA = digest("a")
	sumB = digest("b")
)

func digest(digit string) plugin.Digest { return plugin.Digest("sha256:" + strings.Repeat(digit, 64)) }

func version(s string) plugin.Version {
	if s == "" {
		return plugin.Version{}
	}
	return plugin.MustVersion(s)
}

// required is a requirement that any version meets.
func required(name plugin.Name) plugin.Requirement {
	return plugin.Requirement{
		Name: name, Constraint: plugin.MustConstraint(">= 0 || >= 1.0.0-0"),
		Source: plugin.SourceSpec{Kind: plugin.SourceRegistry, Text: "gocodealone/" + string(name)},
	}
}

// locked is what required is locked to, for Linux alone.
func locked(name plugin.Name, v string, d plugin.Digest) lock.Plugin {
	return lock.Plugin{
		Name: name, Version: version(v), Source: "gocodealone/" + string(name),
		Packages: []lock.Package{{Platform: linux, URL: "https://dl.example.com/" + string(name), Digest: d}},
	}
}

// present is a plugin as this program installed it.
func present(name plugin.Name, v string, d plugin.Digest) installed.Plugin {
	return installed.Plugin{
		Name: name, Present: true, Version: version(v),
		Record: &installed.Record{
			FormatVersion: installed.RecordVersion, Name: name, Version: version(v), Source: "gocodealone/" + string(name), Digest: d,
		},
	}
}

// input is that of one plugin, which is locked as authz 0.6.0.
func input(now ...installed.Plugin) plan.Input {
	return plan.Input{
		Required: []plugin.Requirement{required("authz")},
		Lock:     &lock.File{Plugins: []lock.Plugin{locked("authz", "0.6.0", sumA)}},
		Snapshot: &installed.Snapshot{Plugins: now},
		Platform: linux, PluginDir: "data/plugins",
	}
}
