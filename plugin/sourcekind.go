package plugin

import "fmt"

// SourceKind is the kind of place a plugin comes from. What kinds differ in, as far as
// it concerns anybody but their adapter in package source, its methods tell.
type SourceKind int

// The kinds of source.
const (
	SourceRegistry SourceKind = iota + 1 // REGISTRY/PLUGIN
	SourceURL                            // an https:// template
	SourceLocal                          // a folder or an archive on this machine
	SourceGitHub                         // github.com/OWNER/REPOSITORY
	SourceOCI                            // oci://HOST/REPOSITORY
)

// traits are what kinds of source differ in: a new kind is a row here.
type traits struct {
	name      string
	addressed bool // see the methods of these names
	local     bool
	assets    bool
	manifests bool
}

func (k SourceKind) traits() traits {
	rows := [...]traits{
		SourceRegistry: {name: "registry", assets: true, manifests: true},
		SourceURL:      {name: "https", addressed: true},
		SourceLocal:    {name: "local", addressed: true, local: true},
		SourceGitHub:   {name: "github", assets: true},
		SourceOCI:      {name: "oci", assets: true},
	}
	if k < 1 || int(k) >= len(rows) {
		return traits{name: fmt.Sprintf("SourceKind(%d)", int(k))}
	}
	return rows[k]
}

func (k SourceKind) String() string { return k.traits().name }

// Addressed reports whether the configuration itself gives the addresses of the
// packages, for a version and a platform. Such a source lists no versions.
func (k SourceKind) Addressed() bool { return k.traits().addressed }

// Local reports whether it lies on this machine: it may change as its owner likes, and
// has the one version that its plugin.json says.
func (k SourceKind) Local() bool { return k.traits().local }

// HasAssets reports whether it may have several packages for one platform, among which
// "asset" decides.
func (k SourceKind) HasAssets() bool { return k.traits().assets }

// HasManifests reports whether it has a manifest beside its packages, from which a
// plugin.json can be written.
func (k SourceKind) HasManifests() bool { return k.traits().manifests }
