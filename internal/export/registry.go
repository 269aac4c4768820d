package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/plugin"
)

// packageType is what a manifest of ours is about. A registry deletes what no manifest
// names.
const packageType = "application/vnd.plugins-hcl.package.v1"

// repository is a repository of a registry. Each package has a manifest of its own: one
// that several packages shared would change with what is exported, and the registry
// would delete what it names no more.
type repository struct{ *access.Repository }

// ToRepository exports to a repository of an OCI registry, "oci://HOST/REPOSITORY".
func ToRepository(ctx context.Context, address string, o Options) (Outcome, error) {
	r, err := o.Access.Repository(address)
	if err != nil {
		return Outcome{}, err
	}
	// That nobody answers, or lets us in, is said once, not for every package.
	if _, err := r.Blob(ctx, plugin.Digest(ocispec.DescriptorEmptyJSON.Digest)); err != nil {
		return Outcome{}, err
	}
	return o.to(ctx, repository{r})
}

// RepositoryConfig is the block that makes another machine use the repository.
func RepositoryConfig(address string) string {
	return fmt.Sprintf("mirror %q {\n  url  = %q\n  only = true\n}\n", plugin.DigestPrefix, address)
}

func (r repository) size(ctx context.Context, p Package) (int64, error) {
	size, err := r.Blob(ctx, p.Digest)
	if err != nil || size < 0 {
		return size, err
	}
	_, want, err := manifestOf(p, size)
	if err != nil {
		return 0, err
	}
	if have, err := r.Manifest(ctx, tagOf(p)); err != nil || have != want {
		return -1, err
	}
	return size, nil
}

// begin pushes what every manifest names.
func (r repository) begin(ctx context.Context) error {
	d := ocispec.DescriptorEmptyJSON
	return r.PushBlob(ctx, plugin.Digest(d.Digest), d.Size, bytes.NewReader(d.Data))
}

func (r repository) put(ctx context.Context, p Package, content *io.SectionReader) error {
	if err := r.PushBlob(ctx, p.Digest, content.Size(), content); err != nil {
		return err
	}
	manifest, d, err := manifestOf(p, content.Size())
	if err != nil {
		return err
	}
	return r.PushManifest(ctx, tagOf(p), ocispec.MediaTypeImageManifest, d, manifest)
}

// manifestOf is the manifest of a package: always the same, so that what is there is
// known without being fetched.
func manifestOf(p Package, size int64) ([]byte, plugin.Digest, error) {
	config := ocispec.DescriptorEmptyJSON
	config.Data = nil
	data, err := json.Marshal(ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, ArtifactType: packageType,
		Config: config,
		Layers: []ocispec.Descriptor{{
			MediaType: "application/octet-stream", Digest: digest.Digest(p.Digest), Size: size,
			Annotations: map[string]string{ocispec.AnnotationTitle: access.PackageName(p.Location())},
		}},
		Annotations: map[string]string{
			ocispec.AnnotationTitle: string(p.Requirement.Name), ocispec.AnnotationVersion: p.Version.String(),
		},
	})
	sum := sha256.Sum256(data)
	return data, plugin.NewDigest(plugin.SHA256, sum[:]), err
}

// maxTag is the length of the longest tag.
// Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
const maxTag = 128

// tagOf says what a package is to whoever looks: "authz-0.6.0-linux-amd64-da61a79f0c2b".
// Other bytes have another tag.
func tagOf(p Package) string {
	platform := p.Platform.OS + "-" + p.Platform.Arch
	if p.Platform == plugin.AnyPlatform {
		platform = "any"
	}
	id := "-" + p.Digest.Hex()[:12]
	text := strings.ReplaceAll(fmt.Sprintf("%s-%s-%s", p.Requirement.Name, p.Version, platform), "+", "_")
	return text[:min(len(text), maxTag-len(id))] + id
}
