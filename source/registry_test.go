package source_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// The documents overlap; every version that any of them tells of exists, with all that
// they say of it.
func TestRegistryCandidates(t *testing.T) {
	t.Parallel()
	v := plugin.MustVersion
	for name, test := range map[string]struct {
		manifest, versions, compatibility string
		want                              []source.Candidate
	}{
		"manifest alone": {
			`{"name": "authz", "version": "v1.2", "minEngineVersion": "0.3.0"}`, "", "",
			[]source.Candidate{{Version: v("1.2.0"), MinEngine: v("0.3.0")}},
		},
		"with versions": {
			`{"version": "1.2.0", "minEngineVersion": "0.3.0"}`,
			`{"name": "authz", "versions": [
				{"version": "1.10.0", "released": "2026-01-02T03:04:05Z", "minEngineVersion": "0.2.0"},
				{"version": "1.9.0", "released": "2025-12-31"},
				{"version": "1.2.0", "released": "yesterday"}]}`, "",
			[]source.Candidate{
				{Version: v("1.2.0"), MinEngine: v("0.3.0")},
				{Version: v("1.9.0"), Released: time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)},
				{Version: v("1.10.0"), MinEngine: v("0.2.0"), Released: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
			},
		},
		"what each needs, as far as it is told": {
			`{"version": "1.2.0", "dependencies": [{"name": "base", "minVersion": "1.0.0"}]}`,
			`{"versions": [
				{"version": "1.1.0", "dependencies": [{"name": "older", "maxVersion": "2.0.0"}]},
				{"version": "1.0.0", "dependencies": []},
				{"version": "0.9.0"}]}`, "",
			[]source.Candidate{
				{Version: v("0.9.0")},
				{Version: v("1.0.0"), Told: true, Dependencies: []plugin.Dependency{}},
				{Version: v("1.1.0"), Told: true, Dependencies: []plugin.Dependency{{Name: "older", MaxVersion: "2.0.0"}}},
				{Version: v("1.2.0"), Told: true, Dependencies: []plugin.Dependency{{Name: "base", MinVersion: "1.0.0"}}},
			},
		},
		"with compatibility": {
			`{"version": "1.2.0"}`, "",
			`{"plugin": "authz", "versions": [
				{"version": "1.1.0", "minEngineVersion": "0.2.0", "compatibility": [
					{"engineVersion": "0.86.0", "status": "fail", "os": "linux", "arch": "amd64"},
					{"engineVersion": "v0.85.0", "status": "pass"}]}]}`,
			[]source.Candidate{
				{
					Version: v("1.1.0"), MinEngine: v("0.2.0"),
					Evidence: []source.Evidence{{Engine: v("0.86.0"), Platform: linux, Failed: true}, {Engine: v("0.85.0")}},
				},
				{Version: v("1.2.0")},
			},
		},
		"with both": {
			`{"version": "1.2.0", "minEngineVersion": "0.9.0"}`,
			`{"versions": [{"version": "1.1.0", "released": "2026-01-02"}]}`,
			`{"versions": [{"version": "1.1.0", "minEngineVersion": "0.2.0", "compatibility": [{"engineVersion": "0.86.0", "status": "fail"}]}]}`,
			[]source.Candidate{
				{
					Version: v("1.1.0"), MinEngine: v("0.2.0"), Released: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
					Evidence: []source.Evidence{{Engine: v("0.86.0"), Failed: true}},
				},
				{Version: v("1.2.0"), MinEngine: v("0.9.0")},
			},
		},
		"the first that tells of the host": {
			`{"version": "1.2.0", "minEngineVersion": "0.9.0"}`,
			`{"versions": [{"version": "1.2.0", "minEngineVersion": "0.7.0"}]}`,
			`{"versions": [{"version": "1.2.0", "minEngineVersion": "0.8.0"}]}`,
			[]source.Candidate{{Version: v("1.2.0"), MinEngine: v("0.7.0")}},
		},
		"entries without a version": {
			`{"version": "1.2.0"}`, `{"versions": [{"version": ""}, {"released": "2026-01-02"}, {"version": null}]}`, `{"versions": [{}]}`,
			[]source.Candidate{{Version: v("1.2.0")}},
		},
		"versions, of a manifest without": {
			`{"name": "authz"}`, `{"versions": [{"version": "1.2.0"}]}`, "",
			[]source.Candidate{{Version: v("1.2.0")}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := authz(t, base, false, published(test.manifest, test.versions, test.compatibility)).Candidates(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Candidates (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRegistryRelease(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("a", 64)
	digest := plugin.Digest("sha256:" + sum)
	file := func(os, arch, url, more string) string {
		return fmt.Sprintf(`{"os": %q, "arch": %q, "url": %q%s}`, os, arch, url, more)
	}
	pkg := func(p plugin.Platform, url string, d plugin.Digest) plugin.Package {
		return plugin.Package{Platform: p, URL: url, Digest: d}
	}
	for name, test := range map[string]struct {
		manifest, versions, compatibility string
		version                           string
		want                              *source.Release
	}{
		"from the manifest": {
			`{"name": "workflow-plugin-authz", "version": "1.2.0", "repository": "https://github.com/Acme/authz-plugin",
			  "source": "github.com/Acme/authz-source", "dependencies": [{"name": "base", "minVersion": "1.0.0"}],
			  "downloads": [` + file("linux", "amd64", "https://dl/a", `, "sha256": "`+strings.ToUpper(sum)+`"`) + `,
			                ` + file("linux", "amd64", "https://dl/b", `, "sha256": "sha256:`+sum+`"`) + `,
			                ` + file("darwin", "arm64", "https://dl/c", "") + `]}`,
			"", "", "1.2.0",
			&source.Release{
				Packages:   []plugin.Package{pkg(linux, "https://dl/a", digest), pkg(linux, "https://dl/b", digest), pkg(darwin, "https://dl/c", "")},
				Names:      []string{"authz", "workflow-plugin-authz", "authz-plugin", "authz-source"},
				AssetNames: []string{"authz", "workflow-plugin-authz"},
				DigestsBy: map[string]string{
					"https://dl/a": "https://plugins.example.com/v1/plugins/authz/manifest.json",
					"https://dl/b": "https://plugins.example.com/v1/plugins/authz/manifest.json",
				},
			},
		},
		"a repository as git writes it": {
			`{"name": "authz", "version": "1.2.0", "repository": "https://github.com/Acme/authz-plugin.git",
			  "downloads": [` + file("linux", "amd64", "https://dl/a", "") + `]}`,
			"", "", "1.2.0",
			&source.Release{
				Packages:   []plugin.Package{pkg(linux, "https://dl/a", "")},
				Names:      []string{"authz", "authz", "authz-plugin"},
				AssetNames: []string{"authz", "authz"},
			},
		},
		"an older one, from versions": {
			`{"name": "authz", "version": "1.2.0", "dependencies": [{"name": "base"}], "downloads": [` + file("linux", "amd64", "https://dl/new", "") + `]}`,
			`{"versions": [{"version": "1.1.0", "dependencies": [{"name": "older", "maxVersion": "2.0.0"}], "downloads": [` + file("linux", "amd64", "https://dl/old", "") + `]}]}`,
			"", "1.1.0",
			&source.Release{
				Packages: []plugin.Package{pkg(linux, "https://dl/old", "")}, Names: []string{"authz", "authz"}, AssetNames: []string{"authz", "authz"},
			},
		},
		"an older one, from compatibility": {
			`{"name": "authz", "version": "1.2.0"}`, "",
			`{"versions": [{"version": "1.1.0", "downloads": [` + file("linux", "amd64", "https://dl/old", "") + `]}]}`, "1.1.0",
			&source.Release{Packages: []plugin.Package{pkg(linux, "https://dl/old", "")}, Names: []string{"authz", "authz"}, AssetNames: []string{"authz", "authz"}},
		},
		// The first document that lists any decides; the others complete its digests.
		"one that all tell of": {
			`{"name": "authz", "version": "1.2.0", "downloads": [` + file("linux", "amd64", "https://dl/a", "") + `]}`,
			`{"versions": [{"version": "1.2.0", "downloads": [` + file("linux", "amd64", "https://dl/b", "") + `]}]}`,
			`{"versions": [{"version": "1.2.0", "downloads": [` + file("linux", "amd64", "https://dl/a", `, "sha256": "`+sum+`"`) + `]}]}`, "1.2.0",
			&source.Release{
				Packages: []plugin.Package{pkg(linux, "https://dl/a", digest)}, Names: []string{"authz", "authz"}, AssetNames: []string{"authz", "authz"},
				DigestsBy: map[string]string{"https://dl/a": "https://plugins.example.com/v1/compatibility/authz/index.json"},
			},
		},
		"a user interface": {
			`{"name": "authz", "version": "1.2.0", "type": "ui", "downloads": [` + file("linux", "amd64", "https://dl/a", "") + `]}`, "", "", "1.2.0",
			&source.Release{
				Packages: []plugin.Package{pkg(linux, "https://dl/a", "")}, Names: []string{"authz", "authz"}, AssetNames: []string{"authz", "authz"}, NoBinary: true,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.want.Version, test.want.ManifestOf = plugin.MustVersion(test.version), plugin.MustVersion("1.2.0")
			got, err := authz(t, base, false, published(test.manifest, test.versions, test.compatibility)).Release(t.Context(), test.want.Version)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(source.Release{}, "Manifest"), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Release (-want +got):\n%s", diff)
			}
		})
	}
}

// A plugin.json can be made from what the registry says: equal documents give equal
// bytes, and what no host needs is left out.
func TestRegistryManifestBecomesPluginJSON(t *testing.T) {
	t.Parallel()
	const want = `{"capabilities":{"moduleTypes":["a","b"]},"name":"authz","type":"external","version":"1.0.0"}`
	for _, manifest := range []string{
		`{"name": "authz", "version": "v1.0.0", "type": "external", "capabilities": {"moduleTypes": ["a", "b"]}, "checksums": {},
		  "downloads": [{"os": "linux", "arch": "amd64", "url": "https://dl/a"}]}`,
		`{"downloads": [{"os": "linux", "arch": "amd64", "url": "https://dl/a"}],
		  "capabilities":{"moduleTypes":["a","b"]},"type":"external","version":"1.0.0","name":"authz"}`,
	} {
		r, err := authz(t, base, false, published(manifest, "", "")).Release(t.Context(), plugin.MustVersion("1.0.0"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(r.Manifest)); diff != "" {
			t.Errorf("Manifest (-want +got):\n%s", diff)
		}
		if m, err := plugin.ParseManifest(r.Manifest); err != nil || m.Name != "authz" {
			t.Errorf("it is no plugin.json: %+v, %v", m, err)
		}
	}
}

// An older version's plugin.json says that version, whatever the newest one's says.
func TestRegistryManifestOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	docs := published(`{"name": "authz", "Version": "1.2.0"}`,
		`{"versions": [{"version": "1.1.0", "downloads": [{"os": "linux", "arch": "amd64", "url": "https://dl/a"}]}]}`, "")
	r, err := authz(t, base, false, docs).Release(t.Context(), plugin.MustVersion("1.1.0"))
	if err != nil {
		t.Fatal(err)
	}
	if m, err := plugin.ParseManifest(r.Manifest); err != nil || m.Version.String() != "1.1.0" {
		t.Errorf("it says %s: %+v, %v", r.Manifest, m, err)
	}
}

// Addresses are what a stranger wrote. What is refused names no place that only this
// machine knows, and nothing that would be sent where it is not for.
func TestRegistryAddresses(t *testing.T) {
	t.Parallel()
	const folder, file = "./registry/", "file:///srv/registry"
	for _, test := range []struct {
		registry, url string
		want          string // "" for refused
	}{
		{base, "https://dl.example.com/a.tar.gz", "https://dl.example.com/a.tar.gz"},
		{base, "http://dl.example.com/a.tar.gz", "http://dl.example.com/a.tar.gz"},
		{base, "a.tar.gz", base + "/a.tar.gz"},
		{base, "./files/a%20b.tar.gz?x=1", base + "/files/a%20b.tar.gz?x=1"},
		{base, "../a.tar.gz", "https://plugins.example.com/a.tar.gz"},
		{base, "", ""},
		{base, "/a.tar.gz", ""},
		{base, "//evil.example.com/a.tar.gz", ""},
		{base, "https://ann:secret@dl.example.com/a.tar.gz", ""},
		{base, "https://ann@dl.example.com/a.tar.gz", ""},
		{base, "https:///a.tar.gz", ""},
		{base, "https:a.tar.gz", ""},
		{base, "oci://dl.example.com/a", ""},
		{base, "ftp://dl.example.com/a", ""},
		{base, "file:///etc/passwd", ""},
		{base, "FILE:///etc/passwd", ""},
		{base, "file:a.tar.gz", ""},
		{base, `C:\a.tar.gz`, ""},
		{base, `..\a.tar.gz`, ""},
		{base, `\\server\share\a.tar.gz`, ""},
		{base, "https://dl.example.com/%zz", ""},
		{base, "a\x00b", ""},
		{base, "a\nb", ""},

		{file, "a.tar.gz", file + "/a.tar.gz"},
		{file, "file:///srv/other/a.tar.gz", "file:///srv/other/a.tar.gz"},
		{file, "https://dl.example.com/a.tar.gz", "https://dl.example.com/a.tar.gz"},
		{file, "/etc/passwd", ""},
		{file, "oci://dl.example.com/a", ""},

		// A path stays as the configuration writes it, so that the lock is portable.
		{folder, "a.tar.gz", "./registry/a.tar.gz"},
		{folder, "./files//a.tar.gz", "./registry/files/a.tar.gz"},
		{folder, "files/a%20b.tar.gz", "./registry/files/a b.tar.gz"},
		{folder, "https://dl.example.com/a.tar.gz", "https://dl.example.com/a.tar.gz"},
		{folder, "file:///srv/a.tar.gz", "file:///srv/a.tar.gz"},
		{folder, "../a.tar.gz", ""},
		{folder, "files/../../a.tar.gz", ""},
		{folder, "%2e%2e/a.tar.gz", ""},
		{folder, "/etc/passwd", ""},
		{folder, "%2fetc/passwd", ""},
	} {
		t.Run(test.registry+" "+test.url, func(t *testing.T) {
			t.Parallel()
			at, path := test.registry, test.registry == folder
			if path {
				at = "/project/registry"
			}
			docs := documents{at + "/plugins/authz/manifest.json": download(test.url)}
			r, err := authz(t, test.registry, path, docs).Release(t.Context(), plugin.MustVersion("1.0.0"))
			if test.want == "" {
				var document *source.DocumentError
				wantError(t, err, &document, at)
				if err != nil && strings.Contains(err.Error(), "secret") {
					t.Errorf("it shows the password: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			pkg := r.Packages[0]
			if pkg.Location() != test.want {
				t.Errorf("it is at %q, want %q", pkg.Location(), test.want)
			}
			if isPath := path && !strings.Contains(test.want, "://"); isPath != (pkg.Path != "") || isPath == (pkg.URL != "") {
				t.Errorf("URL = %q, Path = %q", pkg.URL, pkg.Path)
			}
		})
	}
}

func TestRegistryRefusesDownloads(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ download, want string }{
		"no system":       {`{"arch": "amd64", "url": "https://dl/a"}`, `"/amd64"`},
		"system with ..":  {`{"os": "..", "arch": "amd64", "url": "https://dl/a"}`, `"../amd64"`},
		"no digest":       {`{"os": "linux", "arch": "amd64", "url": "https://dl/a", "sha256": "n/a"}`, "sha256 for linux/amd64"},
		"a short digest":  {`{"os": "linux", "arch": "amd64", "url": "https://dl/a", "sha256": "abcd"}`, "sha256 for linux/amd64"},
		"another one bad": {`{"os": "linux", "arch": "amd64", "url": "https://dl/a"}, {"os": "linux", "arch": "arm64", "url": "file:///a"}`, "linux/arm64"},
	} {
		docs := published(`{"version": "1.0.0", "downloads": [`+test.download+`]}`, "", "")
		_, err := authz(t, base, false, docs).Release(t.Context(), plugin.MustVersion("1.0.0"))
		var document *source.DocumentError
		if !errors.As(err, &document) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want a DocumentError with %q", name, err, test.want)
		}
	}
}

func TestRegistryOfDocumentsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	const manifest, versions, compatibility = base + "/plugins/authz/manifest.json", base + "/plugins/authz/versions.json", base + "/compatibility/authz/index.json"
	good := `{"version": "1.0.0"}`
	unreachable := errors.New("connection refused")
	for name, test := range map[string]struct {
		docs documents
		at   string // of the document that is at fault; "" where none is
		want string
	}{
		"half a manifest":           {documents{manifest: `{"version": "1.0`}, manifest, "cut off"},
		"an HTML page":              {documents{manifest: "\n<!DOCTYPE html><html>"}, manifest, "HTML page"},
		"a manifest that is a list": {documents{manifest: `[]`}, manifest, "not the JSON expected"},
		"an empty manifest":         {documents{manifest: ``}, manifest, "cut off"},
		"no version":                {documents{manifest: `{"name": "authz"}`}, manifest, `no "version"`},
		"a bad version":             {documents{manifest: `{"version": "latest"}`}, manifest, `"latest"`},
		"a key twice":               {documents{manifest: `{"version": "1.0.0", "Version": "2.0.0"}`}, manifest, "duplicate key"},
		"half a versions.json":      {documents{manifest: good, versions: `{"versions": [`}, versions, "cut off"},
		"an HTML versions.json":     {documents{manifest: good, versions: `<html>`}, versions, "HTML page"},
		"half an index.json":        {documents{manifest: good, compatibility: `{`}, compatibility, "cut off"},
		"too large":                 {documents{manifest: good + strings.Repeat(" ", 1<<16)}, manifest, "too large"},
		"unreachable":               {documents{manifest: good, versions: unreachable}, "", "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := authz(t, base, false, test.docs).Candidates(t.Context())
			if test.at == "" {
				if !errors.Is(err, unreachable) {
					t.Errorf("Candidates = %v", err)
				}
				return
			}
			var document *source.DocumentError
			wantError(t, err, &document, test.want)
			if document != nil && document.URL != test.at {
				t.Errorf("it blames %s, want %s", document.URL, test.at)
			}
			// No package was refused: that is another exit code.
			if errors.Is(err, plugin.ErrRefused) || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%v is something else, too", err)
			}
		})
	}
}

func TestRegistryWithoutThePlugin(t *testing.T) {
	t.Parallel()
	src := authz(t, base, false, documents{base + "/plugins/authz/versions.json": `{"versions": [{"version": "1.0.0"}]}`})
	_, err := src.Candidates(t.Context())
	var unknown *source.UnknownPluginError
	wantError(t, err, &unknown, `registry "acme" has no plugin "authz"`)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
}

func TestRegistryTellsABuiltin(t *testing.T) {
	t.Parallel()
	src := authz(t, base, false, published(`{"version": "1.0.0", "type": "builtin"}`, "", ""))
	var builtin *source.BuiltinError
	_, err := src.Candidates(t.Context())
	wantError(t, err, &builtin, "nothing to install")
	_, err = src.Release(t.Context(), plugin.MustVersion("1.0.0"))
	wantError(t, err, &builtin, "nothing to install")
}

func TestRegistryTellsThatNothingWasReleased(t *testing.T) {
	t.Parallel()
	docs := published(`{"version": "1.0.0", "downloads": []}`, `{"versions": [{"version": "0.9.0", "downloads": [{"os": "linux", "arch": "amd64", "url": "https://dl/a"}]}]}`, "")
	_, err := authz(t, base, false, docs).Release(t.Context(), plugin.MustVersion("1.0.0"))
	var none *source.NoDownloadsError
	wantError(t, err, &none, `knows "authz" 1.0.0, but lists no downloads`)
}

// The documents of a plugin are asked for once, however much is asked of it.
func TestRegistryAsksOnce(t *testing.T) {
	t.Parallel()
	counted := &counter{documents: published(download("https://dl/a"), "", ""), asked: make(chan string, 100)}
	src := authz(t, base, false, counted)
	for range 3 {
		if _, err := src.Candidates(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := src.Release(t.Context(), plugin.MustVersion("1.0.0")); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(counted.asked); n != 3 {
		t.Errorf("%d documents were asked for, want 3", n)
	}
}

type counter struct {
	documents
	asked chan string
}

func (c *counter) Document(ctx context.Context, url string, max int64) ([]byte, error) {
	c.asked <- url
	return c.documents.Document(ctx, url, max)
}

// Documents that may be missing may be forbidden as well, as S3 says it of what is not
// there; the manifest may not.
func TestRegistryTakesForbiddenForMissing(t *testing.T) {
	t.Parallel()
	forbidden, failed := &access.StatusError{Code: 403}, &access.StatusError{Code: 500}
	docs := published(download("https://dl/a"), "", "")
	docs[base+"/plugins/authz/versions.json"], docs[base+"/compatibility/authz/index.json"] = forbidden, forbidden
	got, err := authz(t, base, false, docs).Candidates(t.Context())
	if err != nil || len(got) != 1 {
		t.Errorf("Candidates = %v, %v", got, err)
	}
	docs[base+"/plugins/authz/versions.json"] = failed
	if _, err := authz(t, base, false, docs).Candidates(t.Context()); !errors.Is(err, failed) {
		t.Errorf("a list that cannot be had: %v", err)
	}
	docs[base+"/plugins/authz/versions.json"], docs[base+"/plugins/authz/manifest.json"] = forbidden, forbidden
	if _, err := authz(t, base, false, docs).Candidates(t.Context()); !errors.Is(err, forbidden) || errors.Is(err, source.ErrNoRelease) {
		t.Errorf("a manifest that is forbidden: %v", err)
	}
}

// One download that is listed twice is one; one address with two digests is none that can
// be trusted, whichever documents name them.
func TestRegistryDownloadsListedTwice(t *testing.T) {
	t.Parallel()
	entry := func(url, sum string) string {
		return fmt.Sprintf(`{"os": "linux", "arch": "amd64", "url": %q, "sha256": %q}`, url, sum)
	}
	document := func(entries ...string) string {
		return `{"version": "1.0.0", "downloads": [` + strings.Join(entries, ", ") + `]}`
	}
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	for name, test := range map[string]struct {
		manifest, versions, compatibility string
		packages                          int // 0: refused
	}{
		"the same":                   {document(entry("x", a), entry("x", a)), "", "", 1},
		"the same, written apart":    {document(entry("x", a), entry("x", "sha256:"+strings.ToUpper(a))), "", "", 1},
		"one without a digest":       {document(entry("x", ""), entry("x", a)), "", "", 1},
		"neither with a digest":      {document(entry("x", ""), entry("x", "")), "", "", 1},
		"other addresses":            {document(entry("x", a), entry("y", b)), "", "", 2},
		"documents that agree":       {document(entry("x", a)), document(entry("x", a)), document(entry("x", a)), 1},
		"other addresses, elsewhere": {document(entry("x", a)), document(entry("y", b)), "", 1},
		"other digests in one":       {document(entry("x", a), entry("x", b)), "", "", 0},
		"other digests in versions":  {document(entry("x", a)), document(entry("x", b)), "", 0},
		"other digests in the index": {document(entry("x", "")), document(entry("x", a)), document(entry("x", b)), 0},
	} {
		list := func(doc string) string {
			if doc == "" {
				return ""
			}
			return `{"versions": [` + doc + `]}`
		}
		docs := published(test.manifest, list(test.versions), list(test.compatibility))
		r, err := authz(t, base, false, docs).Release(t.Context(), plugin.MustVersion("1.0.0"))
		var disagreement *source.DisagreementError
		switch {
		case test.packages == 0:
			wantError(t, err, &disagreement, "disagree on the digest of x")
			if !errors.Is(err, plugin.ErrRefused) {
				t.Errorf("%s: %v is no refusal", name, err)
			}
		case err != nil || len(r.Packages) != test.packages:
			t.Errorf("%s: %+v, %v; want %d packages", name, r, err, test.packages)
		}
	}
}

// That there is nothing of a version is told apart from that nothing can be learned.
func TestRegistryHasNoRelease(t *testing.T) {
	t.Parallel()
	v := plugin.MustVersion("1.0.0")
	for name, test := range map[string]struct {
		docs documents
		none bool
	}{
		"no such plugin":   {documents{}, true},
		"a builtin":        {published(`{"version": "1.0.0", "type": "builtin"}`, "", ""), true},
		"no such version":  {published(`{"version": "1.5.0"}`, "", ""), true},
		"no downloads":     {published(`{"version": "1.0.0"}`, "", ""), true},
		"it is there":      {published(download("https://dl/a"), "", ""), false},
		"out of reach":     {documents{base + "/plugins/authz/manifest.json": errors.New("connection refused")}, false},
		"half a manifest":  {published(`{"version"`, "", ""), false},
		"the network only": {documents{base + "/plugins/authz/manifest.json": &fetch.OfflineError{}}, false},
	} {
		_, err := authz(t, base, false, test.docs).Release(t.Context(), v)
		if errors.Is(err, source.ErrNoRelease) != test.none {
			t.Errorf("%s: %v", name, err)
		}
	}
	docs := documents{base + "/plugins/authz/manifest.json": &fetch.OfflineError{}}
	if _, err := authz(t, base, false, docs).Release(t.Context(), v); !errors.Is(err, source.ErrOffline) {
		t.Errorf("%v is not ErrOffline", err)
	}
}

// The folder that repositories' names suggest is found without an index; else it is the
// index's name that is nearest.
func TestRegistryTellsWhatMayBeMeant(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		docs documents
		want string
	}{
		"nothing":               {documents{}, ""},
		"the long name":         {documents{base + "/plugins/workflow-plugin-authz/manifest.json": `{"name": "x"}`}, "workflow-plugin-authz"},
		"a name in the index":   {documents{base + "/index.json": `[{"name": "auth"}, {"name": "billing"}]`}, "auth"},
		"the long name, always": {documents{base + "/plugins/workflow-plugin-authz/manifest.json": `{}`, base + "/index.json": `[{"name": "auth"}]`}, "workflow-plugin-authz"},
	} {
		_, err := authz(t, base, false, test.docs).Candidates(t.Context())
		var unknown *source.UnknownPluginError
		if !errors.As(err, &unknown) || unknown.Near != test.want {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestSetKnowsItsRegistriesAndKinds(t *testing.T) {
	t.Parallel()
	set := &source.Set{}
	_, err := set.For(plugin.Requirement{Source: plugin.SourceSpec{Kind: plugin.SourceRegistry, Registry: "nobody"}})
	if err == nil || !strings.Contains(err.Error(), `no registry "nobody"`) {
		t.Errorf("For = %v", err)
	}
	if _, err := set.For(plugin.Requirement{Source: plugin.SourceSpec{Text: "?"}}); err == nil || !strings.Contains(err.Error(), `"?" is no source`) {
		t.Errorf("a source of no kind: %v", err)
	}
}

// What cannot be asked is said to be so, not found out by a crash.
func TestSetWithoutWhatItNeeds(t *testing.T) {
	t.Parallel()
	set := &source.Set{}
	for kind, text := range map[plugin.SourceKind]string{plugin.SourceGitHub: "github.com/acme/x", plugin.SourceOCI: "oci://r.example/x"} {
		spec := plugin.SourceSpec{Kind: kind, Text: text, Locate: func(plugin.Version, plugin.Platform) (string, error) { return text, nil }}
		if _, err := set.For(plugin.Requirement{Source: spec}); err == nil || !strings.Contains(err.Error(), "is not set") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
