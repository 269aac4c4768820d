package swap

import (
	"os"
	"path/filepath"
	"testing"
)

func contents(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return "(none)"
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Files that belong together are written all, or none of them.
func TestWriteFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b, none := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "none")
	if err := os.WriteFile(a, []byte("old a"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteFiles(File{a, []byte("new a"), 0o600}, File{b, []byte("new b"), 0o644}); err != nil {
		t.Fatal(err)
	}
	if contents(t, a) != "new a" || contents(t, b) != "new b" {
		t.Errorf("it wrote %q and %q", contents(t, a), contents(t, b))
	}
	// A folder takes no file's name, which is seen only when it is to get it.
	folder := filepath.Join(dir, "folder")
	if err := os.MkdirAll(filepath.Join(folder, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteFiles(File{a, []byte("never"), 0o600}, File{none, []byte("never"), 0o600}, File{folder, nil, 0o644}); err == nil {
		t.Fatal("a folder was replaced")
	}
	if contents(t, a) != "new a" || contents(t, none) != "(none)" {
		t.Errorf("after an error there are %q and %q", contents(t, a), contents(t, none))
	}
	if err := WriteFiles(File{a, []byte("never"), 0o600}, File{filepath.Join(dir, "no", "folder"), nil, 0o644}); err == nil || contents(t, a) != "new a" {
		t.Errorf("a missing folder: %v, %q", err, contents(t, a))
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 3 {
		t.Errorf("it left %v, %v", left, err)
	}
	info, err := os.Stat(a)
	if err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("the mode of a is %v, %v", info.Mode(), err)
	}
}

// Where a name cannot be given any more, those that were given are taken back.
func TestReplaceAllTakesBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{"a": "old a", "a.was": "old a", "a.now": "new a", "b.now": "new b"} {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := replaceAll([]replacement{
		{path: at("a"), now: at("a.now"), was: at("a.was")}, {path: at("b"), now: at("b.now")}, {path: at("c"), now: at("gone")},
	})
	if err == nil || contents(t, at("a")) != "old a" || contents(t, at("b")) != "(none)" || contents(t, at("c")) != "(none)" {
		t.Errorf("%v: a is %q, b %q, c %q", err, contents(t, at("a")), contents(t, at("b")), contents(t, at("c")))
	}
}
