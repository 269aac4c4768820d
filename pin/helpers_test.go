package pin_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/pin"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
	"github.com/plugins-hcl/plugins/source"
)

var (
	linux   = plugin.Platform{OS: "linux", Arch: "amd64"}
	arm     = plugin.Platform{OS: "linux", Arch: "arm64"}
	darwin  = plugin.Platform{OS: "darwin", Arch: "arm64"}
	windows = plugin.Platform{OS: "windows", Arch: "amd64"}
)

const manifest = `{"name": "authz", "version": "1.2.0"}`

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a folder of packages, and what was fetched of them.
type world struct {
	t      *testing.T
	dir    string
	access *access.Access

	mu      sync.Mutex
	fetched []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	access, err := access.New(access.Options{Abs: w.abs, Observe: w.observe})
	must(t, err)
	t.Cleanup(func() { must(t, access.Close()) })
	w.access = access
	return w
}

func (w *world) abs(p string) string { return filepath.Join(w.dir, filepath.FromSlash(p)) }

func (w *world) observe(e plugin.Event) {
	if f, ok := e.(plugin.FetchEvent); ok && f.Done && !f.FromCache {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.fetched = append(w.fetched, path.Base(f.URL))
	}
}

// downloads are the names of what was fetched, sorted.
func (w *world) downloads() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.fetched)
	return strings.Join(slices.Compact(w.fetched), " ")
}

// put writes a package, whose digest depends on its name, and returns its digest.
func (w *world) put(name, pluginJSON string) plugin.Digest {
	w.t.Helper()
	var buf bytes.Buffer
	tw := tar.NewWriter(&buf)
	for _, f := range []struct {
		name, contents string
		mode           int64
	}{{"plugin.json", pluginJSON, 0o644}, {"authz", "the executable of " + name, 0o755}} {
		must(w.t, tw.WriteHeader(&tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.contents)), Typeflag: tar.TypeReg}))
		_, err := tw.Write([]byte(f.contents))
		must(w.t, err)
	}
	must(w.t, tw.Close())
	must(w.t, os.MkdirAll(filepath.Dir(w.abs(name)), 0o755))
	must(w.t, os.WriteFile(w.abs(name), buf.Bytes(), 0o644))
	sum := sha256.Sum256(buf.Bytes())
	return plugin.NewDigest(plugin.SHA256, sum[:])
}

// url is where a package can be fetched.
func (w *world) url(name string) string { return "file://" + filepath.ToSlash(w.abs(name)) }

// publish writes a package, and lists it with its digest.
func (w *world) publish(p plugin.Platform, name string) plugin.Package {
	w.t.Helper()
	return plugin.Package{Platform: p, URL: w.url(name), Digest: w.put(name, manifest)}
}

// silent is publish by somebody who publishes no digests.
func (w *world) silent(p plugin.Platform, name string) plugin.Package {
	pkg := w.publish(p, name)
	pkg.Digest = ""
	return pkg
}

// released is a source with one release.
type released source.Release

func (r *released) Candidates(context.Context) ([]source.Candidate, error) {
	panic("versions were asked for, though they are chosen")
}

func (r *released) Release(context.Context, plugin.Version) (*source.Release, error) {
	return (*source.Release)(r), nil
}

// input pins authz 1.2.0, of which these packages exist.
func (w *world) input(pkgs ...plugin.Package) pin.Input {
	return pin.Input{
		Choices: []resolve.Choice{{
			Requirement: plugin.Requirement{
				Name: "authz", Constraint: plugin.MustConstraint("^1"), Limits: plugin.DefaultLimits(),
				Source: plugin.SourceSpec{Kind: plugin.SourceRegistry, Text: "acme/authz", Registry: "acme", Plugin: "authz"},
				Pos:    plugin.Pos{File: "plugins.hcl", Line: 3, Column: 1},
			},
			Source: &released{
				Version: plugin.MustVersion("1.2.0"), Packages: pkgs, Names: []string{"authz"}, AssetNames: []string{"authz", "workflow-plugin-authz"},
			},
			Version: plugin.MustVersion("1.2.0"),
		}},
		Platform: linux, Access: w.access,
	}
}

// of is what pins, to be changed.
func of(in *pin.Input) (*plugin.Requirement, *released) {
	c := &in.Choices[0]
	return &c.Requirement, c.Source.(*released)
}

// pinned pins one plugin.
func pinned(t *testing.T, in pin.Input) (lock.Plugin, error) {
	t.Helper()
	f, err := pin.Pin(t.Context(), in)
	if err != nil {
		if f != nil {
			t.Errorf("a lock was returned with an error: %+v", f)
		}
		return lock.Plugin{}, err
	}
	if len(f.Plugins) != 1 {
		t.Fatalf("%d plugins are locked", len(f.Plugins))
	}
	return f.Plugins[0], nil
}

// locked is a lock of authz as the input's source has it.
func locked(version string, pkgs ...plugin.Package) *lock.File {
	p := lock.Plugin{Name: "authz", Version: plugin.MustVersion(version), Source: "acme/authz"}
	for _, pkg := range pkgs {
		p.Packages = append(p.Packages, plugin.Package(pkg))
	}
	f := &lock.File{Plugins: []lock.Plugin{p}}
	f.Sort()
	return f
}

func pattern(text string) plugin.Asset {
	return plugin.Asset{Pattern: func(v plugin.Version, p plugin.Platform) (string, error) {
		return strings.NewReplacer("${version}", v.String(), "${os}", p.OS, "${arch}", p.Arch).Replace(text), nil
	}}
}

// names shows the packages of a lock: "linux/amd64=authz.tar".
func names(p lock.Plugin) string {
	var texts []string
	for _, pkg := range p.Packages {
		texts = append(texts, pkg.Platform.String()+"="+path.Base(pkg.Location()))
	}
	return strings.Join(texts, " ")
}
