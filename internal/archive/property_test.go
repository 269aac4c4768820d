package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"
	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/plugin"
)

func xzConfig() xz.WriterConfig { return xz.WriterConfig{DictCap: 1 << 16} }

// zipOf is a zip archive of the files, as archive/zip writes it.
func zipOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		mode := fs.FileMode(0o640)
		switch {
		case strings.HasSuffix(f.name, "/"):
			mode = fs.ModeDir | 0o700
		case f.exec:
			mode = 0o750
		}
		h.SetMode(mode)
		fw, err := w.CreateHeader(h)
		must(t, err)
		_, err = fw.Write([]byte(f.contents))
		must(t, err)
	}
	must(t, w.Close())
	return buf.Bytes()
}

// drawFiles draws a tree that no rule refuses.
func drawFiles(t *rapid.T) []file {
	element := rapid.SampledFrom([]string{"a", "b", "c", "d-e", "f.g", "é", "日本", strings.Repeat("long", 40)})
	paths := rapid.SliceOfN(rapid.SliceOfN(element, 1, 5), 0, 12).Draw(t, "paths")
	var files []file
	taken := map[string]bool{} // of each path whether it is a file
	for _, p := range paths {
		name := path.Join(p...)
		isFile := rapid.Bool().Draw(t, "is file")
		if _, ok := taken[name]; ok || slices.ContainsFunc(parents(name), func(dir string) bool { return taken[dir] }) {
			continue
		}
		for _, dir := range parents(name) {
			taken[dir] = false
		}
		taken[name] = isFile
		if !isFile {
			files = append(files, file{name: name + "/"})
			continue
		}
		contents := rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "contents")
		files = append(files, file{name: name, contents: string(contents), exec: rapid.Bool().Draw(t, "exec")})
	}
	return files
}

func parents(p string) []string {
	var dirs []string
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		dirs = append(dirs, dir)
	}
	return dirs
}

// TestSameTree: a tree is the same however it is packed, and unpacking keeps it.
func TestSameTree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		files := drawFiles(rt)
		dir := t.TempDir()
		writeTree(t, dir, files...)
		want, err := Read(context.Background(), openRoot(t, dir))
		must(t, err)
		w := newWorld(t)
		copied, err := w.copyFrom(dir, plugin.DefaultLimits())
		must(t, err)
		w.checkTree(copied)
		if copied.Digest() != want.Digest() {
			rt.Fatal("a copy differs")
		}
		plain := tarOf(t, files...)
		for name, data := range map[string][]byte{
			"tar":  plain,
			"gzip": gzipped(t, plain),
			"zstd": zstdOf(t, plain),
			"xz":   xzOf(t, plain, xzConfig()),
			"zip":  zipOf(t, files...),
		} {
			tree, err := unpackBytes(t, data)
			must(t, err)
			if tree.Digest() != want.Digest() {
				rt.Fatalf("%s: got %v, want %v", name, tree, want)
			}
		}
	})
}
