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

	"cuelabs.dev/go/oci/ociregistry/ocimem"
	"cuelabs.dev/go/oci/ociregistry/ociserver"
	godigest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

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

func aPusher(t *testing.T, c *Client, address string) *Pusher {
	t.Helper()
	r, err := c.Pusher(address)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func push(t *testing.T, p *Pusher, d plugin.Digest, data []byte) error {
	t.Helper()
	blob := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: godigest.Digest(d), Size: int64(len(data))}
	return p.PushBlob(t.Context(), blob, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil })
}

// What is pushed is there, and nothing is there that is not what was announced.
func TestPushBlob(t *testing.T) {
	t.Parallel()
	r := aPusher(t, quick(Config{}), aRegistry(t, func(http.ResponseWriter, *http.Request) bool { return false }))
	data := payload(100_000)
	if size, err := r.Blob(t.Context(), digest(data)); err != nil || size != -1 {
		t.Fatalf("got %d, %v", size, err)
	}
	if err := push(t, r, digest(data), data); err != nil {
		t.Fatal(err)
	}
	if size, err := r.Blob(t.Context(), digest(data)); err != nil || size != int64(len(data)) {
		t.Errorf("got %d, %v", size, err)
	}
	if got, err := r.Manifest(t.Context(), "some-tag"); err != nil || got != "" {
		t.Errorf("got %q, %v", got, err)
	}
	err := push(t, r, digest([]byte("other")), data)
	var status *StatusError
	if !errors.As(err, &status) || status.Code != http.StatusBadRequest {
		t.Errorf("other bytes than were announced: %v", err)
	}
}

// A push that breaks off is done again, whole.
func TestPushAgain(t *testing.T) {
	t.Parallel()
	var puts atomic.Int32
	r := aPusher(t, quick(Config{}), aRegistry(t, func(w http.ResponseWriter, r *http.Request) bool {
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
	if err := push(t, r, digest(data), data); err != nil {
		t.Fatal(err)
	}
	if size, err := r.Blob(t.Context(), digest(data)); err != nil || size != int64(len(data)) || puts.Load() != 3 {
		t.Errorf("got %d, %v after %d", size, err, puts.Load())
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
	err := push(t, aPusher(t, c, address), digest(data), data)
	if err == nil || strings.Contains(err.Error(), "s3cr3t-w0rd") || sent.Load() != 0 {
		t.Errorf("got %v; sent elsewhere: %d", err, sent.Load())
	}
}
