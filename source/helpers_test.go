package source_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

var (
	linux  = plugin.Platform{OS: "linux", Arch: "amd64"}
	darwin = plugin.Platform{OS: "darwin", Arch: "arm64"}
)

// documents are served from memory, by address; an error is served as itself.
type documents map[string]any

func (d documents) Document(_ context.Context, url string, max int64) ([]byte, error) {
	switch doc := d[url].(type) {
	case string:
		if int64(len(doc)) > max {
			return nil, &plugin.RefusedError{Rule: "it is too large"}
		}
		return []byte(doc), nil
	case error:
		return nil, doc
	}
	return nil, fmt.Errorf("GET %s: %w", url, fs.ErrNotExist)
}

// opener tells of every package the same, and remembers which it was asked about.
type opener struct {
	manifest plugin.Manifest
	err      error

	mu    sync.Mutex
	asked []plugin.Package
}

func (o *opener) Manifest(_ context.Context, _ plugin.Requirement, pkg plugin.Package) (plugin.Manifest, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, pkg)
	return o.manifest, o.err
}

// at gives addresses as a template does.
func at(pattern string) func(plugin.Version, plugin.Platform) (string, error) {
	return func(v plugin.Version, p plugin.Platform) (string, error) {
		return strings.NewReplacer("${version}", v.String(), "${os}", p.OS, "${arch}", p.Arch).Replace(pattern), nil
	}
}

const base = "https://plugins.example.com/v1"

// authz is the source of that plugin in a registry at url, in its folder "authz".
func authz(t *testing.T, url string, path bool, docs source.Documents) source.Source {
	t.Helper()
	set := &source.Set{
		Registries: []plugin.Registry{{Name: "other", URL: "https://other.example.com"}, {Name: "acme", URL: url, Local: path || strings.HasPrefix(url, "file:")}},
		Documents:  docs,
		Abs:        func(p string) string { return "/project/" + strings.TrimPrefix(p, "./") },
		Platform:   linux,
	}
	src, err := set.For(plugin.Requirement{
		Name: "authz", Limits: plugin.Limits{Document: 1 << 16},
		Source: plugin.SourceSpec{Kind: plugin.SourceRegistry, Text: "acme/authz", Registry: "acme", Plugin: "authz"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// published serves documents of authz; "" for one that is missing.
func published(manifest, versions, compatibility string) documents {
	d := documents{}
	for path, doc := range map[string]string{
		"/plugins/authz/manifest.json":    manifest,
		"/plugins/authz/versions.json":    versions,
		"/compatibility/authz/index.json": compatibility,
	} {
		if doc != "" {
			d[base+path] = doc
		}
	}
	return d
}

// download is a manifest that lists one download for Linux, from url.
func download(url string) string {
	return fmt.Sprintf(`{"name": "authz", "version": "1.0.0", "downloads": [{"os": "linux", "arch": "amd64", "url": %q}]}`, url)
}

func wantError(t *testing.T, err error, target any, text string) {
	t.Helper()
	if !errors.As(err, target) || !strings.Contains(err.Error(), text) {
		t.Errorf("%v: want a %T with %q", err, target, text)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
