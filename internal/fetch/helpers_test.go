package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

// quick is a client that wastes no time between attempts.
func quick(c Config) *Client {
	if c.MinBackoff == 0 {
		c.MinBackoff = time.Millisecond
	}
	return New(c)
}

// world answers for any number of hosts, each named as SCHEME://HOST:PORT, and
// keeps what each was asked.
type world struct {
	hosts map[string]http.HandlerFunc

	mu    sync.Mutex
	asked []*http.Request
}

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.asked = append(w.asked, r)
	w.mu.Unlock()
	h, ok := w.hosts[r.URL.Scheme+"://"+hostPort(r.URL.Host, r.URL.Scheme)]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: r.URL.Host, IsNotFound: true}
	}
	rec := httptest.NewRecorder()
	h(rec, r)
	resp := rec.Result()
	resp.Request = r
	return resp, nil
}

// auth is what the n-th request sent as its Authorization.
func (w *world) auth(t *testing.T, n int) string {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if n >= len(w.asked) {
		t.Fatalf("there were %d requests, none with number %d", len(w.asked), n)
	}
	return w.asked[n].Header.Get("Authorization")
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

func leads(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// wire serves raw connections: the n-th gets reply(n, request head), and is then
// closed. It is for answers that net/http would not give.
func wire(t *testing.T, reply func(n int, head string) string) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for n := 0; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			answer(conn, n, reply)
		}
	}()
	return "http://" + l.Addr().String()
}

func answer(conn net.Conn, n int, reply func(int, string) string) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	var head []byte
	buf := make([]byte, 4096)
	for !bytes.Contains(head, []byte("\r\n\r\n")) {
		k, err := conn.Read(buf)
		if err != nil {
			return
		}
		head = append(head, buf[:k]...)
	}
	_, _ = conn.Write([]byte(reply(n, string(head))))
}

func tempFile(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "download"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// payload is n bytes of which no part looks like another.
func payload(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		sum := sha256.Sum256(fmt.Append(nil, i))
		b.Write(sum[:])
	}
	return b.Bytes()[:n]
}

func digest(b []byte) plugin.Digest {
	sum := sha256.Sum256(b)
	return plugin.NewDigest(plugin.SHA256, sum[:])
}

// wantDownload downloads url and demands exactly want.
func wantDownload(t *testing.T, c *Client, url string, want []byte) {
	t.Helper()
	f := tempFile(t)
	got, n, err := downloadTo(t.Context(), c, url, f, 1<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(len(want)) || got != digest(want) {
		t.Errorf("got %d bytes with %s, want %d with %s", n, got, len(want), digest(want))
	}
	onDisk, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(onDisk, want) {
		t.Errorf("the file holds %d bytes that are not those hashed", len(onDisk))
	}
}

func wantText(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func response(r *http.Request, body string) *http.Response {
	rec := httptest.NewRecorder()
	rec.WriteString(body)
	resp := rec.Result()
	resp.Request = r
	return resp
}

// downloadTo is a download that takes whatever comes.
func downloadTo(
	ctx context.Context, c *Client, url string, to *os.File, max int64, progress func(done, total int64),
) (plugin.Digest, int64, error) {
	return c.Download(ctx, Request{URL: url, To: to, Max: max, Progress: progress})
}

func countNew(n *atomic.Int32) func(net.Conn, http.ConnState) {
	return func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			n.Add(1)
		}
	}
}
