package fetch

import (
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Requests to one host wait for one another, and waiting is not a server's silence.
func TestRequestsToOneHostAreBounded(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int32
	slow := func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(60 * time.Millisecond)
		if r.URL.Path == "/leads" {
			http.Redirect(w, r, "/there", http.StatusFound)
			return
		}
		_, _ = w.Write([]byte("ok"))
	}
	s := serve(t, slow)
	c := quick(Config{Retries: -1, Idle: 300 * time.Millisecond})
	var wg sync.WaitGroup
	for i := range 6 * perHost {
		wg.Go(func() {
			address := s.URL + []string{"/x", "/leads"}[i%2]
			if _, err := c.Document(t.Context(), address, 10); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most.Load() > perHost || most.Load() < perHost/2 {
		t.Errorf("%d requests at once, want at most %d", most.Load(), perHost)
	}
}

// Failures of every kind give their place back.
func TestFailuresLeaveTheGate(t *testing.T) {
	t.Parallel()
	s := serve(t, http.NotFound)
	c := quick(Config{Retries: -1})
	for range 2 * perHost {
		if _, err := c.Document(t.Context(), s.URL, 10); err == nil {
			t.Fatal("no error")
		}
	}
	s.Close()
	for range 2 * perHost {
		if _, err := c.Document(t.Context(), s.URL, 10); err == nil {
			t.Fatal("no error")
		}
	}
}

// Where a server offers HTTP/2, it is spoken, over one connection; its certificate may be
// that of an authority that only we know.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	content := payload(3 << 20)
	var connections atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("%s is spoken", r.Proto)
		}
		_, _ = w.Write(content)
	}))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.ConnState = countNew(&connections)
	s.StartTLS()
	t.Cleanup(s.Close)
	c := quick(Config{CertificateAuthorities: []*x509.Certificate{s.Certificate()}})
	if _, err := c.Document(t.Context(), s.URL, 4<<20); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, n, err := downloadTo(t.Context(), c, s.URL, tempFile(t), 4<<20, nil)
			if err != nil || n != int64(len(content)) || got != digest(content) {
				t.Errorf("got %d bytes, %v", n, err)
			}
		})
	}
	wg.Wait()
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
	_, err := quick(Config{}).Document(t.Context(), s.URL, 10)
	wantText(t, err, "certificate")
}
