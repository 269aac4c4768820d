package apply

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/archive"
)

// What keep names comes over as it is, over what the package brought; nothing else does.
func TestCarryOver(t *testing.T) {
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
	digest, err := carryOver(t.Context(), old, fresh, []string{"data", "logs/*.log", "nothing"})
	if err != nil {
		t.Fatal(err)
	}
	if now, err := archive.DigestAt(t.Context(), fresh); err != nil || now != digest {
		t.Errorf("the digest is %s, of what is there %s, %v", digest, now, err)
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
func TestCarryOverRefusesAFileForAFolder(t *testing.T) {
	t.Parallel()
	old, fresh := t.TempDir(), t.TempDir()
	write(t, filepath.Join(old, "data/db"), "rows")
	write(t, filepath.Join(fresh, "data"), "a file")
	var no *installed.NotADirectoryError
	if _, err := carryOver(t.Context(), old, fresh, []string{"data"}); !errors.As(err, &no) {
		t.Errorf("carryOver = %v", err)
	}
}
