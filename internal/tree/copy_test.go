package tree

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/internal/swap"
)

// What keep names comes over as it is, over what the package brought; nothing else does.
func TestOver(t *testing.T) {
	t.Parallel()
	old, fresh := t.TempDir(), t.TempDir()
	then := time.Date(2001, 2, 3, 4, 5, 6, 7000, time.UTC)
	write(t, filepath.Join(old, "data/deep/db"), "rows")
	write(t, filepath.Join(old, "data/README"), "edited")
	write(t, filepath.Join(old, "logs/a.log"), "line")
	write(t, filepath.Join(old, "logs/a.txt"), "not kept")
	write(t, filepath.Join(old, "plugin.json"), "old")
	write(t, filepath.Join(fresh, "data/README"), "packed")
	write(t, filepath.Join(fresh, "plugin.json"), "new")
	for _, err := range []error{
		os.Chmod(filepath.Join(old, "data/deep"), 0o700), os.Chmod(filepath.Join(old, "logs"), 0o750),
		os.Chtimes(filepath.Join(old, "data/deep/db"), then, then), os.Chtimes(filepath.Join(old, "data/deep"), then, then),
		os.Chtimes(filepath.Join(old, "data"), then, then),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := Over(t.Context(), old, fresh, kept("data", "logs/*.log", "nothing")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"data/deep/db": "rows", "data/README": "edited", "logs/a.log": "line", "plugin.json": "new"} {
		if got := read(t, filepath.Join(fresh, name)); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, err := os.Lstat(filepath.Join(fresh, "logs/a.txt")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not kept came over: %v", err)
	}
	for _, name := range []string{"data", "data/deep", "data/deep/db", "logs"} {
		was, err := os.Stat(filepath.Join(old, name))
		if err != nil {
			t.Fatal(err)
		}
		is, err := os.Stat(filepath.Join(fresh, name))
		if err != nil || is.Mode() != was.Mode() || !is.ModTime().Equal(was.ModTime()) {
			t.Errorf("%s is %v of %v, was %v of %v, %v", name, is.Mode(), is.ModTime(), was.Mode(), was.ModTime(), err)
		}
	}
}

// Where the package has a file in place of a folder of kept files, neither is lost:
// nothing is changed at all.
func TestOverRefusesAFileForAFolder(t *testing.T) {
	t.Parallel()
	old, fresh := t.TempDir(), t.TempDir()
	write(t, filepath.Join(old, "data/db"), "rows")
	write(t, filepath.Join(fresh, "data"), "a file")
	var no *swap.NotADirectoryError
	if err := Over(t.Context(), old, fresh, kept("data")); !errors.As(err, &no) {
		t.Errorf("Over = %v", err)
	}
}

// kept is what patterns name, and all below that.
func kept(patterns ...string) func(string) bool {
	var is func(p string) bool
	is = func(p string) bool {
		for _, pattern := range patterns {
			if ok, err := path.Match(pattern, p); ok && err == nil {
				return true
			}
		}
		return p != "." && is(path.Dir(p))
	}
	return is
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
