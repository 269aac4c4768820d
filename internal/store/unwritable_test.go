package store_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/plugins-hcl/plugins/internal/store"
	"github.com/plugins-hcl/plugins/plugin"
)

func TestFolderThatIsAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cache")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(path)
	wantUnusable(t, err, path)
	if err == nil || !strings.Contains(err.Error(), "it is a file, not a folder") {
		t.Errorf("got %v", err)
	}
}

func wantUnusable(t *testing.T, err error, dir string) {
	t.Helper()
	var unusable *store.DirError
	if !errors.As(err, &unusable) || unusable.Dir != dir {
		t.Errorf("got %v", err)
		return
	}
	for _, part := range []string{dir, "--cache-dir"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

// mount gives a small file system of its own, full or read-only at will.
func mount(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small file system")
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v, %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	return dir
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := mount(t)
	srv := serveContent(t)
	s := open(t, dir)
	wantWithout(t, s, srv, dir, "no space left on device")
	wantFiles(t, dir)
}

// wantWithout demands that packages are had without a cache that cannot be written:
// for this run, with one warning, leaving nothing.
func wantWithout(t *testing.T, s *store.Store, srv *server, dir, why string) {
	t.Helper()
	var mu sync.Mutex
	var warnings []string
	observe := func(e plugin.Event) {
		if w, ok := e.(plugin.WarningEvent); ok {
			mu.Lock()
			warnings = append(warnings, w.Message)
			mu.Unlock()
		}
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			r := store.Request{URL: srv.URL, Want: digest(content)}
			if i%2 == 0 {
				r.Want = "" // these are fetched each
			}
			b, err := s.Package(t.Context(), client(), r, observe)
			if err != nil {
				t.Error(err)
				return
			}
			wantContent(t, b)
			b.Close()
		})
	}
	wg.Wait()
	b, err := s.Package(t.Context(), client(), store.Request{URL: srv.URL, Want: digest(content)}, observe)
	if err != nil || !b.Cached {
		t.Errorf("it is not kept for this run: %v", err)
	} else {
		b.Close()
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], dir) || !strings.Contains(warnings[0], why) {
		t.Errorf("warnings: %q", warnings)
	}
}

// What the system answers where the cache's place is taken.
func TestCacheThatCannotBeMade(t *testing.T) {
	t.Parallel()
	for _, file := range []string{".", "tmp"} {
		dir := filepath.Join(t.TempDir(), "cache")
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(file)), 0o755); err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(dir, file)
		if file == "." {
			at, dir = filepath.Join(dir, "f"), filepath.Join(dir, "f", "cache")
		}
		if err := os.WriteFile(at, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		wantWithout(t, open(t, dir), serveContent(t), dir, "not a directory")
	}
}

// A package that cannot have its place is used from where it is.
func TestPlaceIsTaken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sha256"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	srv := serveContent(t)
	var warnings []plugin.WarningEvent
	s := open(t, dir)
	for range 2 {
		b, err := s.Package(t.Context(), client(), store.Request{URL: srv.URL, Want: digest(content)}, func(e plugin.Event) {
			if w, ok := e.(plugin.WarningEvent); ok {
				warnings = append(warnings, w)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		wantContent(t, b)
		b.Close()
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0].Message, dir) {
		t.Errorf("warnings: %q", warnings)
	}
	wantFiles(t, dir, filepath.Join(dir, "sha256"))
}

// Without any place to write there is no way on, and the error says where none is.
func TestNowhereToWrite(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	t.Setenv("TMPDIR", nowhere)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tmp"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	srv := serveContent(t)
	_, err := open(t, dir).Package(t.Context(), client(), store.Request{URL: srv.URL, Want: digest(content)}, nil)
	var unusable *store.DirError
	if !errors.As(err, &unusable) || unusable.Dir != dir || unusable.Instead != nowhere || !strings.Contains(err.Error(), nowhere) {
		t.Errorf("got %v", err)
	}
}

func TestReadOnlyCache(t *testing.T) {
	t.Parallel()
	dir := mount(t)
	srv := serve(t, nil)
	small := []byte("small")
	path := filepath.Join(dir, "p")
	if err := os.WriteFile(path, small, 0o600); err != nil {
		t.Fatal(err)
	}
	get(t, open(t, dir), store.Request{URL: path}).Close()
	if out, err := exec.Command("mount", "-o", "remount,ro", dir).CombinedOutput(); err != nil {
		t.Skipf("it cannot be made read-only: %v, %s", err, out)
	}
	s := open(t, dir)
	if b := get(t, s, store.Request{URL: srv.URL, Want: digest(small)}); !b.Cached {
		t.Error("what is there is not used")
	}
	wantWithout(t, s, serveContent(t), dir, "read-only file system")
}
