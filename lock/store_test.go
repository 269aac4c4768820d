package lock_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/lock"
)

func TestLoadWhatSaveWrote(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "plugins.lock.hcl")
	if err := lock.Save(filepath.Dir(path), path, goldenFile()); err != nil {
		t.Fatal(err)
	}
	f, err := lock.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(goldenFile(), f); diff != "" {
		t.Errorf("Load (-want +got):\n%s", diff)
	}
}

func TestLoadMissing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "plugins.lock.hcl")
	_, err := lock.Load(path)
	var missing *lock.MissingError
	if !errors.As(err, &missing) || missing.Path != path || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load = %v: want a MissingError that is fs.ErrNotExist", err)
	}
}

// What cannot be read is not missing: it must not be written anew.
func TestLoadUnreadable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := lock.Load(dir); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder: %v", err)
	}
	path := filepath.Join(dir, "plugins.lock.hcl")
	save(t, path, lock.Format(goldenFile()))
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("who runs this may read everything")
	}
	if _, err := lock.Load(path); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("an unreadable file: %v", err)
	}
}

func TestLoadDamagedNamesTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "plugins.lock.hcl")
	save(t, path, []byte("version = 1\n\noops = true\n"))
	_, err := lock.Load(path)
	if err == nil || !strings.Contains(err.Error(), path+":3: ") {
		t.Errorf("Load = %v: want the file and line 3", err)
	}
}

func TestLoadTooLarge(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "plugins.lock.hcl")
	save(t, path, []byte("version = 1\n"))
	// A hole, so that nothing is written.
	if err := os.Truncate(path, 1<<30); err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Load(path); err == nil || !strings.Contains(err.Error(), "16 MiB") {
		t.Errorf("Load = %v", err)
	}
}

// A lock that says the same stays untouched, so that nothing that watches it wakes.
func TestSaveOfTheSameWritesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "plugins.lock.hcl")
	save(t, path, lock.Format(goldenFile()))
	long := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	if err := os.Chtimes(path, long, long); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Save(filepath.Dir(path), path, goldenFile()); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) || !after.ModTime().Equal(long) {
		t.Error("the file was written although nothing changed")
	}
	if err := lock.Save(filepath.Dir(path), path, &lock.File{}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != string(lock.Format(&lock.File{})) {
		t.Errorf("after a change it holds %q, %v", got, err)
	}
}

func TestSaveMakesAFileEverybodyMayRead(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no such modes")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "plugins.lock.hcl")
	for range 2 { // made, then replaced
		if err := lock.Save(filepath.Dir(path), path, goldenFile()); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != 0o644 {
			t.Fatalf("its mode is %v, %v", info.Mode(), err)
		}
		save(t, path, nil)
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the lock file lie %v, %v", entries, err)
	}
}

func TestSaveWhereThereIsNoFolder(t *testing.T) {
	t.Parallel()
	if err := lock.Save(t.TempDir(), filepath.Join(t.TempDir(), "no", "plugins.lock.hcl"), &lock.File{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Save = %v", err)
	}
}
