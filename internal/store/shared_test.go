package store_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/plugins-hcl/plugins/internal/store"
	"github.com/plugins-hcl/plugins/plugin"
)

func TestConcurrentRequestsFetchOnce(t *testing.T) {
	t.Parallel()
	srv := serveContent(t)
	dir := t.TempDir()
	// Two stores on one folder are as good as two processes.
	stores := []*store.Store{open(t, dir), open(t, dir)}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			b, err := stores[i%2].Package(t.Context(), client(), store.Request{URL: srv.URL, Want: digest(content)}, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer b.Close()
			wantContent(t, b)
		})
	}
	wg.Wait()
	if n := srv.requests.Load(); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	wantFiles(t, dir, blobPath(dir))
}

func lockPath(dir string) string {
	return filepath.Join(dir, "tmp", digest(content).Hex()+".lock")
}

func TestWaitsForAnotherProcess(t *testing.T) {
	t.Parallel()
	srv := serveContent(t)
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	other := flock.New(lockPath(dir))
	if err := other.Lock(); err != nil {
		t.Fatal(err)
	}
	waited := false
	observe := func(e plugin.Event) {
		w, ok := e.(plugin.WaitEvent)
		if !ok {
			return
		}
		waited = true
		if w.Path != lockPath(dir) {
			t.Errorf("waits for %s", w.Path)
		}
		put(t, dir)
		other.Close()
	}
	b, err := open(t, dir).Package(t.Context(), client(), store.Request{URL: srv.URL, Want: digest(content)}, observe)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if !waited || !b.Cached {
		t.Errorf("waited %v, cached %v", waited, b.Cached)
	}
	wantContent(t, b)
}

// put keeps the content in a cache as another process would.
func put(t *testing.T, dir string) {
	t.Helper()
	path := blobPath(dir)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644)); err != nil {
		t.Fatal(err)
	}
}

func TestCancelEndsTheWait(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	other := flock.New(lockPath(dir))
	if err := other.Lock(); err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := open(t, dir)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			_, err := s.Package(ctx, client(), store.Request{URL: "http://127.0.0.1:1/", Want: digest(content)}, nil)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
	time.AfterFunc(50*time.Millisecond, cancel)
	wg.Wait()
	wantFiles(t, dir, lockPath(dir))
}

func TestClean(t *testing.T) {
	t.Parallel()
	srv := serveContent(t)
	dir := t.TempDir()
	s := open(t, dir)
	if freed, n, err := s.Clean(); freed != 0 || n != 0 || err != nil {
		t.Errorf("of nothing: %d, %d, %v", freed, n, err)
	}
	b := get(t, s, store.Request{URL: srv.URL, Want: digest(content)})
	theirs := filepath.Join(dir, "sha256", "README")
	notOurs := filepath.Join(dir, "tmp", "notes.txt")
	for path, text := range map[string]string{
		theirs: "x", notOurs: "x", filepath.Join(dir, "tmp", "download-1"): "half", lockPath(dir): "",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	freed, n, err := s.Clean()
	if freed != int64(len(content)+len("half")) || n != 1 || err != nil {
		t.Errorf("freed %d of %d, error %v", freed, n, err)
	}
	wantFiles(t, dir, theirs, notOurs)
	wantContent(t, b)
	if b := get(t, s, store.Request{URL: srv.URL, Want: digest(content)}); b.Cached {
		t.Error("it is still there")
	}
}

// Cleaning takes nothing from downloads under way.
func TestCleanDuringDownloads(t *testing.T) {
	t.Parallel()
	srv := serveContent(t)
	s := open(t, t.TempDir())
	stop := make(chan struct{})
	var cleaner, wg sync.WaitGroup
	cleaner.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, _, err := s.Clean(); err != nil {
				t.Error(err)
			}
		}
	})
	for range 4 {
		wg.Go(func() {
			for range 10 {
				b, err := s.Package(t.Context(), client(), store.Request{URL: srv.URL, Want: digest(content)}, nil)
				if err != nil {
					t.Error(err)
					continue
				}
				wantContent(t, b)
				b.Close()
			}
		})
	}
	wg.Wait()
	close(stop)
	cleaner.Wait()
}

func TestStaleDownloadsAreRemoved(t *testing.T) {
	t.Parallel()
	srv := serveContent(t)
	dir := t.TempDir()
	temp := func(name string, age time.Duration) string {
		path := filepath.Join(dir, "tmp", name)
		at := time.Now().Add(-age)
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o600), os.Chtimes(path, at, at))
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	temp("download-old", 25*time.Hour)
	young := temp("download-young", time.Second)
	foreign := temp("foreign", 25*time.Hour)
	lock := flock.New(young)
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	get(t, open(t, dir), store.Request{URL: srv.URL, Want: digest(content)})
	wantFiles(t, dir, blobPath(dir), young, foreign)

	// Its writer ends without a word, and nothing need be downloaded for it to go.
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if runtime.GOOS != "windows" {
		wantFiles(t, dir, blobPath(dir), foreign)
	}
}

// A download under way is not taken for one that was left.
func TestOpenDuringADownload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(content[:100])
		w.(http.Flusher).Flush()
		time.Sleep(50 * time.Millisecond)
		open(t, dir)
		_, _ = w.Write(content[100:])
	})
	get(t, open(t, dir), store.Request{URL: srv.URL, Want: digest(content)})
	wantFiles(t, dir, blobPath(dir))
}

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
