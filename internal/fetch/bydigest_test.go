package fetch

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
)

// putPackage puts a package into a folder, where a mirror by digest has it.
func putPackage(t *testing.T, dir, address string, want, data []byte) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(PackagePath(digest(want), address)))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644)); err != nil {
		t.Fatal(err)
	}
}

func byDigest(url string, only bool) plugin.Mirror {
	return plugin.Mirror{Prefix: plugin.DigestPrefix, URL: url, Only: only}
}

// fetchPackage downloads what has the digest of want.
func fetchPackage(t *testing.T, c *Client, address string, want []byte) error {
	t.Helper()
	got, _, err := c.Download(t.Context(), Request{
		URL: address, Want: digest(want), To: tempFile(t), Max: 1 << 20,
		Judge: func(where string, got plugin.Digest) error {
			if got != digest(want) {
				return &plugin.DigestError{Where: where, Want: digest(want), Got: got}
			}
			return nil
		},
	})
	if err == nil && got != digest(want) {
		t.Errorf("got %s, want %s", got, digest(want))
	}
	return err
}

// Mirrors of packages by digest are asked before all others, and nobody else is where
// one of them is to be the only way.
func TestByDigest(t *testing.T) {
	t.Parallel()
	const address = "https://a.example/dl/x.tar.gz?token=s3cr3t"
	data := []byte("a package")
	has, hasNot, rotten := t.TempDir(), t.TempDir(), t.TempDir()
	putPackage(t, has, address, data, data)
	putPackage(t, rotten, address, data, []byte("rotten"))
	prefixed := plugin.Mirror{Prefix: "https://a.example/dl/", URL: "https://m.example/", Only: true}
	path := "/packages/" + PackagePath(digest(data), address)
	for name, c := range map[string]struct {
		mirrors []plugin.Mirror
		offline bool
		asked   []string
		is      error // nil: it is had
		text    []string
	}{
		"a folder":                       {mirrors: []plugin.Mirror{prefixed, byDigest(has, true)}, offline: true},
		"the second folder":              {mirrors: []plugin.Mirror{byDigest(hasNot, true), byDigest("file://"+filepath.ToSlash(has)+"/", false)}, offline: true},
		"a server":                       {mirrors: []plugin.Mirror{byDigest("https://d.example/packages/", true)}, asked: []string{path}},
		"a folder, after a server":       {mirrors: []plugin.Mirror{byDigest("https://d.example/none", false), byDigest(has, false)}, asked: []string{"/none/" + PackagePath(digest(data), address)}},
		"elsewhere":                      {mirrors: []plugin.Mirror{byDigest(hasNot, false), prefixed}, asked: []string{"/x.tar.gz"}},
		"elsewhere, since it is rotten":  {mirrors: []plugin.Mirror{byDigest(rotten, false), prefixed}, asked: []string{"/x.tar.gz"}},
		"nowhere":                        {mirrors: []plugin.Mirror{byDigest(hasNot, true), prefixed}, is: fs.ErrNotExist, text: []string{"https://a.example/dl/x.tar.gz?(sensitive): the mirror does not have it: there is no " + hasNot}},
		"nowhere, and it is rotten":      {mirrors: []plugin.Mirror{byDigest(rotten, true)}, is: plugin.ErrRefused, text: []string{"through mirror " + rotten}},
		"offline":                        {mirrors: []plugin.Mirror{byDigest("https://d.example/packages", true)}, offline: true, is: ErrOffline},
		"offline, and not in the folder": {mirrors: []plugin.Mirror{byDigest(hasNot, false)}, offline: true, is: ErrOffline, text: []string{hasNot}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{hosts: map[string]http.HandlerFunc{}}
			for _, host := range []string{"https://d.example:443", "https://m.example:443"} {
				w.hosts[host] = func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path != path && r.URL.Path != "/x.tar.gz" {
						http.NotFound(w, r)
						return
					}
					_, _ = w.Write(data)
				}
			}
			client := quick(Config{Transport: w, Mirrors: c.mirrors, Offline: c.offline})
			err := fetchPackage(t, client, address, data)
			if c.is == nil && err != nil || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("got %v, want %v", err, c.is)
			}
			if c.text != nil {
				wantText(t, err, c.text...)
			}
			var asked []string
			for _, r := range w.asked {
				asked = append(asked, r.URL.Path)
				if r.URL.RawQuery != "" && r.URL.Host == "d.example" {
					t.Errorf("the query was sent to the mirror by digest: %s", r.URL)
				}
			}
			if len(asked) != len(c.asked) || len(asked) > 0 && asked[0] != c.asked[0] {
				t.Errorf("asked for %q, want %q", asked, c.asked)
			}
		})
	}
}

// What has no known digest is not asked of them.
func TestByDigestUnknown(t *testing.T) {
	t.Parallel()
	w := &world{hosts: map[string]http.HandlerFunc{"https://a.example:443": says("ok")}}
	c := quick(Config{Transport: w, Mirrors: []plugin.Mirror{byDigest(t.TempDir(), true)}})
	wantDownload(t, c, "https://a.example/x", []byte("ok"))
	if doc, err := c.Document(t.Context(), "https://a.example/x", 10); err != nil || string(doc) != "ok" {
		t.Errorf("got %q, %v", doc, err)
	}
}

func TestPackageSize(t *testing.T) {
	t.Parallel()
	dir, data := t.TempDir(), []byte("a package")
	const address = "https://a.example/x.tar.gz"
	putPackage(t, dir, address, data, data)
	file := filepath.Join(dir, "x.tar.gz")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		address string
		want    plugin.Digest
		has     bool
	}{
		{address, digest(data), true},
		{address, digest([]byte("another")), false},
		{address, "", false},
		{"https://b.example/x.tar.gz", digest(data), true},
		{"https://a.example/y.tar.gz", digest(data), false},
		{"https://prefix.example/x.tar.gz", "", true},
		{file, "", true},
		{dir, "", false},
	} {
		client := New(Config{Mirrors: []plugin.Mirror{byDigest(dir, false), {Prefix: "https://prefix.example/", URL: dir}}})
		if _, got := client.PackageSize(c.address, c.want); got != c.has {
			t.Errorf("%s %s: %t", c.address, c.want, got)
		}
	}
}
