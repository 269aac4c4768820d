package staging_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/internal/staging"
	"github.com/plugins-hcl/plugins/internal/store"
	"github.com/plugins-hcl/plugins/plugin"
)

var linux = plugin.Platform{OS: "linux", Arch: "amd64"}

const manifest = `{"name": "authz", "version": "1.2.0"}`

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// project is a folder with a configuration, its packages and a cache.
type project struct {
	t   *testing.T
	dir string
	*staging.Stager
}

func newProject(t *testing.T) project {
	t.Helper()
	dir := t.TempDir()
	cache, err := store.Open(filepath.Join(dir, "cache"))
	must(t, err)
	return project{t: t, dir: dir, Stager: &staging.Stager{
		Client: fetch.New(fetch.Config{Retries: -1}), Store: cache,
		Abs: func(p string) string { return filepath.Join(dir, p) },
	}}
}

// files are given as "path" or "path=contents"; one that ends in "*" is executable, one
// that ends in "/" a folder. plugin.json is there unless it is given.
func files(paths ...string) []string {
	for _, p := range paths {
		if name, _, _ := split(p); name == plugin.ManifestFile || name == "no manifest" {
			return paths
		}
	}
	return append([]string{plugin.ManifestFile + "=" + manifest}, paths...)
}

func split(p string) (name, contents string, exec bool) {
	name, contents, _ = strings.Cut(p, "=")
	name, exec = strings.CutSuffix(name, "*")
	return name, contents, exec
}

// tarOf is an archive of them.
func tarOf(t *testing.T, paths ...string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, p := range paths {
		name, contents, exec := split(p)
		if name == "no manifest" {
			continue
		}
		h := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(contents)), Typeflag: tar.TypeReg}
		if exec {
			h.Mode = 0o755
		}
		if strings.HasSuffix(name, "/") {
			h.Typeflag, h.Mode = tar.TypeDir, 0o755
		}
		must(t, w.WriteHeader(h))
		_, err := w.Write([]byte(contents))
		must(t, err)
	}
	must(t, w.Close())
	return buf.Bytes()
}

func digest(data []byte) plugin.Digest {
	sum := sha256.Sum256(data)
	return plugin.NewDigest(plugin.SHA256, sum[:])
}

// spec puts a package of the files into the project, and asks for it.
func (p project) spec(paths ...string) staging.Spec {
	p.t.Helper()
	data := tarOf(p.t, paths...)
	must(p.t, os.WriteFile(filepath.Join(p.dir, "authz.tar"), data, 0o644))
	return staging.Spec{
		Name: "authz", Platform: linux, Path: "authz.tar", Digest: digest(data),
		Version: plugin.MustVersion("1.2.0"), Names: []string{"authz"}, Limits: plugin.DefaultLimits(),
	}
}

// folder makes a folder of the files in the project.
func (p project) folder(paths ...string) {
	p.t.Helper()
	for _, path := range paths {
		name, contents, exec := split(path)
		at := filepath.Join(p.dir, "authz", name)
		if strings.HasSuffix(name, "/") {
			must(p.t, os.MkdirAll(at, 0o755))
			continue
		}
		must(p.t, os.MkdirAll(filepath.Dir(at), 0o755))
		mode := os.FileMode(0o644)
		if exec {
			mode = 0o755
		}
		must(p.t, os.WriteFile(at, []byte(contents), mode))
	}
}

// stage stages s. What is said to lie there does.
func (p project) stage(s staging.Spec) (*staging.Tree, error) {
	p.t.Helper()
	dir := filepath.Join(p.dir, "tree")
	tree, err := p.Stage(p.t.Context(), s, dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	must(p.t, err)
	defer root.Close()
	there, err := archive.Read(context.Background(), root)
	must(p.t, err)
	if diff := cmp.Diff(there, tree.Files); diff != "" {
		p.t.Errorf("the tree is not what lies there (-there +told):\n%s", diff)
	}
	if left, err := filepath.Glob(dir + ".*"); err != nil || len(left) != 0 {
		p.t.Errorf("something was left beside it: %v, %v", left, err)
	}
	return tree, nil
}

// list shows a tree: "authz*" is executable, "docs/" a folder.
func list(tree *staging.Tree) string {
	var texts []string
	for _, e := range tree.Files {
		switch {
		case e.Dir:
			texts = append(texts, e.Path+"/")
		case e.Exec:
			texts = append(texts, e.Path+"*")
		default:
			texts = append(texts, e.Path)
		}
	}
	return strings.Join(texts, " ")
}

func wantRefused(t *testing.T, err error, text string) {
	t.Helper()
	var refused *plugin.RefusedError
	if !errors.As(err, &refused) || !errors.Is(err, plugin.ErrRefused) || !strings.Contains(err.Error(), text) {
		t.Errorf("%v: want a refusal with %q", err, text)
	}
}

// where names the package in messages.
func where(s staging.Spec) string { return fmt.Sprintf("%s%s: ", s.URL, s.Path) }
