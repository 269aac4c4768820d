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
	// Release is what there is of a version. That there is nothing, now or any more,
	// is ErrNoRelease.
	Release(ctx context.Context, v plugin.Version) (*Release, error)
}

// Candidate is a version that exists, with what may rule it out.
type Candidate struct {
	Version   plugin.Version
	MinEngine plugin.Version // the oldest host it runs on; zero: any
	Released  time.Time      // zero: not known
	// Prerelease says that its publisher calls it one, whatever its version says.
	Prerelease bool
	Evidence   []Evidence
	// Dependencies are the plugins it needs, where Told says so; else its package tells.
	Dependencies []plugin.Dependency
	Told         bool
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
	Packages []plugin.Package // by platform; a platform may have several
	// Names are the names its plugin.json may have besides the plugin's own.
	Names []string
	// AssetNames are those by which its package is told among several.
	AssetNames []string
	// Manifest is a plugin.json made from the registry's manifest; nil where the
	// source has none. It tells of ManifestOf, which may be a newer version: of this
	// one nobody tells then.
	Manifest   []byte
	ManifestOf plugin.Version
	NoBinary   bool // it has no executable
	// Sizes are the bytes that packages have, as far as the source tells, by digest.
	Sizes map[plugin.Digest]int64
	// Others are its further files, of no platform: what is locked may be one of them.
	Others []plugin.Package
	Notes  string // where people read what is new in it; "" where that is not known
	// DigestsBy are the documents that publish its digests, by the location of the package.
	DigestsBy map[string]string
}
