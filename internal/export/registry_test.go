package export

import (
	"regexp"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

func packageOf(name, version string, platform plugin.Platform) Package {
	return Package{
		Requirement: plugin.Requirement{Name: plugin.Name(name)}, Version: plugin.MustVersion(version),
		Package: plugin.Package{
			Platform: platform, URL: "https://h.example/dl/x.tar.gz?token=s3cr3t",
			Digest: plugin.Digest("sha256:" + strings.Repeat("da61a79f", 8)),
		},
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	tag := regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)
	linux := plugin.Platform{OS: "linux", Arch: "amd64"}
	for _, c := range []struct {
		p    Package
		want string
	}{
		{packageOf("authz", "0.6.0", linux), "authz-0.6.0-linux-amd64-da61a79fda61"},
		{packageOf("authz", "1.0.0-rc.1+b.7", plugin.AnyPlatform), "authz-1.0.0-rc.1_b.7-any-da61a79fda61"},
		{packageOf(strings.Repeat("n", plugin.MaxNameLength), "1.0.0-"+strings.Repeat("x", 100), linux), ""},
	} {
		got := tagOf(c.p)
		if c.want != "" && got != c.want || !tag.MatchString(got) || !strings.HasSuffix(got, "-da61a79fda61") {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// A manifest is the same whenever it is made, and says nothing of where a package is
// from.
func TestManifest(t *testing.T) {
	t.Parallel()
	p := packageOf("authz", "0.6.0", plugin.AnyPlatform)
	data, digest, err := manifestOf(p, 42)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.plugins-hcl.package.v1",` +
		`"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},` +
		`"layers":[{"mediaType":"application/octet-stream","digest":"sha256:da61a79fda61a79fda61a79fda61a79fda61a79fda61a79fda61a79fda61a79f","size":42,` +
		`"annotations":{"org.opencontainers.image.title":"x.tar.gz"}}],` +
		`"annotations":{"org.opencontainers.image.title":"authz","org.opencontainers.image.version":"0.6.0"}}`
	if string(data) != want {
		t.Errorf("got  %s\nwant %s", data, want)
	}
	if _, again, err := manifestOf(p, 42); err != nil || again != digest {
		t.Errorf("got %s, then %s, %v", digest, again, err)
	}
}
