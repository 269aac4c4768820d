package plugin

import (
	"fmt"
	"slices"
	"time"
)

// NoBinary, as [Requirement.Binary], says that a plugin has no executable.
const NoBinary = "none"

// Requirement is what a person asks for: one plugin block.
type Requirement struct {
	Name       Name
	Constraint Constraint
	Source     SourceSpec
	Platforms  []Platform // the only ones it is wanted on; nil: all
	Asset      Asset
	Binary     string       // path of the executable in the package; "" to find it; NoBinary
	Manifest   ManifestMode // where the installed plugin.json comes from
	Keep       []string     // patterns of files the plugin writes itself
	Limits     Limits
	Verify     Verification
	Pos        Pos // of its block
}

// Verification is how a package's publisher is made sure of, besides its digest.
// The zero value demands nothing.
type Verification struct {
	Key     string        // the minisign public key that it must be signed by; "": none
	Command []string      // the user's own command, and its arguments; nil: none
	Dir     string        // the folder that the command runs in
	Timeout time.Duration // of the command; 0: the default
}

// WantedOn reports whether the plugin is wanted on p.
func (r Requirement) WantedOn(p Platform) bool {
	return r.Platforms == nil || slices.Contains(r.Platforms, p)
}

// Addresses is where the plugin comes from, as a policy judges it: REGISTRY/PLUGIN, or
// what its expression gives for the version that its constraint names and for those of
// platforms that it is wanted on.
func (r Requirement) Addresses(platforms []Platform) ([]string, error) {
	if r.Source.Kind == SourceRegistry {
		return []string{r.Source.Registry + "/" + r.Source.Plugin}, nil
	}
	v, _ := r.Constraint.Exact()
	if !r.Source.PerPlatform {
		platforms = []Platform{AnyPlatform}
	}
	var addresses []string
	for _, p := range platforms {
		if p != AnyPlatform && !r.WantedOn(p) {
			continue
		}
		address, err := r.Source.Locate(v, p)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	return addresses, nil
}

// ManifestMode says where the installed plugin.json comes from.
type ManifestMode string

// The values of a plugin's attribute "manifest".
const (
	ManifestFromArchive  ManifestMode = "archive"  // the package's, byte for byte
	ManifestFromRegistry ManifestMode = "registry" // written from the registry's
)

// SourceKind is the kind of place a plugin comes from.
type SourceKind int

// The kinds of source.
const (
	SourceRegistry SourceKind = iota + 1 // REGISTRY/PLUGIN
	SourceURL                            // an https:// template
	SourceLocal                          // a folder or an archive on this machine
	SourceGitHub                         // github.com/OWNER/REPOSITORY
	SourceOCI                            // oci://HOST/REPOSITORY
)

func (k SourceKind) String() string {
	switch k {
	case SourceRegistry:
		return "registry"
	case SourceURL:
		return "https"
	case SourceLocal:
		return "local"
	case SourceGitHub:
		return "github"
	case SourceOCI:
		return "oci"
	}
	return fmt.Sprintf("SourceKind(%d)", int(k))
}

// SourceSpec is where a plugin comes from, as the configuration says it.
type SourceSpec struct {
	Kind SourceKind
	Text string // the expression's text; what the lock records

	Registry string // SourceRegistry: the registry's name …
	Plugin   string // … and the plugin's folder in it
	Base     string // … and where the registry is, a URL or a path as written; "": not known

	// Locate gives the address for a version and a platform: SourceURL a URL,
	// SourceLocal a path as written, the others their reference. It ignores what
	// the expression does not use.
	Locate func(Version, Platform) (string, error)

	PerVersion  bool // the expression uses version
	PerPlatform bool // the expression uses os or arch

	Pos Pos
}

// Resolved is what an expression for a registry's plugin evaluates to, where its
// text does not say: "acme/billing" of "${local.registry}/billing".
func (s SourceSpec) Resolved() string {
	ref := s.Registry + "/" + s.Plugin
	if s.Kind != SourceRegistry || s.Registry == "" || ref == s.Text {
		return ""
	}
	return ref
}

// Asset selects among several downloads for one platform. The zero value selects
// none in particular.
type Asset struct {
	// Pattern gives the file name wanted, in which * and ? stand for any text and
	// any character, for a version and a platform.
	Pattern func(Version, Platform) (string, error)
}

// IsZero reports whether the configuration names no asset.
func (a Asset) IsZero() bool { return a.Pattern == nil }

// Pos is a place in a file; lines and columns count from 1.
type Pos struct {
	File         string
	Line, Column int
}

func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}
