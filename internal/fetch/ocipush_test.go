package fetch

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cuelabs.dev/go/oci/ociregistry/ocimem"
	"cuelabs.dev/go/oci/ociregistry/ociserver"

	"github.com/plugins-hcl/plugins/plugin"
)

// aRegistry is one that before looks at each request of; it may answer itself.
func aRegistry(t *testing.T, before func(w http.ResponseWriter, r *http.Request) (answered bool)) (repository string) {
	t.Helper()
	next := ociserver.New(ocimem.New(), nil)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !before(w, r) {
			next.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return "oci://" + strings.TrimPrefix(s.URL, "http://") + "/mirrors/all"
}

func aRepository(t *testing.T, c *Client, address string) *Repository {
	t.Helper()
	r, err := c.Repository(address)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What is pushed is there; what is there is not sent again.
func TestPushBlob(t *testing.T) {
	t.Parallel()
	var posts atomic.Int32
	r := aRepository(t, quick(Config{}), aRegistry(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			posts.Add(1)
		}
		return false
	}))
	data := payload(100_000)
	if size, err := r.Blob(t.Context(), digest(data)); err != nil || size != -1 {
		t.Fatalf("got %d, %v", size, err)
	}
	for range 2 {
		if err := r.PushBlob(t.Context(), digest(data), int64(len(data)), bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
	}
	if size, err := r.Blob(t.Context(), digest(data)); err != nil || size != int64(len(data)) {
		t.Errorf("got %d, %v", size, err)
	}
	if posts.Load() != 1 {
		t.Errorf("it was sent %d times", posts.Load())
	}
	if got, err := r.Manifest(t.Context(), "some-tag"); err != nil || got != "" {
		t.Errorf("got %q, %v", got, err)
	}
	err := r.PushBlob(t.Context(), digest([]byte("other")), int64(len(data)), bytes.NewReader(data))
	var status *StatusError
	if !errors.As(err, &status) || status.Code != http.StatusBadRequest {
		t.Errorf("other bytes than were announced: %v", err)
	}
}

// A push that breaks off is done again, whole.
func TestPushAgain(t *testing.T) {
	t.Parallel()
	var puts atomic.Int32
	r := aRepository(t, quick(Config{}), aRegistry(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || puts.Add(1) > 2 {
			return false
		}
		_, _ = io.CopyN(io.Discard, r.Body, 1000)
		if puts.Load() == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		panic(http.ErrAbortHandler)
	}))
	data := payload(1 << 20)
	if err := r.PushBlob(t.Context(), digest(data), int64(len(data)), bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	if size, err := r.Blob(t.Context(), digest(data)); err != nil || size != int64(len(data)) || puts.Load() != 3 {
		t.Errorf("got %d, %v after %d", size, err, puts.Load())
	}
}

// As long as the registry takes something, it is not idle, however long that takes.
func TestPushSlowly(t *testing.T) {
	t.Parallel()
	const idle, pieces = time.Second, 20
	r := aRepository(t, quick(Config{Idle: idle, Retries: -1}), aRegistry(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut {
			return false
		}
		for range pieces {
			time.Sleep(2 * idle / pieces)
			_, _ = io.CopyN(io.Discard, r.Body, 2<<20)
		}
		w.WriteHeader(http.StatusCreated)
		return true
	}))
	data := make([]byte, pieces*2<<20)
	if err := r.PushBlob(t.Context(), digest(data), int64(len(data)), bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
}

// What is no repository to push to, or must not be asked, is told at once.
func TestNoRepository(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"oci://h.example", "https://h.example/x", "oci://h.example/x@" + string(digest(nil)), "oci://me:s3cr3t@h.example/x"} {
		_, err := New(Config{}).Repository(address)
		wantText(t, err, `"oci://HOST/REPOSITORY"`)
		if strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("shown: %v", err)
		}
	}
	if _, err := New(Config{Offline: true}).Repository("oci://h.example/x"); !errors.Is(err, ErrOffline) {
		t.Errorf("got %v", err)
	}
}

// Who asks is told to the registry alone, and what it answers is not printed.
func TestPushIsPrivate(t *testing.T) {
	t.Parallel()
	var sent atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			sent.Add(1)
		}
	}))
	t.Cleanup(elsewhere.Close)
	address := aRegistry(t, func(w http.ResponseWriter, r *http.Request) bool {
		if user, password, _ := r.BasicAuth(); user != "robot" || password != "s3cr3t-w0rd" {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		if r.Method == http.MethodPost {
			w.Header().Set("Location", elsewhere.URL+"/upload?x=s3cr3t-w0rd")
			w.WriteHeader(http.StatusAccepted)
			return true
		}
		return false
	})
	host, _, _ := strings.Cut(strings.TrimPrefix(address, "oci://"), "/")
	c := quick(Config{Retries: -1})
	c.credentials = append(c.credentials, plugin.Credential{Host: host, Token: "robot:s3cr3t-w0rd"})
	data := []byte("data")
	err := aRepository(t, c, address).PushBlob(t.Context(), digest(data), 4, bytes.NewReader(data))
	if err == nil || strings.Contains(err.Error(), "s3cr3t-w0rd") || sent.Load() != 0 {
		t.Errorf("got %v; sent elsewhere: %d", err, sent.Load())
	}
}
