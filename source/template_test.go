package source_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

// spec is a source that uses what stands in pattern.
func spec(kind plugin.SourceKind, pattern string) plugin.SourceSpec {
	return plugin.SourceSpec{
		Kind: kind, Text: pattern, Locate: at(pattern),
		PerVersion: strings.Contains(pattern, "${version}"), PerPlatform: strings.Contains(pattern, "${os}"),
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	const full, perPlatform, plain = "https://dl/${version}/x_${os}_${arch}.tar.gz", "https://dl/x_${os}_${arch}.tar.gz", "https://dl/x.tar.gz"
	pkg := func(p plugin.Platform, url string) plugin.Package { return plugin.Package{Platform: p, URL: url} }
	for name, test := range map[string]struct {
		pattern, constraint string
		declared, own       []plugin.Platform
		version             string           // the only candidate
		opened              []plugin.Package // to tell it
		want                []plugin.Package
	}{
		"all of it": {
			full, "2.0.1",
			[]plugin.Platform{darwin, linux},
			nil, "2.0.1", nil,
			[]plugin.Package{pkg(darwin, "https://dl/2.0.1/x_darwin_arm64.tar.gz"), pkg(linux, "https://dl/2.0.1/x_linux_amd64.tar.gz")},
		},
		"platforms of its own": {
			full, "= v2.0.1",
			[]plugin.Platform{darwin, linux},
			[]plugin.Platform{linux},
			"2.0.1", nil,
			[]plugin.Package{pkg(linux, "https://dl/2.0.1/x_linux_amd64.tar.gz")},
		},
		"one file for all": {
			plain, "2.0.1", []plugin.Platform{darwin, linux}, nil, "2.0.1", nil, []plugin.Package{pkg(plugin.AnyPlatform, plain)},
		},
		"a version that only the package tells": {
			plain, "^1", nil, nil, "1.5.0", []plugin.Package{pkg(plugin.AnyPlatform, plain)}, []plugin.Package{pkg(plugin.AnyPlatform, plain)},
		},
		"a version that this platform's package tells": {
			perPlatform, "",
			[]plugin.Platform{darwin, linux},
			nil, "1.5.0",
			[]plugin.Package{pkg(linux, "https://dl/x_linux_amd64.tar.gz")},
			[]plugin.Package{pkg(darwin, "https://dl/x_darwin_arm64.tar.gz"), pkg(linux, "https://dl/x_linux_amd64.tar.gz")},
		},
		"a version that another platform's package tells": {
			perPlatform, "",
			[]plugin.Platform{darwin},
			nil, "1.5.0",
			[]plugin.Package{pkg(darwin, "https://dl/x_darwin_arm64.tar.gz")},
			[]plugin.Package{pkg(darwin, "https://dl/x_darwin_arm64.tar.gz")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &opener{manifest: plugin.Manifest{Name: "x", Version: plugin.MustVersion("1.5.0")}}
			set := &source.Set{Opener: o, Abs: func(p string) string { return p }, Platforms: test.declared, Platform: linux}
			src, err := set.For(plugin.Requirement{
				Name: "x", Constraint: plugin.MustConstraint(test.constraint), Platforms: test.own, Source: spec(plugin.SourceURL, test.pattern),
			})
			if err != nil {
				t.Fatal(err)
			}
			candidates, err := src.Candidates(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			version := plugin.MustVersion(test.version)
			if diff := cmp.Diff([]source.Candidate{{Version: version}}, candidates); diff != "" {
				t.Errorf("Candidates (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.opened, o.asked); diff != "" {
				t.Errorf("opened (-want +got):\n%s", diff)
			}
			r, err := src.Release(t.Context(), version)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&source.Release{Version: version, Packages: test.want}, r); diff != "" {
				t.Errorf("Release (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTemplateErrors(t *testing.T) {
	t.Parallel()
	broken := spec(plugin.SourceURL, "https://dl/${os}")
	broken.Locate = func(plugin.Version, plugin.Platform) (string, error) { return "", errors.New("the expression is null") }
	for name, test := range map[string]struct {
		spec       plugin.SourceSpec
		constraint string
		platforms  []plugin.Platform
		want       string
	}{
		"a range of versions":   {spec(plugin.SourceURL, "https://dl/${version}"), "~> 1.2", nil, `one exact version, not "~> 1.2"`},
		"no constraint":         {spec(plugin.SourceURL, "https://dl/${version}"), "", nil, "one exact version"},
		"no platforms":          {spec(plugin.SourceURL, "https://dl/${os}"), "", nil, `say with "platforms"`},
		"no platforms, a path":  {spec(plugin.SourceLocal, "./x_${os}"), "", nil, `say with "platforms"`},
		"cannot be evaluated":   {broken, "", []plugin.Platform{linux}, "is null"},
		"package cannot be had": {spec(plugin.SourceURL, "https://dl/x"), "", nil, "refused by the opener"},
	} {
		set := &source.Set{Abs: func(p string) string { return p }, Opener: &opener{err: errors.New("refused by the opener")}, Platforms: test.platforms, Platform: linux}
		src, err := set.For(plugin.Requirement{Name: "x", Constraint: plugin.MustConstraint(test.constraint), Source: test.spec})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := src.Candidates(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Candidates = %v, want %q", name, err, test.want)
		}
	}
}

// project is a folder that a configuration lies in.
func project(t *testing.T) (dir string, abs func(string) string) {
	t.Helper()
	dir = t.TempDir()
	return dir, func(p string) string { return filepath.Join(dir, p) }
}

func TestLocalFolder(t *testing.T) {
	t.Parallel()
	dir, abs := project(t)
	write(t, filepath.Join(dir, "src", "plugin.json"), `{"name": "x", "version": "v0.1.0-dev"}`)
	o := &opener{}
	set := &source.Set{Opener: o, Abs: abs, Platform: linux}
	src, err := set.For(plugin.Requirement{Name: "x", Source: spec(plugin.SourceLocal, "./src")})
	if err != nil {
		t.Fatal(err)
	}
	candidates, err := src.Candidates(t.Context())
	if err != nil || len(candidates) != 1 || candidates[0].Version.String() != "0.1.0-dev" || o.asked != nil {
		t.Fatalf("Candidates = %+v, %v; opened %v", candidates, err, o.asked)
	}
	r, err := src.Release(t.Context(), candidates[0].Version)
	if err != nil {
		t.Fatal(err)
	}
	want := &source.Release{Version: candidates[0].Version, Packages: []plugin.Package{{Platform: plugin.AnyPlatform, Path: "./src"}}}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("Release (-want +got):\n%s", diff)
	}
}

func TestLocalArchives(t *testing.T) {
	t.Parallel()
	dir, abs := project(t)
	for _, name := range []string{"x_linux_amd64.zip", "x_darwin_arm64.zip"} {
		write(t, filepath.Join(dir, name), "an archive")
	}
	o := &opener{manifest: plugin.Manifest{Version: plugin.MustVersion("1.5.0")}}
	set := &source.Set{Opener: o, Abs: abs, Platform: linux, Platforms: []plugin.Platform{darwin, linux}}
	src, err := set.For(plugin.Requirement{Name: "x", Source: spec(plugin.SourceLocal, "./x_${os}_${arch}.zip")})
	if err != nil {
		t.Fatal(err)
	}
	candidates, err := src.Candidates(t.Context())
	if err != nil || len(candidates) != 1 || candidates[0].Version.String() != "1.5.0" {
		t.Fatalf("Candidates = %+v, %v", candidates, err)
	}
	if diff := cmp.Diff([]plugin.Package{{Platform: linux, Path: "./x_linux_amd64.zip"}}, o.asked); diff != "" {
		t.Errorf("opened (-want +got):\n%s", diff)
	}
	r, err := src.Release(t.Context(), candidates[0].Version)
	if err != nil || len(r.Packages) != 2 || r.Packages[0].Path != "./x_darwin_arm64.zip" {
		t.Errorf("Release = %+v, %v", r, err)
	}
}

func TestLocalErrors(t *testing.T) {
	t.Parallel()
	dir, abs := project(t)
	write(t, filepath.Join(dir, "empty", "README"), "")
	write(t, filepath.Join(dir, "broken", "plugin.json"), "{")
	write(t, filepath.Join(dir, "file"), "")
	refused := fmt.Errorf("file: not an archive: %w", plugin.ErrRefused)
	set := &source.Set{Opener: &opener{err: refused}, Abs: abs, Platform: linux}
	for path, identity := range map[string]error{
		"./missing": fs.ErrNotExist,
		"./empty":   plugin.ErrRefused,
		"./broken":  plugin.ErrRefused,
		"./file":    plugin.ErrRefused,
	} {
		src, err := set.For(plugin.Requirement{Name: "x", Source: spec(plugin.SourceLocal, path)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := src.Candidates(t.Context()); !errors.Is(err, identity) || !strings.Contains(err.Error(), strings.TrimPrefix(path, "./")) {
			t.Errorf("%s: Candidates = %v, want %v", path, err, identity)
		}
	}
}

// A set that does not know what paths are relative to says so, and does not crash.
func TestPathsWithoutAbs(t *testing.T) {
	t.Parallel()
	set := &source.Set{Registries: []plugin.Registry{{Name: "acme", URL: "./registry", Local: true}}}
	for _, s := range []plugin.SourceSpec{{Kind: plugin.SourceLocal}, {Kind: plugin.SourceRegistry, Registry: "acme", Plugin: "x"}} {
		if _, err := set.For(plugin.Requirement{Name: "x", Source: s}); err == nil || !strings.Contains(err.Error(), "Abs") {
			t.Errorf("%s: %v", s.Kind, err)
		}
	}
}
