package fetch

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestDocument(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("User-Agent"); got != "plugins/1.0" {
			t.Errorf("User-Agent is %q", got)
		}
		_, _ = w.Write([]byte("hello"))
	})
	got, err := quick(Config{UserAgent: "plugins/1.0"}).Document(t.Context(), s.URL, 5)
	if err != nil || string(got) != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestDocumentNotFoundIsNotRetried(t *testing.T) {
	t.Parallel()
	for _, code := range []int{http.StatusNotFound, http.StatusGone} {
		var requests atomic.Int32
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.WriteHeader(code)
		})
		_, err := quick(Config{}).Document(t.Context(), s.URL+"/a", 10)
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%d: %v is not fs.ErrNotExist", code, err)
		}
		wantText(t, err, s.URL+"/a", http.StatusText(code))
		if n := requests.Load(); n != 1 {
			t.Errorf("%d: %d requests, want 1", code, n)
		}
	}
}

func TestDocumentRetries(t *testing.T) {
	t.Parallel()
	for _, code := range []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusTooManyRequests} {
		var requests atomic.Int32
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if requests.Add(1) < 3 {
				w.WriteHeader(code)
				return
			}
			_, _ = w.Write([]byte("ok"))
		})
		got, err := quick(Config{}).Document(t.Context(), s.URL, 10)
		if err != nil || string(got) != "ok" || requests.Load() != 3 {
			t.Errorf("%d: got %q, %v after %d requests", code, got, err, requests.Load())
		}
	}
}

func TestDocumentGivesUp(t *testing.T) {
	t.Parallel()
	for retries, want := range map[int]int32{-1: 1, 0: 5, 2: 3} {
		var requests atomic.Int32
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		_, err := quick(Config{Retries: retries}).Document(t.Context(), s.URL, 10)
		var status *StatusError
		if !errors.As(err, &status) || status.Code != http.StatusServiceUnavailable {
			t.Errorf("retries %d: got %v", retries, err)
		}
		if n := requests.Load(); n != want {
			t.Errorf("retries %d: %d requests, want %d", retries, n, want)
		}
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	start := time.Now()
	if _, err := quick(Config{}).Document(t.Context(), s.URL, 10); err != nil {
		t.Fatal(err)
	}
	if waited := time.Since(start); waited < time.Second {
		t.Errorf("waited %v, want a second", waited)
	}
}

func TestDelayIsBounded(t *testing.T) {
	t.Parallel()
	c := New(Config{})
	for failures := 1; failures < 100; failures++ {
		if d := c.delay(failures, errNotTheRest); d <= 0 || d > maxBackoff {
			t.Errorf("after %d failures: %v", failures, d)
		}
	}
	if d := c.delay(1, &StatusError{wait: maxRetryAfter}); d < maxRetryAfter || d > maxRetryAfter*9/8 {
		t.Errorf("waits %v for what says %v", d, maxRetryAfter)
	}
	if d := retryAfter(time.Now().Add(10 * time.Second).UTC().Format(http.TimeFormat)); d < 8*time.Second || d > 10*time.Second {
		t.Errorf("a date in ten seconds is read as %v", d)
	}
	for _, header := range []string{"", "soon", "-5", "0", "Mon, 02 Jan 2006 15:04:05 GMT"} {
		if d := retryAfter(header); d != 0 {
			t.Errorf("%q is read as %v", header, d)
		}
	}
}

// A server that says to come back much later is not waited for: the error says when.
func TestLongRetryAfterIsTold(t *testing.T) {
	t.Parallel()
	for _, code := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		var requests atomic.Int32
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(code)
		})
		_, err := quick(Config{}).Document(t.Context(), s.URL, 10)
		var status *StatusError
		if !errors.As(err, &status) || requests.Load() != 1 {
			t.Fatalf("got %v after %d requests", err, requests.Load())
		}
		if left := time.Until(status.RetryAt); left < 59*time.Minute || left > time.Hour {
			t.Errorf("RetryAt is in %v", left)
		}
		wantText(t, err, http.StatusText(code), "ask again in 1h0m0s, at "+status.RetryAt.Format("2006-01-02 15:04"))
	}
}

func TestDocumentTooLarge(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"announced": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1025")
			_, _ = w.Write(payload(1025))
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(payload(1 << 10)); err != nil {
					return
				}
			}
		},
		"packed": func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				t.Error("a document is not asked for compressed")
			}
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(make([]byte, 100<<10))
			_ = z.Close()
		},
	} {
		_, err := quick(Config{}).Document(t.Context(), serve(t, h).URL, 1024)
		var refused *plugin.RefusedError
		if !errors.As(err, &refused) {
			t.Errorf("%s: got %v", name, err)
		}
		wantText(t, err, "it is larger than 1 KiB")
	}
}

func TestDocumentCutOffIsRetried(t *testing.T) {
	t.Parallel()
	url := wire(t, func(n int, _ string) string {
		if n == 0 {
			return "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
		}
		return "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"
	})
	got, err := quick(Config{}).Document(t.Context(), url, 10)
	if err != nil || string(got) != "whole" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestConnectionRefusedNamesTheAddress(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	_, err := quick(Config{Retries: 1}).Document(t.Context(), s.URL+"/x", 10)
	wantText(t, err, s.URL+"/x: ", "connection refused", "(tried 2 times)")
}

func TestCertificateErrorIsNotRetried(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(says("secret"))
	defer s.Close()
	var conns atomic.Int32
	tr := http.DefaultTransport.(*http.Transport).Clone()
	dial := tr.DialContext
	tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conns.Add(1)
		return dial(ctx, network, addr)
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	_, err := quick(Config{Transport: tr}).Document(t.Context(), s.URL, 10)
	wantText(t, err, "certificate")
	if n := conns.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestIdleServer(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var requests atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.URL.Path == "/body" {
			_, _ = w.Write([]byte("a"))
			_ = http.NewResponseController(w).Flush()
		}
		<-release
	})
	defer close(release)
	c := quick(Config{Idle: time.Hour}).WithIdle(50 * time.Millisecond)
	for i, path := range []string{"/head", "/body"} {
		_, err := c.Document(t.Context(), s.URL+path, 10)
		var idle *IdleError
		if !errors.As(err, &idle) {
			t.Fatalf("%s: got %v", path, err)
		}
		wantText(t, err, s.URL+path+": not a byte came for 50ms")
		if n := requests.Load(); n != int32(2*(i+1)) {
			t.Errorf("%s: %d requests so far, want two each", path, n)
		}
	}
}

func TestSlowServerIsNotIdle(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 10 {
			time.Sleep(50 * time.Millisecond)
			_, _ = w.Write([]byte("x"))
			_ = http.NewResponseController(w).Flush()
		}
	})
	got, err := quick(Config{Idle: 300 * time.Millisecond, Retries: -1}).Document(t.Context(), s.URL, 10)
	if err != nil || len(got) != 10 {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestCancelReturnsAtOnce(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"waiting for an answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"waiting to try again": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusServiceUnavailable)
		},
	} {
		s := serve(t, h)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		start := time.Now()
		_, err := quick(Config{}).Document(ctx, s.URL, 10)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", name, err)
		}
		wantText(t, err, s.URL)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

func TestLocalDocument(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a b?.json")
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := quick(Config{Offline: true})
	for _, address := range []string{path, "file://" + dir + "/a%20b%3F.json", "FILE://localhost" + dir + "/a%20b%3F.json"} {
		if got, err := c.Document(t.Context(), address, 2); err != nil || string(got) != "{}" {
			t.Errorf("%s: got %q, %v", address, got, err)
		}
	}
	_, err := c.Document(t.Context(), filepath.Join(dir, "missing"), 2)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if n := strings.Count(err.Error(), "missing"); n != 1 {
		t.Errorf("%q names the file %d times", err, n)
	}
	_, err = c.Document(t.Context(), dir, 2)
	wantText(t, err, "it is a folder")
	_, err = c.Document(t.Context(), path, 1)
	wantText(t, err, "it is larger than 1 bytes")
	_, err = c.Document(t.Context(), "file://elsewhere/x", 2)
	wantText(t, err, "file:///path")
	_, err = c.Document(t.Context(), "file:x", 2)
	wantText(t, err, "file:///path")
}

func TestAddressesThatCannotBeFetched(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"ftp://example.com/x":    "only https, http, oci and file",
		"relative/path":          "only https, http, oci and file",
		"":                       "only https, http, oci and file",
		"https://":               "names no host",
		"https:///x":             "names no host",
		"https://a b/":           "not a valid address",
		"http://example.com\n/x": "not a valid address",
	} {
		_, err := quick(Config{}).Document(t.Context(), address, 10)
		wantText(t, err, want)
		if strings.ContainsRune(err.Error(), '\n') {
			t.Errorf("%q puts a control character on the terminal", err)
		}
	}
}

func TestLooksLikeHTML(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"<!DOCTYPE html>", "\ufeff\r\n <HTML lang=en>", "<!-- login -->"} {
		if !LooksLikeHTML([]byte(page)) {
			t.Errorf("%q is not taken for HTML", page)
		}
	}
	for _, doc := range []string{"", "{}", "[]", "<?xml?>", "\x1f\x8b"} {
		if LooksLikeHTML([]byte(doc)) {
			t.Errorf("%q is taken for HTML", doc)
		}
	}
}
