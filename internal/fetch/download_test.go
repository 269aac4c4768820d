package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/plugin"
)

// cutting serves content, but every connection breaks after limit(n) bytes of the
// body, n counting requests from 0.
type cutting struct {
	content func(n int) []byte
	head    func(n int, h http.Header) // e.g. sets the ETag
	limit   func(n int) int
	ranges  bool

	modified time.Time // for Last-Modified
	requests atomic.Int32
	seen     []string // the Range of each
}

func (c *cutting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := int(c.requests.Add(1) - 1)
	c.seen = append(c.seen, r.Header.Get("Range"))
	if !c.ranges {
		r.Header.Del("Range")
	}
	if c.head != nil {
		c.head(n, w.Header())
	}
	out := &cutWriter{ResponseWriter: w, left: c.limit(n)}
	http.ServeContent(out, r, "", c.modified, bytes.NewReader(c.content(n)))
}

type cutWriter struct {
	http.ResponseWriter
	left int
}

func (w *cutWriter) Write(p []byte) (int, error) {
	if len(p) <= w.left {
		w.left -= len(p)
		return w.ResponseWriter.Write(p)
	}
	_, _ = w.ResponseWriter.Write(p[:w.left])
	_ = http.NewResponseController(w.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

func etag(value string) func(int, http.Header) {
	return func(_ int, h http.Header) { h.Set("ETag", value) }
}

func always[T any](v T) func(int) T { return func(int) T { return v } }

func TestDownload(t *testing.T) {
	t.Parallel()
	content := payload(300_000)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "identity" {
			t.Errorf("Accept-Encoding is %q", got)
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content)
	})
	wantDownload(t, quick(Config{}), s.URL, content)

	var last, total int64
	_, _, err := downloadTo(t.Context(), quick(Config{}), s.URL, tempFile(t), 1<<20, func(done, of int64) {
		if done < last {
			t.Errorf("progress went from %d to %d", last, done)
		}
		last, total = done, of
	})
	if err != nil || last != int64(len(content)) || total != last {
		t.Errorf("progress ended at %d of %d, error %v", last, total, err)
	}
}

func TestDownloadOfNothing(t *testing.T) {
	t.Parallel()
	wantDownload(t, quick(Config{}), serve(t, says("")).URL, nil)
}

func TestDownloadKeepsEncodedBytes(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte("as it is"))
	})
	wantDownload(t, quick(Config{}), s.URL, []byte("as it is"))
}

func TestResume(t *testing.T) {
	t.Parallel()
	content := payload(100_000)
	for name, h := range map[string]*cutting{
		"etag": {head: etag(`"v1"`)},
		"date": {modified: time.Unix(1e9, 0)},
	} {
		// Far more breaks than failures allowed: each attempt comes further.
		h.content, h.limit, h.ranges = always(content), always(9_000), true
		s := serve(t, h.ServeHTTP)
		wantDownload(t, quick(Config{Retries: 1}), s.URL, content)
		if n := h.requests.Load(); n != 12 {
			t.Errorf("%s: %d requests, want 12: %q", name, n, h.seen)
		}
	}
}

func TestNoResumeWithoutAValidator(t *testing.T) {
	t.Parallel()
	content := payload(50_000)
	for name, head := range map[string]func(int, http.Header){"none": nil, "weak": etag(`W/"v1"`)} {
		h := &cutting{content: always(content), head: head, ranges: true, limit: func(n int) int {
			if n < 2 {
				return 20_000
			}
			return len(content)
		}}
		s := serve(t, h.ServeHTTP)
		wantDownload(t, quick(Config{}), s.URL, content)
		if got := strings.Join(h.seen, ""); got != "" || len(h.seen) != 3 {
			t.Errorf("%s: ranges %q", name, h.seen)
		}
	}
}

func TestServerWithoutRanges(t *testing.T) {
	t.Parallel()
	content := payload(50_000)
	h := &cutting{content: always(content), head: etag(`"v1"`), limit: func(n int) int { return 20_000 * (n + 1) }}
	s := serve(t, h.ServeHTTP)
	wantDownload(t, quick(Config{}), s.URL, content)
	if len(h.seen) != 3 || h.seen[1] != "bytes=20000-" {
		t.Errorf("ranges %q", h.seen)
	}
}

func TestStuckAtOnePlaceGivesUp(t *testing.T) {
	t.Parallel()
	h := &cutting{content: always(payload(50_000)), head: etag(`"v1"`), limit: always(20_000)}
	s := serve(t, h.ServeHTTP)
	_, _, err := downloadTo(t.Context(), quick(Config{Retries: 3}), s.URL, tempFile(t), 1<<20, nil)
	wantText(t, err, s.URL, "the connection broke after 20000 of 50000 bytes", "tried")
	if n := h.requests.Load(); n > 5 {
		t.Errorf("%d requests for bytes that never come", n)
	}
}

func TestEndlessBreaksGiveUp(t *testing.T) {
	t.Parallel()
	h := &cutting{content: always(payload(50_000)), head: etag(`"v1"`), limit: always(1), ranges: true}
	s := serve(t, h.ServeHTTP)
	_, _, err := downloadTo(t.Context(), quick(Config{}), s.URL, tempFile(t), 1<<20, nil)
	wantText(t, err, "tried")
	if n := h.requests.Load(); n != maxAttempts {
		t.Errorf("%d requests, want %d", n, maxAttempts)
	}
}

func TestChangedMidway(t *testing.T) {
	t.Parallel()
	for _, newer := range [][]byte{bytes.Repeat([]byte("new"), 20_000), []byte("new and short")} {
		h := &cutting{
			content: func(n int) []byte { return [][]byte{payload(50_000), newer}[min(n, 1)] },
			head:    func(n int, h http.Header) { h.Set("ETag", fmt.Sprintf(`"v%d"`, min(n, 1))) },
			limit:   func(n int) int { return []int{20_000, 100_000}[min(n, 1)] },
			ranges:  true,
		}
		s := serve(t, h.ServeHTTP)
		wantDownload(t, quick(Config{}), s.URL, newer)
	}
}

// Servers that mix up parts must not make us join what does not belong together.
func TestWrongPartsStartOver(t *testing.T) {
	t.Parallel()
	content := payload(1000)
	first := "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 1000\r\n\r\n" + string(content[:400])
	whole := "HTTP/1.1 200 OK\r\nETag: \"v2\"\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n" + string(content)
	rest := func(extra string) string {
		return "HTTP/1.1 206 Partial Content\r\nContent-Length: 600\r\n" + extra + "\r\n\r\n" + strings.Repeat("X", 600)
	}
	for name, second := range map[string]string{
		"other start":    rest("Content-Range: bytes 300-899/1000"),
		"other total":    rest("Content-Range: bytes 400-999/2000"),
		"other ETag":     rest("Content-Range: bytes 400-999/1000\r\nETag: \"v2\""),
		"no range":       rest("X: y"),
		"nonsense":       rest("Content-Range: bytes a-b/c"),
		"no such range":  "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n",
		"whole and new":  whole,
		"a server error": "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
	} {
		url := wire(t, func(n int, _ string) string {
			switch n {
			case 0:
				return first
			case 1:
				return second
			}
			return whole
		})
		t.Run(name, func(t *testing.T) {
			wantDownload(t, quick(Config{}), url, content)
		})
	}
}

func TestPartInPartsIsJoined(t *testing.T) {
	t.Parallel()
	content := payload(1000)
	url := wire(t, func(n int, _ string) string {
		from := n * 400
		to := min(from+400, 1000)
		if n == 0 {
			return "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 1000\r\n\r\n" + string(content[:400])
		}
		return fmt.Sprintf("HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: bytes %d-%d/*\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
			from, to-1, to-from, content[from:to])
	})
	wantDownload(t, quick(Config{}), url, content)
}

func TestUnaskedPartIsRefused(t *testing.T) {
	t.Parallel()
	url := wire(t, func(int, string) string {
		return "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/8\r\nContent-Length: 4\r\n\r\nhalf"
	})
	_, _, err := downloadTo(t.Context(), quick(Config{}), url, tempFile(t), 100, nil)
	var status *StatusError
	if !errors.As(err, &status) || status.Code != http.StatusPartialContent {
		t.Errorf("got %v", err)
	}
}

func TestLongerThanAnnounced(t *testing.T) {
	t.Parallel()
	tr := roundTrip(func(r *http.Request) (*http.Response, error) {
		rec := response(r, "four and more")
		rec.ContentLength = 4
		return rec, nil
	})
	_, _, err := downloadTo(t.Context(), quick(Config{Transport: tr}), "https://example.com/x", tempFile(t), 100, nil)
	if !errors.Is(err, plugin.ErrRefused) {
		t.Errorf("got %v", err)
	}
	wantText(t, err, "longer than the 4 bytes announced")
}

// Over HTTP/1 a surplus is the start of the next answer: it is never ours.
func TestSurplusIsNotRead(t *testing.T) {
	t.Parallel()
	url := wire(t, func(int, string) string { return "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour and more" })
	wantDownload(t, quick(Config{}), url, []byte("four"))
}

func TestDownloadTooLarge(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	for name, h := range map[string]http.HandlerFunc{
		"announced": func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.Header().Set("Content-Length", "2049")
			_, _ = w.Write(payload(1024))
			_ = http.NewResponseController(w).Flush()
			time.Sleep(20 * time.Millisecond)
			_, _ = w.Write(payload(1025))
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			for {
				if _, err := w.Write(payload(1 << 10)); err != nil {
					return
				}
			}
		},
	} {
		requests.Store(0)
		f := tempFile(t)
		_, _, err := downloadTo(t.Context(), quick(Config{}), serve(t, h).URL, f, 2048, nil)
		if !errors.Is(err, plugin.ErrRefused) {
			t.Errorf("%s: got %v", name, err)
		}
		wantText(t, err, "it is larger than 2 KiB")
		if n := requests.Load(); n != 1 {
			t.Errorf("%s: %d requests, want 1", name, n)
		}
		if info, err := f.Stat(); err != nil || info.Size() > 2048 || name == "announced" && info.Size() > 0 {
			t.Errorf("%s: %d bytes are on the disk, error %v", name, info.Size(), err)
		}
	}
}

func TestLocalDownload(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "p.tar.gz")
	content := payload(300_000)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	c := quick(Config{Offline: true})
	wantDownload(t, c, path, content)
	wantDownload(t, c, "file://"+path, content)
	if _, _, err := downloadTo(t.Context(), c, path+"x", tempFile(t), 10, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, _, err := downloadTo(t.Context(), c, path, tempFile(t), 10, nil); !errors.Is(err, plugin.ErrRefused) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := downloadTo(ctx, c, path, tempFile(t), 1<<20, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestUnwritableFileIsAWriteError(t *testing.T) {
	t.Parallel()
	s := serve(t, says("hello"))
	f := tempFile(t)
	f.Close()
	_, _, err := downloadTo(t.Context(), quick(Config{}), s.URL, f, 10, nil)
	var write *WriteError
	if !errors.As(err, &write) {
		t.Errorf("got %v", err)
	}
}

func TestCancelledDownload(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("a"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err := downloadTo(ctx, quick(Config{}), s.URL, tempFile(t), 10, func(done, _ int64) {
		if done > 0 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// However a server cuts, the bytes hashed are those on the disk, and the whole.
func TestAnyCutsGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		content := payload(rapid.IntRange(0, 5000).Draw(rt, "size"))
		cuts := rapid.SliceOfN(rapid.IntRange(0, 5000), 4, 4).Draw(rt, "cuts")
		h := &cutting{
			content: always(content), ranges: rapid.Bool().Draw(rt, "ranges"),
			limit: func(n int) int {
				if n < len(cuts) {
					return cuts[n]
				}
				return len(content)
			},
		}
		if rapid.Bool().Draw(rt, "etag") {
			h.head = etag(`"v1"`)
		}
		s := serve(t, h.ServeHTTP)
		defer s.Close()
		f := tempFile(t)
		got, n, err := downloadTo(t.Context(), quick(Config{MinBackoff: 1}), s.URL, f, 1<<20, nil)
		if err != nil {
			rt.Fatal(err)
		}
		onDisk, err := os.ReadFile(f.Name())
		if err != nil || n != int64(len(content)) || got != digest(content) || !bytes.Equal(onDisk, content) {
			rt.Fatalf("%d of %d bytes, %d on disk, %v", n, len(content), len(onDisk), err)
		}
	})
}

// However runs break off, and whatever befalls what they leave, the bytes are the right
// ones in the end.
func TestAnyRunsGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		content := payload(rapid.IntRange(1, 5000).Draw(rt, "size"))
		h := &cutting{content: always(content), ranges: rapid.Bool().Draw(rt, "ranges")}
		switch rapid.IntRange(0, 2).Draw(rt, "validator") {
		case 0:
			h.head = etag(`"v1"`)
		case 1:
			h.modified = time.Unix(1e9, 0)
		}
		s := serve(t, h.ServeHTTP)
		defer s.Close()
		f := tempFile(t)
		part := Part{}
		for run := range 4 {
			h.limit = always(rapid.IntRange(0, 5000).Draw(rt, "cut"))
			if run == 3 {
				h.limit = always(len(content))
			}
			if rapid.IntRange(0, 3).Draw(rt, "harm") == 0 {
				harmed := rapid.SliceOfN(rapid.Byte(), 0, 6000).Draw(rt, "left")
				if err := os.WriteFile(f.Name(), harmed, 0o600); err != nil {
					rt.Fatal(err)
				}
			}
			if part.Validator == "" {
				if err := f.Truncate(0); err != nil {
					rt.Fatal(err)
				}
			}
			if _, err := f.Seek(0, 0); err != nil {
				rt.Fatal(err)
			}
			_, n, err := quick(Config{MinBackoff: 1, Retries: -1}).Download(t.Context(), Request{
				URL: s.URL, To: f, Max: 1 << 20, Part: part, Keep: func(p Part) { part = p },
				Judge: func(_ string, got plugin.Digest) error {
					if got != digest(content) {
						return &plugin.DigestError{Got: got}
					}
					return nil
				},
			})
			if err != nil && run == 3 {
				rt.Fatal(err)
			}
			if err != nil {
				continue
			}
			onDisk, err := os.ReadFile(f.Name())
			if err != nil || n != int64(len(content)) || !bytes.Equal(onDisk, content) {
				rt.Fatalf("%d of %d bytes, %d on disk, %v", n, len(content), len(onDisk), err)
			}
		}
	})
}

// A registry has a blob by its digest: no validator is needed to go on, in a later run, too.
func TestBlobsGoOnByTheirDigest(t *testing.T) {
	t.Parallel()
	content := payload(50_000)
	h := &cutting{content: always(content), ranges: true, limit: func(n int) int { return []int{20_000, 50_000}[min(n, 1)] }}
	s := serve(t, h.ServeHTTP)
	address := "oci://" + strings.TrimPrefix(s.URL, "http://") + "/plugins/x@" + string(digest(content))
	f := tempFile(t)
	var part Part
	run := func() error {
		_, err := f.Seek(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = quick(Config{Retries: -1}).Download(t.Context(), Request{
			URL: address, To: f, Max: 1 << 20, Part: part, Keep: func(p Part) { part = p },
		})
		return err
	}
	if err := run(); err == nil || part.Validator == "" {
		t.Fatalf("%v, and the part is %+v", err, part)
	}
	if err := run(); err != nil {
		t.Fatal(err)
	}
	onDisk, err := os.ReadFile(f.Name())
	if err != nil || !bytes.Equal(onDisk, content) || strings.Join(h.seen, ",") != ",bytes=20000-" {
		t.Errorf("asked for %q, %d bytes on the disk, %v", h.seen, len(onDisk), err)
	}
}
