package source

import (
	"context"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

// Source is where one plugin comes from.
type Source interface {
	// Candidates are the versions that exist, oldest first.
	Candidates(ctx context.Context) ([]Candidate, error)
	// Release is what there is of a version that Candidates named.
	Release(ctx context.Context, v plugin.Version) (*Release, error)
}

// Candidate is a version that exists, with what may rule it out.
type Candidate struct {
	Version   plugin.Version
	MinEngine plugin.Version // the oldest host it runs on; zero: any
	Released  time.Time      // zero: not known
	Evidence  []Evidence
}

// Evidence is the outcome of trying a version with a host.
type Evidence struct {
	Engine   plugin.Version
	Platform plugin.Platform // zero: all
	Failed   bool
}

// Release is one version of a plugin.
type Release struct {
	Version  plugin.Version
	Packages []Package // by platform; a platform may have several
	// Names are the names its plugin.json may have besides the plugin's own.
	Names []string
	// AssetNames are those by which its package is told among several.
	AssetNames []string
	// Manifest is a plugin.json made from the registry's manifest; nil where the
	// source has none.
	Manifest []byte
	NoBinary bool // it has no executable
	// DigestsBy are the documents that publish its digests, by the location of the package.
	DigestsBy    map[string]string
	Dependencies []plugin.Dependency
}

// Package is one file of a release. Exactly one of URL and Path is set; Path is
// as the configuration writes paths.
type Package struct {
	Platform plugin.Platform
	URL      string
	Path     string
	Digest   plugin.Digest // as published; "" where it is not
}

// Location is the URL or the path.
func (p Package) Location() string { return p.URL + p.Path }

// Shown is [Package.Location] as it may be shown.
func (p Package) Shown() string { return plugin.RedactURL(p.URL) + p.Path }
