package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// RepositoryConfig makes a machine use the packages in a repository of an OCI registry.
func RepositoryConfig(repository string) string {
	return fmt.Sprintf(`# Every package, by its digest, from this repository and from nowhere else.
mirror "sha256:" {
  url  = %q
  only = true
}
`, repository)
}

// repository is one of an OCI registry. Each package is a blob in it, by its own digest,
// and there is a manifest for each, with a tag, without which registries clean it away.
type repository struct {
	push *access.Pusher

	mu    sync.Mutex
	empty bool // the configuration of all manifests is there
}

// ToRepository exports to the repository of an OCI registry, "oci://HOST/REPOSITORY".
// In the end config is written, with what makes another machine use it, unless it is "".
func ToRepository(ctx context.Context, to, config string, o Options) (out Outcome, err error) {
	if config != "" {
		if err := checkConfig(config); err != nil {
			return Outcome{}, err
		}
	}
	push, err := o.Access.Pusher(to)
	if err != nil {
		return Outcome{}, err
	}
	r := &repository{push: push}
	// A registry that lets nobody in says so once, not for every package.
	if _, err := push.Manifest(ctx, "latest"); err != nil {
		return Outcome{}, err
	}
	if out, err = o.to(ctx, r); err != nil || config == "" {
		return out, err
	}
	return out, swap.WriteFile(config, []byte(configStart+"; changes made by hand are lost.\n\n"+RepositoryConfig(to)), 0o644)
}

func (r *repository) begin() error { return nil }

// size finds a package that is there. One without its manifest, which a run that broke off
// has left, gets it here: it need not be fetched for that.
func (r *repository) size(ctx context.Context, p Package) (int64, error) {
	size, err := r.push.Blob(ctx, p.Digest)
	if err != nil || size < 0 {
		return size, err
	}
	manifest, tag := manifestOf(p, size)
	there, err := r.push.Manifest(ctx, tag)
	if err == nil && there != plugin.Digest(digest.FromBytes(manifest)) {
		err = r.name(ctx, manifest, tag)
	}
	return size, err
}

// put sends a package, from a file in which it is whole and verified.
func (r *repository) put(ctx context.Context, p Package, fill func(io.Writer) error) (err error) {
	spool, err := os.CreateTemp("", "plugins-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(spool.Name())) }()
	size := int64(0)
	if err = fill(spool); err == nil {
		size, err = spool.Seek(0, io.SeekCurrent)
	}
	if err = errors.Join(err, spool.Close()); err != nil {
		return err
	}
	blob := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: digest.Digest(p.Digest), Size: size}
	if err := r.push.PushBlob(ctx, blob, func() (io.ReadCloser, error) { return os.Open(spool.Name()) }); err != nil {
		return err
	}
	manifest, tag := manifestOf(p, size)
	return r.name(ctx, manifest, tag)
}

// name has a tag name a manifest.
func (r *repository) name(ctx context.Context, manifest []byte, tag string) error {
	if err := r.sendEmpty(ctx); err != nil {
		return err
	}
	_, err := r.push.PushManifest(ctx, ocispec.MediaTypeImageManifest, manifest, tag)
	return err
}

// sendEmpty sends, once, the configuration that all manifests name.
func (r *repository) sendEmpty(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.empty {
		return nil
	}
	empty := ocispec.DescriptorEmptyJSON
	have, err := r.push.Blob(ctx, plugin.Digest(empty.Digest))
	if err == nil && have < 0 {
		err = r.push.PushBlob(ctx, empty, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("{}")), nil })
	}
	r.empty = err == nil
	return err
}

// artifactType is what the manifest of a package is one of.
const artifactType = "application/vnd.plugins-hcl.package.v1"

// manifestOf is the manifest of a package and its tag, the same on every machine.
// Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage
func manifestOf(p Package, size int64) (manifest []byte, tag string) {
	name := path.Base(p.path())
	m := ocispec.Manifest{
		Versioned:    specs.Versioned{SchemaVersion: 2},
		MediaType:    ocispec.MediaTypeImageManifest,
		ArtifactType: artifactType,
		Config:       ocispec.DescriptorEmptyJSON,
		Layers: []ocispec.Descriptor{{
			MediaType: mediaType(name), Digest: digest.Digest(p.Digest), Size: size,
			Annotations: map[string]string{ocispec.AnnotationTitle: name},
		}},
		Annotations: map[string]string{
			ocispec.AnnotationTitle:       string(p.Requirement.Name),
			ocispec.AnnotationVersion:     p.Version.String(),
			ocispec.AnnotationDescription: "for " + p.Platform.String(),
		},
	}
	manifest, _ = json.Marshal(m) // texts and numbers alone
	return manifest, tagOf(p)
}

// mediaType is what registries are told that a package is. Nobody relies on it: packages
// are known by content.
func mediaType(name string) string {
	switch {
	case strings.HasSuffix(name, ".tar.gz"), strings.HasSuffix(name, ".tgz"):
		return ocispec.MediaTypeImageLayerGzip
	case strings.HasSuffix(name, ".tar.zst"):
		return ocispec.MediaTypeImageLayerZstd
	case strings.HasSuffix(name, ".tar"):
		return ocispec.MediaTypeImageLayer
	case strings.HasSuffix(name, ".zip"):
		return "application/zip"
	}
	return "application/octet-stream"
}

// maxTag is how long a tag may be.
// Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
const maxTag = 128

// tagOf tells a person what the package is. Its digest keeps apart what two projects call
// the same.
func tagOf(p Package) string {
	end := "-" + p.Digest.Hex()[:12]
	platform := strings.ReplaceAll(p.Platform.String(), "/", "-")
	tag := strings.ReplaceAll(fmt.Sprintf("%s-%s-%s", p.Requirement.Name, p.Version, platform), "+", "_")
	return tag[:min(len(tag), maxTag-len(end))] + end
}
