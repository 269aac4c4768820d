package source

import (
	"context"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

// oneManifest is a registry that has a tag, and the same bytes for whatever is asked.
type oneManifest struct{ data []byte }

func (o oneManifest) OCITags(context.Context, string, int64) ([]string, error) {
	return []string{"1.0.0"}, nil
}

func (o oneManifest) OCIManifest(context.Context, string, string, int64) ([]byte, plugin.Digest, error) {
	sum := sha256.Sum256(o.data)
	return o.data, plugin.NewDigest(plugin.SHA256, sum[:]), nil
}

func (o oneManifest) Document(context.Context, string, int64) ([]byte, error) { return o.data, nil }

// Whatever a manifest says, its packages have addresses in its repository that the lock can
// hold, and digests; or there is an error.
func FuzzOCIManifest(f *testing.F) {
	digest := `"digest": "sha256:` + strings.Repeat("0a", 32) + `", "size": 5`
	for _, seed := range []string{
		`{"schemaVersion": 2, "layers": [{` + digest + `}]}`,
		`{"schemaVersion": 2, "layers": [{` + digest + `, "annotations": {"org.opencontainers.image.title": "x-linux-amd64.tar.gz"}}, {` + digest + `, "annotations": {"org.opencontainers.image.title": "x-darwin-arm64.zip"}}]}`,
		`{"schemaVersion": 2, "layers": [{` + digest + `, "annotations": {"org.opencontainers.image.title": "../x"}}]}`,
		`{"schemaVersion": 2, "manifests": [{` + digest + `, "platform": {"os": "linux", "architecture": "arm", "variant": "v6"}}]}`,
		`{"schemaVersion": 2, "config": {"mediaType": "application/vnd.oci.image.config.v1+json", ` + digest + `}, "layers": [{` + digest + `}]}`,
		`{"schemaVersion": 1}`, `[]`, `null`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fake := oneManifest{data}
		set := &Set{Documents: fake, Repositories: fake}
		src, err := set.For(plugin.Requirement{Name: "x", Source: plugin.SourceSpec{
			Kind: plugin.SourceOCI, Text: "oci://reg.example/p/x",
			Locate: func(plugin.Version, plugin.Platform) (string, error) { return "oci://reg.example/p/x", nil },
		}})
		if err != nil {
			t.Fatal(err)
		}
		rel, err := src.Release(t.Context(), plugin.MustVersion("1.0.0"))
		if err != nil {
			return
		}
		if len(rel.Packages) == 0 {
			t.Error("there is neither a package nor an error")
		}
		for _, pkg := range rel.Packages {
			ref, err := plugin.ParseOCI(pkg.URL)
			if err != nil || ref.Name() != "oci://reg.example/p/x" || ref.Digest == "" || pkg.Path != "" {
				t.Errorf("a package is at %q: %v", pkg.URL, err)
			}
			if d, err := plugin.ParseDigest(string(pkg.Digest)); err != nil || d.Algorithm() != plugin.SHA256 {
				t.Errorf("a package has the digest %q: %v", pkg.Digest, err)
			}
			if p, err := plugin.ParsePlatform(pkg.Platform.String()); err != nil || p != pkg.Platform {
				t.Errorf("a package is for %q: %v", pkg.Platform, err)
			}
		}
	})
}
