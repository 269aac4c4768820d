package export

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func openFolder(t *testing.T) *folder {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return &folder{dir: dir, root: root}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// What cannot be filled leaves nothing, and what was there before is there still.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	f := openFolder(t)
	cause := errors.New("the source broke off")
	half := func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, cause)
	}
	if err := f.write("sha256/ab/x", half); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if got := names(t, f.dir); len(got) != 0 {
		t.Errorf("left: %q", got)
	}
	whole := func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err }
	if err := f.write("sha256/ab/x", whole); err != nil {
		t.Fatal(err)
	}
	if err := f.write("sha256/ab/x", half); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if got, err := os.ReadFile(filepath.Join(f.dir, "sha256", "ab", "x")); err != nil || string(got) != "whole" {
		t.Errorf("got %q, %v", got, err)
	}
	if got := names(t, f.dir); len(got) != 1 {
		t.Errorf("left: %q", got)
	}
}

// An error about a file elsewhere is not told as one of the folder.
func TestWriteNamesTheRightFile(t *testing.T) {
	t.Parallel()
	f := openFolder(t)
	elsewhere := filepath.Join(t.TempDir(), "gone")
	err := f.write("sha256/ab/x", func(io.Writer) error { _, err := os.Open(elsewhere); return err })
	var path *fs.PathError
	if !errors.As(err, &path) || path.Path != elsewhere {
		t.Errorf("got %v", err)
	}
	if err := os.Mkdir(filepath.Join(f.dir, "taken"), 0o755); err != nil {
		t.Fatal(err)
	}
	err = f.write("taken", func(io.Writer) error { return nil })
	if !errors.As(err, &path) || path.Path != filepath.Join(f.dir, "taken") {
		t.Errorf("got %v", err)
	}
}

// Whatever is being written by somebody who lives stays; what a killed run left goes.
func TestRemoveIncomplete(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not tell whether its writer lives")
	}
	f := openFolder(t)
	for _, name := range []string{incompletePrefix + "LIVES", incompletePrefix + "DEAD", "other"} {
		if err := os.WriteFile(filepath.Join(f.dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(f.dir, incompletePrefix+"FOLDER"), 0o755); err != nil {
		t.Fatal(err)
	}
	release := hold(filepath.Join(f.dir, incompletePrefix+"LIVES"))
	if err := f.removeIncomplete(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, f.dir); len(got) != 3 || got[0] != incompletePrefix+"FOLDER" || got[1] != incompletePrefix+"LIVES" {
		t.Errorf("left: %q", got)
	}
	release()
	if err := f.removeIncomplete(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, f.dir); len(got) != 2 {
		t.Errorf("left: %q", got)
	}
}
