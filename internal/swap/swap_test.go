package swap_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/plugins-hcl/plugins/internal/swap"
)

func folder(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, "f"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path, "f"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestExchange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	folder(t, a, "A")
	folder(t, b, "B")
	err := swap.Exchange(a, b)
	if errors.Is(err, swap.ErrNoExchange) {
		t.Skipf("no exchange on %s in %s", runtime.GOOS, dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	if contents(t, a) != "B" || contents(t, b) != "A" {
		t.Error("the folders did not change places")
	}
	if err := swap.Exchange(a, filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("exchange with nothing: %v, want that it does not exist", err)
	}
}

func TestMoveDoesNotReplace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b, c := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "c")
	folder(t, a, "A")
	if err := os.Mkdir(b, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := swap.Move(a, b); !errors.Is(err, fs.ErrExist) {
		t.Errorf("moving onto an empty folder: %v, want that it exists", err)
	}
	if err := swap.Move(a, c); err != nil {
		t.Fatal(err)
	}
	if contents(t, c) != "A" {
		t.Error("the folder did not arrive")
	}
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f")
	for _, want := range []string{"one", "two, longer", ""} {
		if err := swap.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("read %q, %v; want %q", got, err, want)
		}
	}
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(names) != 1 {
		t.Errorf("%d names in the folder (%v), want the file alone", len(names), err)
	}
}

func TestWriteFileLeavesTheOldOneOnAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	folder(t, path, "in the way") // a folder cannot be replaced by a file
	if err := swap.WriteFile(path, []byte("new"), 0o644); err == nil {
		t.Fatal("no error")
	}
	if contents(t, path) != "in the way" {
		t.Error("what was there changed")
	}
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("a temporary file was left: %v", names)
	}
}

func TestSyncTree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder(t, filepath.Join(dir, "a", "b"), "B")
	if err := swap.SyncTree(t.Context(), dir); err != nil {
		t.Error(err)
	}
	if err := swap.SyncTree(t.Context(), filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("syncing nothing: %v, want that it does not exist", err)
	}
}

func TestCanExchangeLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	can, err := swap.CanExchange(dir)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "windows" && can {
		t.Error("Windows cannot exchange folders")
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 0 {
		t.Errorf("the probe left %v (%v)", names, err)
	}
	if _, err := swap.CanExchange(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("probing nothing: %v, want that it does not exist", err)
	}
}

func TestSameMount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	if same, err := swap.SameMount(dir, sub); err != nil || !same {
		t.Errorf("a folder and the one above it: %v, %v", same, err)
	}
	if runtime.GOOS == "linux" {
		if same, err := swap.SameMount(dir, "/proc"); err != nil || same {
			t.Errorf("a folder and /proc: %v, %v", same, err)
		}
	}
}
