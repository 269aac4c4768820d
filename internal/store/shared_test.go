package store_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
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
	if c, err := s.Clean(0); c != (store.Cleaned{}) || err != nil {
		t.Errorf("of nothing: %+v, %v", c, err)
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
	c, err := s.Clean(0)
	if c.Bytes != int64(len(content)+len("half")) || c.Packages != 1 || err != nil {
		t.Errorf("cleaned %+v, error %v", c, err)
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
			if _, err := s.Clean(0); err != nil {
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
