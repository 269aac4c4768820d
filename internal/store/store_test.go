package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/internal/store"
	"github.com/plugins-hcl/plugins/plugin"
)

var content = bytes.Repeat([]byte("the package "), 20_000)

func digest(b []byte) plugin.Digest {
	sum := sha256.Sum256(b)
	return plugin.NewDigest(plugin.SHA256, sum[:])
}

// server counts how often it is asked.
type server struct {
	*httptest.Server
	requests atomic.Int32
}

func serve(t *testing.T, h http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func serveContent(t *testing.T) *server {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(10 * time.Millisecond)
		_, _ = w.Write(content)
	})
}

func client() *fetch.Client {
	return fetch.New(fetch.Config{MinBackoff: time.Millisecond, Retries: 1})
}

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func get(t *testing.T, s *store.Store, r store.Request) *store.Blob {
	t.Helper()
	b, err := s.Package(t.Context(), client(), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func wantContent(t *testing.T, b *store.Blob) {
	t.Helper()
	got, err := io.ReadAll(b)
	if err != nil || !bytes.Equal(got, content) || b.Digest != digest(content) || b.Size != int64(len(content)) {
		t.Errorf("%d bytes, digest %s, size %d, error %v", len(got), b.Digest, b.Size, err)
	}
}

func blobPath(dir string) string {
	hex := digest(content).Hex()
	return filepath.Join(dir, "sha256", hex[:2], hex)
}

// wantFiles demands that the regular files below dir are these.
func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	var got []string
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got = append(got, path)
		}
		return nil
	})
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the cache holds %q, want %q", got, want)
	}
}

func TestFetchedOnce(t *testing.T) {
	t.Parallel()
	srv := serveContent(t)
	dir := filepath.Join(t.TempDir(), "new", "cache")
	s := open(t, dir)
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is made before it is needed: %v", err)
	}
	if s.Dir() != dir {
		t.Errorf("Dir is %s", s.Dir())
	}
	r := store.Request{Plugin: "authz", URL: srv.URL, Want: digest(content)}
	first, second := get(t, s, r), get(t, s, r)
	wantContent(t, first)
	wantContent(t, second)
	if first.Cached || !second.Cached || srv.requests.Load() != 1 {
		t.Errorf("cached %v, then %v, after %d requests", first.Cached, second.Cached, srv.requests.Load())
	}
	wantFiles(t, dir, blobPath(dir))
	if info, err := os.Stat(blobPath(dir)); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
}

func TestUnknownDigestIsComputed(t *testing.T) {
	t.Parallel()
	srv := serveContent(t)
	dir := t.TempDir()
	s := open(t, dir)
	wantContent(t, get(t, s, store.Request{URL: srv.URL}))
	upper := plugin.Digest("sha256:" + strings.ToUpper(digest(content).Hex()))
	if b := get(t, s, store.Request{URL: srv.URL, Want: upper}); !b.Cached || b.Digest != digest(content) {
		t.Errorf("cached %v as %s", b.Cached, b.Digest)
	}
	wantFiles(t, dir, blobPath(dir))
}

func TestBadWant(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	for _, want := range []plugin.Digest{"sha256:../../x", "sha256:", "md5:00", "tree-sha256:" + plugin.Digest(digest(content).Hex())} {
		if _, err := s.Package(t.Context(), client(), store.Request{URL: "/x", Want: want}, nil); err == nil {
			t.Errorf("%s is accepted", want)
		}
	}
	wantFiles(t, dir)
}

func TestCorruptIsFetchedAgain(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(path string) error{
		"cut off": func(path string) error { return os.Truncate(path, 10) },
		"changed": func(path string) error { return os.WriteFile(path, append([]byte("X"), content[1:]...), 0o600) },
		"empty":   func(path string) error { return os.Truncate(path, 0) },
		"folder": func(path string) error {
			return errors.Join(os.Remove(path), os.Mkdir(path, 0o755))
		},
		"link": func(path string) error {
			elsewhere := filepath.Join(t.TempDir(), "elsewhere")
			return errors.Join(os.WriteFile(elsewhere, content, 0o600), os.Remove(path), os.Symlink(elsewhere, path))
		},
	} {
		srv := serveContent(t)
		dir := t.TempDir()
		s := open(t, dir)
		r := store.Request{URL: srv.URL, Want: digest(content)}
		get(t, s, r)
		if err := harm(blobPath(dir)); err != nil {
			t.Fatal(err)
		}
		b := get(t, s, r)
		wantContent(t, b)
		if b.Cached || srv.requests.Load() != 2 {
			t.Errorf("%s: cached %v after %d requests", name, b.Cached, srv.requests.Load())
		}
		if !get(t, s, r).Cached {
			t.Errorf("%s: it is not mended", name)
		}
		wantFiles(t, dir, blobPath(dir))
	}
}

func TestCorruptIsRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := blobPath(dir)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("harm"), 0o600)); err != nil {
		t.Fatal(err)
	}
	offline := fetch.New(fetch.Config{Offline: true})
	_, err := open(t, dir).Package(t.Context(), offline, store.Request{URL: "https://a.example/", Want: digest(content)}, nil)
	if !errors.Is(err, fetch.ErrOffline) {
		t.Errorf("got %v", err)
	}
	wantFiles(t, dir)
}

func TestMismatchLeavesNothing(t *testing.T) {
	t.Parallel()
	srv := serveContent(t)
	dir := t.TempDir()
	want := digest([]byte("other"))
	_, err := open(t, dir).Package(t.Context(), client(), store.Request{URL: srv.URL + "/p?sig=secret", Want: want}, nil)
	var mismatch *plugin.DigestError
	if !errors.As(err, &mismatch) || mismatch.Want != want || mismatch.Got != digest(content) || mismatch.Where != srv.URL+"/p?(sensitive)" {
		t.Errorf("got %#v", err)
	}
	wantFiles(t, dir)
}

func TestFailedFetchLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	missing := serve(t, http.NotFound)
	if _, err := s.Package(t.Context(), client(), store.Request{URL: missing.URL, Want: digest(content)}, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	large := serveContent(t)
	if _, err := s.Package(t.Context(), client(), store.Request{URL: large.URL, Max: 100}, nil); !errors.Is(err, plugin.ErrRefused) {
		t.Errorf("got %v", err)
	}
	offline := fetch.New(fetch.Config{Offline: true})
	if _, err := s.Package(t.Context(), offline, store.Request{URL: large.URL, Want: digest(content)}, nil); !errors.Is(err, fetch.ErrOffline) {
		t.Errorf("got %v", err)
	}
	wantFiles(t, dir)
}

func TestLimitHoldsForWhatIsCached(t *testing.T) {
	t.Parallel()
	srv := serveContent(t)
	s := open(t, t.TempDir())
	r := store.Request{URL: srv.URL, Want: digest(content)}
	get(t, s, r)
	r.Max = 100
	if _, err := s.Package(t.Context(), client(), r, nil); !errors.Is(err, plugin.ErrRefused) {
		t.Errorf("got %v", err)
	}
}

func TestOfflineUsesTheCache(t *testing.T) {
	t.Parallel()
	srv := serveContent(t)
	dir := t.TempDir()
	r := store.Request{URL: srv.URL, Want: digest(content)}
	get(t, open(t, dir), r)
	b, err := open(t, dir).Package(t.Context(), fetch.New(fetch.Config{Offline: true}), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	wantContent(t, b)
}

func TestCancelLeavesNothing(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("a"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := open(t, dir).Package(ctx, client(), store.Request{URL: srv.URL, Want: digest(content)}, func(plugin.Event) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	wantFiles(t, dir)
}

func TestIdleIsTheRequests(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	_, err := open(t, "").Package(t.Context(), client(), store.Request{URL: srv.URL, Idle: 20 * time.Millisecond}, nil)
	var idle *fetch.IdleError
	if !errors.As(err, &idle) {
		t.Errorf("got %v", err)
	}
}

// What is judged is a copy, so that a change of the original changes nothing.
func TestLocalPackageIsCopied(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "p.tar.gz")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, t.TempDir())
	for _, address := range []string{path, "file://" + path} {
		b := get(t, s, store.Request{URL: address})
		if err := os.WriteFile(path, []byte("changed"), 0o600); err != nil {
			t.Fatal(err)
		}
		wantContent(t, b)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Package(t.Context(), client(), store.Request{URL: path + "x"}, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestTemporaryCacheIsRemoved(t *testing.T) {
	t.Parallel()
	srv := serveContent(t)
	s, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Package(t.Context(), client(), store.Request{URL: srv.URL}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, b)
	b.Close()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.Dir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content)
	})
	s := open(t, t.TempDir())
	r := store.Request{Plugin: "authz", URL: srv.URL + "?sig=secret", Want: digest(content)}
	size := int64(len(content))
	for _, cached := range []bool{false, true} {
		var mu sync.Mutex
		var got []plugin.FetchEvent
		b, err := s.Package(t.Context(), client(), r, func(e plugin.Event) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, e.(plugin.FetchEvent))
		})
		if err != nil {
			t.Fatal(err)
		}
		b.Close()
		last := plugin.FetchEvent{
			Plugin: "authz", URL: srv.URL + "?(sensitive)", Bytes: size, Total: size, Done: true, FromCache: cached,
		}
		if len(got) == 0 || got[len(got)-1] != last {
			t.Errorf("cached %v: got %+v, want the last to be %+v", cached, got, last)
		}
		for _, e := range got[:max(len(got)-1, 0)] {
			if e.Done || cached || e.Total != size {
				t.Errorf("cached %v: told of %+v", cached, e)
			}
		}
	}
}
