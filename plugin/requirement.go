package plugin

import (
	"cmp"
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

// BinaryOr is the path of the executable in the package; where the configuration
// says nothing, what the source says, which is "" or [NoBinary].
func (r Requirement) BinaryOr(bySource string) string { return cmp.Or(r.Binary, bySource) }

// Verification is how a package's publisher is made sure of, besides its digest.
// The zero value demands nothing.
type Verification struct {
	Key     string   // the minisign public key that it must be signed by; "": none
	Command []string // the user's own command, and its arguments; nil: none
	// Sensitive says of each of Command's elements whether it comes from the
	// environment, and must not be shown; nil: of none.
	Sensitive []bool
	Dir       string        // the folder that the command runs in
	Timeout   time.Duration // of the command; 0: the default
}

// Shown is Command as it may be shown.
func (v Verification) Shown() []string { return v.command().Shown() }

// Hide takes the sensitive elements of Command out of a text that may repeat them.
func (v Verification) Hide(text string) string { return v.command().Hide(text) }

func (v Verification) command() Command { return Command{Args: v.Command, Sensitive: v.Sensitive} }

// WantedOn reports whether the plugin is wanted on p.
func (r Requirement) WantedOn(p Platform) bool {
	return r.Platforms == nil || slices.Contains(r.Platforms, p)
}

// IsZero reports whether nothing is demanded.
func (v Verification) IsZero() bool { return v.Key == "" && v.Command == nil }

// PackageVariable is what stands for the package's path in a verify command: the
// path is known only when the command runs.
const PackageVariable = "${package}"

// Addresses is where the plugin comes from, as a policy judges it: REGISTRY/PLUGIN, or
// what its expression gives for the version that its constraint names and for those of
// platforms that it is wanted on.
func (r Requirement) Addresses(platforms []Platform) ([]string, error) {
	if r.Source.Registry != "" {
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

// SourceSpec is where a plugin comes from, as the configuration says it.
type SourceSpec struct {
	Kind SourceKind
	Text string // the expression's text; what the lock records

	Registry string // of a plugin of a registry: the registry's name …
	Plugin   string // … and the plugin's folder in it
	Base     string // … and where the registry is, a URL or a path as written; "": not known

	// Locate gives what the expression stands for, for a version and a platform: of an
	// addressed kind, where the package is, as written; of the others, their reference.
	// It ignores what the expression does not use.
	Locate func(Version, Platform) (string, error)

	PerVersion  bool // the expression uses version
	PerPlatform bool // the expression uses os or arch

	Pos Pos
}

// Resolved is what an expression evaluates to that gives no addresses of packages, where
// its text does not say: "acme/billing" of "${local.registry}/billing".
func (s SourceSpec) Resolved() string {
	ref := s.Registry + "/" + s.Plugin
	switch {
	case s.Kind.Addressed():
		return ""
	case s.Registry == "" && s.Locate != nil:
		var err error
		if ref, err = s.Locate(Version{}, AnyPlatform); err != nil {
			return ""
		}
	case s.Registry == "":
		return ""
	}
	if ref == s.Text {
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
