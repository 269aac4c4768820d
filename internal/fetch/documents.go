package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Documents keeps documents between runs. It may lose any of them at any time, and must
// give none that it did not get. It may be used by several goroutines at once.
type Documents interface {
	Get(key string) (Kept, bool)
	Put(key string, doc Kept)
}

// Kept is a document as it came. It counts only once its server says that it still is
// what it was.
type Kept struct {
	Header http.Header // what its server must be asked with, and what readers need besides the body
	Body   []byte
}

// maxKept is the longest document that is kept.
const maxKept = 16 << 20

// Conditional is base, except that what is kept of an earlier answer is sent for only if it
// has changed. The key is what an answer depends on: address, Accept and Authorization,
// hashed. It keeps whole answers to GET alone, and looks through no redirect.
func Conditional(base http.RoundTripper, docs Documents) http.RoundTripper {
	if docs == nil {
		return base
	}
	return &conditional{base: base, docs: docs}
}

type conditional struct {
	base http.RoundTripper
	docs Documents
}

// RoundTrip makes an answer of what is kept where the server says that it has not changed.
func (c *conditional) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet || hasAny(req.Header, "Range", "If-None-Match", "If-Modified-Since") {
		return c.base.RoundTrip(req)
	}
	key := keyOf(req)
	kept, have := c.docs.Get(key)
	ask := req
	if have {
		ask = req.Clone(req.Context())
		if etag := kept.Header.Get("ETag"); etag != "" {
			ask.Header.Set("If-None-Match", etag)
		} else {
			ask.Header.Set("If-Modified-Since", kept.Header.Get("Last-Modified"))
		}
	}
	resp, err := c.base.RoundTrip(ask)
	if err != nil {
		return nil, err
	}
	switch {
	case have && resp.StatusCode == http.StatusNotModified:
		kept.answer(resp)
	case resp.StatusCode == http.StatusOK && keepable(resp.Header):
		resp.Body = &keeping{ReadCloser: resp.Body, keep: func(body []byte) {
			if doc := (Kept{Header: pick(resp.Header), Body: body}); !doc.tells(req) {
				c.docs.Put(key, doc)
			}
		}}
	}
	return resp, nil
}

func hasAny(h http.Header, names ...string) bool {
	for _, name := range names {
		if h.Get(name) != "" {
			return true
		}
	}
	return false
}

// keyOf is what an answer depends on. The token is hashed together with the rest, so that
// the key tells nothing of it.
func keyOf(req *http.Request) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{
		req.URL.String(), req.Header.Get("Accept"), req.Header.Get("Authorization"),
	}, "\n")))
	return hex.EncodeToString(sum[:])
}

// keepable reports whether a server can tell later that the answer has not changed. A date
// can, if the document has not changed for long: one of now may be that of two contents.
func keepable(h http.Header) bool {
	if strings.Contains(strings.ToLower(h.Get("Cache-Control")), "no-store") {
		return false
	}
	if h.Get("ETag") != "" {
		return true
	}
	changed, err := http.ParseTime(h.Get("Last-Modified"))
	if err != nil {
		return false
	}
	now, err := http.ParseTime(h.Get("Date"))
	return err == nil && now.Sub(changed) >= time.Minute
}

// pick is what of an answer's header is worth keeping.
func pick(h http.Header) http.Header {
	kept := http.Header{}
	for _, name := range []string{"ETag", "Last-Modified", "Content-Type", "Link"} {
		if values := h.Values(name); len(values) > 0 {
			kept[http.CanonicalHeaderKey(name)] = values
		}
	}
	return kept
}

// tells reports whether a server echoed the secret it was sent: that goes into no file.
func (k Kept) tells(req *http.Request) bool {
	_, secret, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	return len(secret) >= minSecret &&
		(bytes.Contains(k.Body, []byte(secret)) || strings.Contains(fmt.Sprint(k.Header), secret))
}

// answer makes resp, which says that nothing has changed, what was answered then.
func (k Kept) answer(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, drained) // its connection can be used again
	_ = resp.Body.Close()
	for name, values := range k.Header {
		resp.Header[name] = values
	}
	resp.Status, resp.StatusCode = "200 OK", http.StatusOK
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(k.Body)), int64(len(k.Body))
}

// keeping is a body that is kept when it was read to its end.
type keeping struct {
	io.ReadCloser
	buf  bytes.Buffer
	keep func(body []byte) // nil once it is done, or will not be
}

func (k *keeping) Read(p []byte) (int, error) {
	n, err := k.ReadCloser.Read(p)
	if k.keep == nil {
		return n, err
	}
	k.buf.Write(p[:n])
	switch {
	case k.buf.Len() > maxKept:
		k.keep, k.buf = nil, bytes.Buffer{}
	case err == io.EOF:
		k.keep(k.buf.Bytes())
		k.keep = nil
	}
	return n, err
}
