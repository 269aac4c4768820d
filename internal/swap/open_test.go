package swap

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// What is missing is missing, and named whole.
func TestOpenMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir, "deep/none")
	var at *fs.PathError
	if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &at) || at.Path != filepath.Join(dir, "deep", "none") {
		t.Errorf("a missing file: %v", err)
	}
}

// A link on the way, or at the end, is not followed, wherever it leads.
func TestOpenFollowsNoLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, folder := range []string{"real/deep", "outside"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"real/deep/f", "outside/f"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(file), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	links := map[string]string{
		"dir": "real", "real/in": "deep", "real/out": "../outside", "real/deep/l": "f", "real/deep/abs": filepath.Join(dir, "outside", "f"), "real/deep/no": "nothing",
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			t.Skip("links are only claimed to be made: ", err) // by Wine
		}
	}
	for rel, want := range map[string]string{
		"deep/f": "", "in/f": "real/in", "out/f": "real/out", "deep/l": "real/deep/l", "deep/abs": "real/deep/abs", "deep/no": "real/deep/no",
	} {
		f, err := Open(filepath.Join(dir, "real"), rel)
		var link *LinkError
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", rel, err)
		case want != "" && (!errors.As(err, &link) || link.Path != filepath.Join(dir, want)):
			t.Errorf("%s: %v, want that %s is a link", rel, err, want)
		}
		if f != nil {
			f.Close()
		}
	}
	if _, err := OpenRoot(filepath.Join(dir, "real"), "in"); !errors.As(err, new(*LinkError)) {
		t.Errorf("a folder that is a link: %v", err)
	}

	// The folder that it begins from may be a link: it is the user's own choice.
	root, err := OpenRoot(filepath.Join(dir, "dir"), "deep")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.Stat("f"); err != nil {
		t.Error(err)
	}
	root.Close()
}
