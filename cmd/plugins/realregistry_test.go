package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
	"github.com/plugins-hcl/plugins/internal/scripttest"
	"github.com/plugins-hcl/plugins/plugin"
)

// realManifest is what the test needs of a manifest; the rest stays as it is.
type realManifest struct {
	Dependencies                    []plugin.Dependency
	Name, Version, Type, Repository string
	Downloads                       []struct{ OS, Arch, URL, SHA256 string }
}

// realRegistry is the real registry, with packages that the test made at the
// addresses it names, since the real ones cannot be reached.
type realRegistry struct {
	t        *testing.T
	packages string // a folder that stands for https://github.com/
	registry string
	here     plugin.Platform
	shared   map[string]int    // by how many plugins an address is named
	digests  map[string]string // of the packages made, by address
	folders  map[string]bool
	config   strings.Builder
	wanted   []string
	unmet    []string // need a plugin that the registry does not have
}

// Every external plugin of the real registry that has downloads is locked and
// installed at once; those that cannot be say why.
func TestRealRegistry(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("PLUGINS_TEST_REGISTRY")
	if folder == "" {
		t.Skip("PLUGINS_TEST_REGISTRY does not name the plugins folder of a registry")
	}
	manifests, err := filepath.Glob(filepath.Join(folder, "*", "manifest.json"))
	if err != nil || len(manifests) == 0 {
		t.Fatalf("no manifests in %s (%v)", folder, err)
	}
	r := &realRegistry{t: t, packages: t.TempDir(), registry: t.TempDir(), here: plugin.CurrentPlatform(), shared: map[string]int{}, digests: map[string]string{}, folders: map[string]bool{}}
	for _, file := range manifests {
		r.folders[filepath.Base(filepath.Dir(file))] = true
		for _, d := range r.manifest(file).Downloads {
			r.shared[d.URL]++
		}
	}
	var builtin, without string
	for i, file := range manifests {
		switch name, m := filepath.Base(filepath.Dir(file)), r.copyManifest(file, i); {
		case m.Type == "builtin":
			builtin = name
		case len(m.Downloads) == 0:
			without = name
		}
	}
	dir := r.project()
	t.Logf("%d manifests, %d plugins to install", len(manifests), len(r.wanted))

	r.run(dir, 0, "lock")
	locked := r.read(filepath.Join(dir, "plugins.lock.hcl"))
	r.run(dir, 2, "plan", "--detailed-exitcode")
	r.run(dir, 0, "apply", "--auto-approve")
	for _, name := range r.wanted {
		info, err := os.Stat(filepath.Join(dir, "plugins", name, name))
		if err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("the executable of %s: %v, %v", name, info, err)
		}
	}
	r.run(dir, 0, "verify")
	r.run(dir, 0, "plan", "--detailed-exitcode")
	r.run(dir, 0, "lock")
	if !bytes.Equal(locked, r.read(filepath.Join(dir, "plugins.lock.hcl"))) {
		t.Error("locking again changed the lock file")
	}
	r.explains(builtin, "built into the host")
	r.explains(without, "no downloads")
	for _, name := range r.unmet {
		r.explains(name, "has no plugin")
	}
}

// needsUnknown reports whether a plugin needs one that the registry does not have.
func (r *realRegistry) needsUnknown(m realManifest) bool {
	for _, d := range m.Dependencies {
		if !r.folders[d.Name] && !r.folders[plugin.LongName(d.Name)] && !r.folders[plugin.ShortName(d.Name)] {
			return true
		}
	}
	return false
}

func (r *realRegistry) manifest(file string) (m realManifest) {
	r.t.Helper()
	if err := json.Unmarshal(r.read(file), &m); err != nil {
		r.t.Fatal(err)
	}
	return m
}

// copyManifest publishes one manifest, and makes the packages that it names.
func (r *realRegistry) copyManifest(file string, i int) realManifest {
	r.t.Helper()
	m := r.manifest(file)
	folder := filepath.Base(filepath.Dir(file))
	text := string(r.read(file))
	platforms := map[string]int{}
	for _, d := range m.Downloads {
		digest := r.pack(folder, m, d.OS, d.Arch, d.URL, i)
		if d.SHA256 != "" {
			text = strings.ReplaceAll(text, d.SHA256, digest)
		}
		platforms[d.OS+"/"+d.Arch]++
	}
	at := filepath.Join(r.registry, "plugins", folder)
	if err := os.MkdirAll(at, 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(at, "manifest.json"), []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
	r.declare(folder, m, platforms)
	return m
}

// declare asks for a plugin that can be installed here. Where its several packages
// for one platform are all named after something else, an asset says which.
func (r *realRegistry) declare(folder string, m realManifest, platforms map[string]int) {
	n := platforms[r.here.String()]
	if m.Type == "builtin" || n == 0 {
		return
	}
	if r.needsUnknown(m) {
		r.unmet = append(r.unmet, folder)
		return
	}
	r.wanted = append(r.wanted, folder)
	fmt.Fprintf(&r.config, "plugin %q {\n", folder)
	named := false
	for _, d := range m.Downloads {
		named = named || strings.HasPrefix(path.Base(d.URL), folder+"-")
	}
	if n > 1 && !named {
		r.config.WriteString("  asset = \"workflow-${os}-${arch}\"\n")
	}
	r.config.WriteString("}\n\n")
}

// pack makes a package as release tools do, each plugin in another of their ways.
func (r *realRegistry) pack(folder string, m realManifest, goos, goarch, at string, i int) string {
	if digest, ok := r.digests[at]; ok {
		return digest
	}
	u, err := url.Parse(at)
	if err != nil {
		r.t.Fatal(err)
	}
	names := []string{folder, m.Name, path.Base(m.Repository)}
	stem := path.Base(m.Repository)
	p := scripttest.Package{
		Name: folder, Version: m.Version, ManifestName: names[i%len(names)], Format: "tar.gz",
		Binary: []string{folder, "workflow-plugin-" + plugin.ShortName(folder), stem + "-" + goos + "-" + goarch, folder + "_" + goos + "_" + goarch}[i%4],
	}
	if i%5 == 0 {
		p.Top = stem
	}
	if r.shared[at] > 1 { // several plugins in one package: it is named after the repository
		p.Name, p.ManifestName, p.Binary = stem, stem, stem
	}
	file := filepath.Join(r.packages, filepath.FromSlash(u.Path))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := p.Write(file); err != nil {
		r.t.Fatal(err)
	}
	sum := sha256.Sum256(r.read(file))
	r.digests[at] = hex.EncodeToString(sum[:])
	return r.digests[at]
}

// project writes the configuration; the registry is reached over HTTP, and a
// mirror stands for GitHub.
func (r *realRegistry) project() string {
	registry := httptest.NewServer(http.FileServer(http.Dir(r.registry)))
	r.t.Cleanup(registry.Close)
	github := httptest.NewServer(http.FileServer(http.Dir(r.packages)))
	r.t.Cleanup(github.Close)
	head := fmt.Sprintf("registry \"gocodealone\" {\n  url = %q\n}\n\nmirror \"https://github.com/\" {\n  url = %q\n}\n\n",
		registry.URL, github.URL+"/")
	dir := r.t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "plugins.hcl"), []byte(head+r.config.String()), 0o644); err != nil {
		r.t.Fatal(err)
	}
	return dir
}

// explains asks for one plugin more, which cannot be installed.
func (r *realRegistry) explains(name, want string) {
	r.t.Helper()
	if name == "" {
		return
	}
	r.config.Reset()
	fmt.Fprintf(&r.config, "plugin %q {}\n", name)
	if out := r.run(r.project(), 1, "lock"); !strings.Contains(out, want) {
		r.t.Errorf("lock says of %s:\n%s\nwant it to say %q", name, out, want)
	}
}

// run runs the program and returns all that it prints.
func (r *realRegistry) run(dir string, want int, args ...string) string {
	r.t.Helper()
	var out bytes.Buffer
	args = append([]string{"-C", dir, "--cache-dir", filepath.Join(dir, "cache")}, args...)
	if code := cli.Run(args, strings.NewReader(""), &out, &out); code != want {
		r.t.Fatalf("plugins %s: exit %d, want %d\n%s", strings.Join(args, " "), code, want, out.String())
	}
	return out.String()
}

func (r *realRegistry) read(file string) []byte {
	r.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		r.t.Fatal(err)
	}
	return data
}
