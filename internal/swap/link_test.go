package swap_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/plugins-hcl/plugins/internal/swap"
)

func TestFollow(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	in := func(path string) string { return filepath.Join(root, filepath.FromSlash(path)) }
	for _, dir := range []string{"p/sub/deep", "other/deep", "p-else"} {
		if err := os.MkdirAll(in(dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for path, to := range map[string]string{
		"p/inside": "sub/x", "p/chain": "inside", "p/absolute": in("p/sub/x"), "p/round": "../p/sub/x", "p/out": "../other/x",
		"p/sibling": "../p-else/x", "p/folder": "../other", "p/byfolder": "folder/x", "p/sub/up": "../x", "p/lexical": "folder/../p/x",
		"p/deeplink": "sub/deep", "p/behind": "deeplink/../../x", "p/escape": "jump/../x", "p/jump": "../other/deep", "p/loop": "loop", "p/missing": "no/x", "p/self": ".",
	} {
		if err := os.Symlink(filepath.FromSlash(to), in(path)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("p", in("link-to-p")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"p/plain": "p/plain", "p/inside": "p/sub/x", "p/chain": "p/sub/x", "p/absolute": "p/sub/x", "p/round": "p/sub/x", "p/sub/up": "p/x",
		"p/out": "", "p/sibling": "", "p/byfolder": "", "p/escape": "", "p/behind": "p/x", "p/lexical": "p/x", "link-to-p/inside": "p/sub/x",
	} {
		got, err := swap.Follow(in(path), in("p"))
		var link *swap.OutsideError
		switch {
		case want == "" && !(errors.As(err, &link) && link.Path == in(path) && strings.Contains(err.Error(), link.Target)):
			t.Errorf("%s: %q, %v", path, got, err)
		case want != "" && (err != nil || got != in(want)):
			t.Errorf("%s: %q, %v; want %s", path, got, err, want)
		}
	}
	if _, err := swap.Follow(in("p/loop"), in("p")); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a loop: %v", err)
	}
	if _, err := swap.Follow(in("p/missing"), in("p")); err == nil || !strings.Contains(err.Error(), in("p/missing")) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
}

// What cannot be written is told by the name that somebody knows.
func TestWriteFileNamesTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	err := swap.WriteFile(filepath.Join(dir, "no", "x"), nil, 0o644)
	var path *os.PathError
	var missing *swap.NoFolderError
	if !errors.As(err, &missing) || missing.Path != filepath.Join(dir, "no") || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x", "y"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err = swap.WriteFile(filepath.Join(dir, "x"), nil, 0o644)
	if !errors.As(err, &path) || path.Path != filepath.Join(dir, "x") || strings.Contains(err.Error(), ".tmp") {
		t.Errorf("a folder in its place: %v", err)
	}
}
