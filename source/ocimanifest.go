package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/plugin"
)

// maxLayers is more than any package or index has, and what an error can list.
const maxLayers = 1000

// ociManifest is a manifest or an index, whose bytes have the digest they must have.
type ociManifest struct {
	ref   plugin.OCIRef
	shown string // its tag or digest, with its repository

	SchemaVersion int                  `json:"schemaVersion"`
	MediaType     string               `json:"mediaType"`
	Config        ocispec.Descriptor   `json:"config"`
	Layers        []ocispec.Descriptor `json:"layers"`
	Manifests     []ocispec.Descriptor `json:"manifests"`
}

// ManifestError says that what a registry has of a version cannot be used.
type ManifestError struct {
	Manifest string
	Err      error
}

func (e *ManifestError) Error() string {
	return fmt.Sprintf("the manifest %s cannot be used: %s", e.Manifest, e.Err)
}

func (e *ManifestError) Unwrap() error { return e.Err }

func (m *ociManifest) fail(format string, args ...any) error {
	return &ManifestError{Manifest: m.shown, Err: fmt.Errorf(format, args...)}
}

// refuse is for a manifest that is not what it says, or that may be meant to harm.
func (m *ociManifest) refuse(format string, args ...any) error {
	return &ManifestError{Manifest: m.shown, Err: &plugin.RefusedError{Rule: fmt.Sprintf(format, args...)}}
}

func (m *ociManifest) isIndex() bool { return m.Manifests != nil }

// manifest reads what a tag or a digest names.
func (o *oci) manifest(ctx context.Context, reference string) (*ociManifest, error) {
	m, _, err := o.read(ctx, reference)
	return m, err
}

func (o *oci) read(ctx context.Context, reference string) (*ociManifest, int64, error) {
	m := &ociManifest{ref: o.ref, shown: o.ref.Name() + ":" + reference}
	if _, err := plugin.ParseDigest(reference); err == nil {
		m.shown = o.ref.Name() + "@" + reference
	}
	data, digest, err := o.set.Repositories.OCIManifest(ctx, o.ref.Name(), reference, o.limit)
	if err != nil {
		var wrong *plugin.DigestError
		var page *plugin.PageError
		if errors.As(err, &wrong) || errors.As(err, &page) {
			return nil, 0, err
		}
		return nil, 0, o.document("the manifest "+reference, err)
	}
	m.ref.Digest = digest
	if err := plugin.DecodeJSON(data, m); err != nil {
		if access.LooksLikeHTML(data) {
			err = errors.New("it is an HTML page: is it a registry?")
		}
		return nil, 0, m.fail("%w", err)
	}
	return m, int64(len(data)), m.check()
}

func (m *ociManifest) check() error {
	switch {
	case m.SchemaVersion == 1:
		return m.fail("it is of Docker's first kind (schema 1), which no registry should serve any more: push it again")
	case m.Manifests != nil && m.Layers != nil:
		// Whoever reads it one way would not see what whoever reads it the other way does.
		return m.refuse("it is an index and a manifest at once")
	case m.Manifests == nil && m.Layers == nil:
		return m.fail("it is neither an index nor a manifest with layers (%q)", m.MediaType)
	case len(m.Layers) > maxLayers, len(m.Manifests) > maxLayers:
		return m.fail("it lists %d entries; %d are allowed", max(len(m.Layers), len(m.Manifests)), maxLayers)
	}
	return nil
}

// indexEntry is what an index has for a platform.
type indexEntry struct {
	ocispec.Descriptor
	platform plugin.Platform // AnyPlatform where it tells none
	variant  string
}

// platforms are the entries of an index that may be packages, one a platform.
func (m *ociManifest) platforms() ([]indexEntry, error) {
	var out []indexEntry
	for _, d := range m.Manifests {
		e := indexEntry{Descriptor: d, platform: plugin.AnyPlatform}
		if p := d.Platform; p != nil && p.OS+p.Architecture != "" {
			// Attestations stand in an index as manifests for no platform.
			parsed, err := plugin.ParsePlatform(p.OS + "/" + p.Architecture)
			if p.OS == "unknown" || err != nil {
				continue
			}
			e.platform, e.variant = parsed, p.Variant
		}
		if d.Annotations["vnd.docker.reference.type"] != "" || !isManifest(d.MediaType) {
			continue
		}
		out = append(out, e)
	}
	if len(out) == 0 {
		return nil, m.fail("it is an index of no manifests for any platform")
	}
	return lowestVariants(out), nil
}

func isManifest(mediaType string) bool {
	switch mediaType {
	case "", ocispec.MediaTypeImageManifest, "application/vnd.docker.distribution.manifest.v2+json":
		return true
	}
	return false
}

// lowestVariants leaves of the variants of an architecture (arm/v6 and arm/v7) the lowest,
// which runs on all.
func lowestVariants(entries []indexEntry) []indexEntry {
	slices.SortStableFunc(entries, func(a, b indexEntry) int {
		if c := plugin.ComparePlatforms(a.platform, b.platform); c != 0 {
			return c
		}
		return strings.Compare(a.variant, b.variant)
	})
	var out []indexEntry
	for _, e := range entries {
		if n := len(out); n > 0 && out[n-1].platform == e.platform && out[n-1].variant < e.variant {
			continue
		}
		out = append(out, e)
	}
	return out
}

// entry reads a manifest that an index names, whose digest and size must be those that
// the index says.
func (o *oci) entry(ctx context.Context, index *ociManifest, e indexEntry) (*ociManifest, error) {
	digest, err := sha256Of(e.Descriptor)
	if err != nil {
		return nil, index.fail("%w", err)
	}
	m, size, err := o.read(ctx, string(digest))
	switch {
	case err != nil:
		return nil, err
	case size != e.Size:
		return nil, index.refuse("it says that %s has %d bytes, and it has %d", digest, e.Size, size)
	case m.isIndex():
		return nil, index.fail("it names %s, which is an index again", digest)
	}
	return m, nil
}

func sha256Of(d ocispec.Descriptor) (plugin.Digest, error) {
	digest, err := plugin.ParseDigest(string(d.Digest))
	if err == nil && digest.Algorithm() != plugin.SHA256 {
		err = fmt.Errorf("%q is not a digest of a blob", d.Digest)
	}
	return digest, err
}
