package fetch

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

// shelf keeps documents in memory.
type shelf struct {
	mu   sync.Mutex
	docs map[string]Kept
}

func (s *shelf) Get(key string) (Kept, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	doc, ok := s.docs[key]
	return doc, ok
}

func (s *shelf) Put(key string, doc Kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.docs == nil {
		s.docs = map[string]Kept{}
	}
	s.docs[key] = doc
}

// publisher serves a document as a file, and counts how it was asked for.
type publisher struct {
	text     string
	etag     string
	modified time.Time
	head     http.Header
	statuses []int
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.etag != "" {
		w.Header().Set("ETag", p.etag)
	}
	for name, values := range p.head {
		w.Header()[name] = values
	}
	w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	rec := &statusOf{ResponseWriter: w, status: 200}
	http.ServeContent(rec, r, "", p.modified, strings.NewReader(p.text))
	p.statuses = append(p.statuses, rec.status)
}

type statusOf struct {
	http.ResponseWriter
	status int
}

func (s *statusOf) WriteHeader(code int) {
	s.status = code
	s.ResponseWriter.WriteHeader(code)
}

func (p *publisher) wantStatuses(t *testing.T, name string, want ...int) {
	t.Helper()
	if len(p.statuses) != len(want) {
		t.Fatalf("%s: answered %d, want %d", name, p.statuses, want)
	}
	for i := range want {
		if p.statuses[i] != want[i] {
			t.Errorf("%s: answered %d, want %d", name, p.statuses, want)
		}
	}
}

// What a server can say that it has not changed is not sent again; what it changed is.
func TestUnchangedDocumentIsNotSent(t *testing.T) {
	t.Parallel()
	long := time.Now().Add(-time.Hour)
	for name, test := range map[string]struct {
		p    *publisher
		kept bool
	}{
		"ETag":           {&publisher{etag: `"v1"`}, true},
		"weak ETag":      {&publisher{etag: `W/"v1"`}, true},
		"date":           {&publisher{modified: long}, true},
		"date of now":    {&publisher{modified: time.Now()}, false},
		"neither":        {&publisher{}, false},
		"not to be kept": {&publisher{etag: `"v1"`, head: http.Header{"Cache-Control": {"private, No-Store"}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.p.text = "one"
			s := serve(t, test.p.ServeHTTP)
			docs := &shelf{}
			read := func(want string) {
				t.Helper()
				// Each run has a client of its own.
				got, err := quick(Config{Documents: docs}).Document(t.Context(), s.URL+"/x", 10)
				if err != nil || string(got) != want {
					t.Errorf("got %q, %v, want %q", got, err, want)
				}
			}
			read("one")
			read("one")
			second := http.StatusOK
			if test.kept {
				second = http.StatusNotModified
			}
			test.p.wantStatuses(t, name, http.StatusOK, second)
			if test.p.etag != "" {
				test.p.etag = `"v2"`
			} else {
				test.p.modified = time.Now()
			}
			test.p.text = "two"
			read("two")
			test.p.wantStatuses(t, name, http.StatusOK, second, http.StatusOK)
			if !test.kept && len(docs.docs) != 0 {
				t.Errorf("it is kept: %v", docs.docs)
			}
		})
	}
}

// What was kept for one token is nothing to whoever has another, and no key and no
// document tells the token.
func TestKeptForOneTokenAlone(t *testing.T) {
	t.Parallel()
	p := &publisher{etag: `"v1"`, text: "private"}
	s := serve(t, p.ServeHTTP)
	docs := &shelf{}
	host := strings.TrimPrefix(s.URL, "http://")
	for _, token := range []string{"first-token", "second-token", "first-token", ""} {
		c := quick(Config{Documents: docs, Credentials: []plugin.Credential{{Host: host, Token: token}}})
		if _, err := c.Document(t.Context(), s.URL, 10); err != nil {
			t.Fatal(err)
		}
	}
	p.wantStatuses(t, "tokens", 200, 200, 304, 200)
	for key := range docs.docs {
		if len(key) != 64 || strings.Trim(key, "0123456789abcdef") != "" {
			t.Errorf("the key %q is no hash", key)
		}
	}
	echo := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		_, _ = w.Write([]byte(r.Header.Get("Authorization")))
	})
	docs = &shelf{}
	c := quick(Config{Documents: docs, Credentials: []plugin.Credential{
		{Host: strings.TrimPrefix(echo.URL, "http://"), Token: "echoed-token"},
	}})
	if got, err := c.Document(t.Context(), echo.URL, 100); err != nil || string(got) != "Bearer echoed-token" {
		t.Fatalf("got %q, %v", got, err)
	}
	if len(docs.docs) != 0 {
		t.Errorf("a token is kept: %v", docs.docs)
	}
}

// Limits hold for what is kept, half a document is not kept, and packages are not.
func TestWhatIsNotKept(t *testing.T) {
	t.Parallel()
	p := &publisher{etag: `"v1"`, text: "0123456789"}
	s := serve(t, p.ServeHTTP)
	docs := &shelf{}
	c := quick(Config{Documents: docs, Retries: -1})
	if _, err := c.Document(t.Context(), s.URL, 5); err == nil || len(docs.docs) != 0 {
		t.Errorf("one that is too large: %v, and %v is kept", err, docs.docs)
	}
	wantDownload(t, c, s.URL, []byte(p.text))
	if len(docs.docs) != 0 {
		t.Errorf("a package is kept as a document: %v", docs.docs)
	}
	if _, err := c.Document(t.Context(), s.URL, 10); err != nil || len(docs.docs) != 1 {
		t.Errorf("%v, and %v is kept", err, docs.docs)
	}
	_, err := c.Document(t.Context(), s.URL, 5)
	wantText(t, err, "it is larger than 5 bytes")

	half := wire(t, func(int, string) string { return "HTTP/1.1 200 OK\r\nETag: \"v\"\r\nContent-Length: 10\r\n\r\nhalf" })
	docs = &shelf{}
	if _, err := quick(Config{Documents: docs, Retries: -1}).Document(t.Context(), half, 10); err == nil || len(docs.docs) != 0 {
		t.Errorf("half of one: %v, and %v is kept", err, docs.docs)
	}
}

// A server that says "not modified" unasked has said nothing.
func TestNotModifiedUnasked(t *testing.T) {
	t.Parallel()
	s := serve(t, answers(http.StatusNotModified))
	_, err := quick(Config{Documents: &shelf{}}).Document(t.Context(), s.URL, 10)
	wantText(t, err, "304 Not Modified")
}

// What a transport's user sees is the answer as it was, with the newer header.
func TestAnswerAsItWas(t *testing.T) {
	t.Parallel()
	p := &publisher{etag: `"v1"`, text: "[]", head: http.Header{"Link": {"<next>"}, "X-Left": {"1"}, "Content-Type": {"application/json"}}}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") != "" {
			p.head = http.Header{"X-Left": {"2"}}
		}
		p.ServeHTTP(w, r)
	})
	client := &http.Client{Transport: Conditional(http.DefaultTransport, &shelf{})}
	for i := range 2 {
		resp, err := client.Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		body, err := readAll(resp.Body, 10)
		resp.Body.Close()
		h := resp.Header
		if err != nil || string(body) != "[]" || resp.StatusCode != 200 || h.Get("Link") != "<next>" ||
			h.Get("Content-Type") != "application/json" || h.Get("X-Left") != []string{"1", "2"}[i] {
			t.Errorf("%d: %s %q %v, %v", i, resp.Status, body, h, err)
		}
	}
	p.wantStatuses(t, "both", 200, 304)
}
