package access

import (
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/staging"
	"github.com/plugins-hcl/plugins/plugin"
)

// Wanted is a package of a plugin, and what it must turn out to be.
type Wanted struct {
	Requirement plugin.Requirement
	Package     plugin.Package
	Platform    plugin.Platform // of this machine: what a package for any platform is installed on

	Size   int64         // that a file must have; 0 where none is known
	Locked plugin.Digest // that a folder had when it was locked; it need not have it still

	Version plugin.Version // that its plugin.json must say; zero: any
	Names   []string       // that it may say; nil: any
	Similar bool           // with or without "workflow-plugin-", too

	Binary   string // see plugin.Requirement.BinaryOr
	Manifest string // the plugin.json to write, whatever the package holds; "": the package's counts
}

// Tree is a plugin's tree, staged and checked.
type Tree struct {
	Files    archive.Tree    // as it stands
	Manifest plugin.Manifest // its plugin.json
	Digest   plugin.Digest   // of the package
}

func (w Wanted) spec() staging.Spec {
	platform := w.Package.Platform
	if platform == plugin.AnyPlatform {
		platform = w.Platform
	}
	return staging.Spec{
		Name:     w.Requirement.Name,
		Platform: platform,
		URL:      w.Package.URL, Path: w.Package.Path,
		Digest:   w.Package.Digest,
		Size:     w.Size,
		Locked:   w.Locked,
		Version:  w.Version,
		Names:    w.Names,
		Similar:  w.Similar,
		Binary:   w.Binary,
		Aliases:  []string{w.Requirement.Source.Plugin},
		Manifest: w.Manifest,
		Limits:   w.Requirement.Limits.OrDefault(),
		Command:  w.Requirement.Verify,
	}
}
