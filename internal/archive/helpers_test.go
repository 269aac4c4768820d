package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/plugin"
)

// world is a folder that holds a package and the root it is unpacked into, and
// nothing else, ever.
type world struct {
	t    testing.TB
	dir  string
	root *os.Root
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	must(t, os.Mkdir(w.path("root"), 0o755))
	w.root = openRoot(t, w.path("root"))
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

// unpack unpacks data, checks that nothing was written beside the root, and where
// it succeeds that what it returns is what lies there.
func (w *world) unpack(data []byte, limits plugin.Limits) (Tree, error) {
	w.t.Helper()
	must(w.t, os.WriteFile(w.path("package"), data, 0o644))
	src, err := os.Open(w.path("package"))
	must(w.t, err)
	defer src.Close()
	tree, err := Unpack(context.Background(), src, w.root, limits)
	entries, listErr := os.ReadDir(w.dir)
	must(w.t, listErr)
	if len(entries) != 2 {
		w.t.Fatalf("something was written beside the root: %v", entries)
	}
	if err == nil {
		w.checkTree(tree)
	} else if tree != nil {
		w.t.Fatal("a tree was returned with an error")
	}
	return tree, err
}

func (w *world) checkTree(tree Tree) {
	w.t.Helper()
	read, err := Read(context.Background(), w.root)
	must(w.t, err)
	if diff := cmp.Diff(read, tree); diff != "" && len(tree)+len(read) > 0 {
		w.t.Fatalf("the tree returned is not the one that lies there (-there +returned):\n%s", diff)
	}
	if read.Digest() != tree.Digest() {
		w.t.Fatal("the digests differ")
	}
	if runtime.GOOS == "windows" {
		return // which has no such modes
	}
	must(w.t, filepath.WalkDir(w.path("root"), func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == w.path("root") {
			return err
		}
		info, err := d.Info()
		must(w.t, err)
		switch info.Mode() {
		case 0o644, 0o755, fs.ModeDir | 0o755:
			return nil
		}
		return fmt.Errorf("%s has mode %v", p, info.Mode())
	}))
}

func unpackBytes(t testing.TB, data []byte) (Tree, error) {
	t.Helper()
	return newWorld(t).unpack(data, plugin.DefaultLimits())
}

// wantRefused checks that err refuses entry by a rule whose text holds rule.
func wantRefused(t testing.TB, err error, entry, rule string) {
	t.Helper()
	var refused *plugin.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refusal: %s", err, rule)
	}
	if !errors.Is(err, plugin.ErrRefused) {
		t.Error("it is no ErrRefused")
	}
	if refused.Entry != entry {
		t.Errorf("it names entry %q, want %q (%v)", refused.Entry, entry, err)
	}
	if !strings.Contains(refused.Rule, rule) {
		t.Errorf("the rule is %q, want one with %q", refused.Rule, rule)
	}
}

// wantTree checks tree against lines such as "d bin", "x bin/tool=contents".
func wantTree(t testing.TB, tree Tree, want ...string) {
	t.Helper()
	var lines []string
	for _, e := range tree {
		kind := "f"
		switch {
		case e.Irregular != 0:
			kind = "?"
		case e.Dir:
			kind = "d"
		case e.Exec:
			kind = "x"
		}
		lines = append(lines, fmt.Sprintf("%s %s %d", kind, e.Path, e.Size))
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Fatalf("the tree differs (-want +got):\n%s", diff)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openRoot(t testing.TB, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	must(t, err)
	t.Cleanup(func() { root.Close() })
	return root
}

func limitsWith(change func(*plugin.Limits)) plugin.Limits {
	l := plugin.DefaultLimits()
	change(&l)
	return l
}

// tarOf is a tar archive of the headers, as archive/tar writes it; a header's
// size is that of its Name's contents in files.
func tarOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, f := range files {
		h := &tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.contents)), Typeflag: tar.TypeReg}
		if f.exec {
			h.Mode = 0o755
		}
		if strings.HasSuffix(f.name, "/") {
			h.Typeflag, h.Mode = tar.TypeDir, 0o700
		}
		must(t, w.WriteHeader(h))
		_, err := w.Write([]byte(f.contents))
		must(t, err)
	}
	must(t, w.Close())
	return buf.Bytes()
}

// file is a file, or a folder if its name ends in a slash.
type file struct {
	name     string
	contents string
	exec     bool
}

// writeTree makes files and folders below dir.
func writeTree(t testing.TB, dir string, files ...file) {
	t.Helper()
	for _, f := range files {
		p := filepath.Join(dir, f.name)
		if strings.HasSuffix(f.name, "/") {
			must(t, os.MkdirAll(p, 0o700))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(p), 0o700))
		must(t, os.WriteFile(p, []byte(f.contents), 0o600))
		if f.exec {
			must(t, os.Chmod(p, 0o700))
		}
	}
}

func (w *world) copyFrom(dir string, limits plugin.Limits) (Tree, error) {
	w.t.Helper()
	return Copy(context.Background(), openRoot(w.t, dir), w.root, limits)
}
