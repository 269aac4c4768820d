package fetch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// bufferSize is one read from the network and one write to the disk.
const bufferSize = 128 << 10

// Request says what to download, and whereto.
type Request struct {
	URL  string
	Want plugin.Digest // where it is known; mirrors of packages by digest are asked first
	To   *os.File      // empty, and open for writing
	Max  int64         // bytes

	// Progress may be nil; a total of -1 is not known.
	Progress func(done, total int64)

	// Judge says what is wrong with all that came from somewhere, which the next place may
	// mend. Nil takes everything.
	Judge func(where string, got plugin.Digest) error
}

// Download streams the bytes of an address into a file, and gives their digest and
// number. After a broken connection it goes on where it broke off, if the server can say
// that the file is still the same, else it starts over. What the file holds after an
// error is of no use.
func (c *Client) Download(ctx context.Context, r Request) (plugin.Digest, int64, error) {
	if r.Progress == nil {
		r.Progress = func(int64, int64) {}
	}
	if r.Judge == nil {
		r.Judge = func(string, plugin.Digest) error { return nil }
	}
	d := &download{
		client: c, dst: r.To, max: r.Max, progress: r.Progress,
		hash: sha256.New(), total: -1, buf: make([]byte, bufferSize),
	}
	err := c.anywhere(ctx, r.URL, r.Want, func(t *target) error {
		if err := d.from(ctx, t); err != nil {
			return err
		}
		return r.Judge(t.where(), d.digest())
	})
	if err != nil {
		return "", 0, err
	}
	return d.digest(), d.size, nil
}

// download is the state that outlives an attempt.
type download struct {
	client   *Client
	target   *target
	dst      *os.File
	max      int64
	progress func(done, total int64)

	hash  hash.Hash // of the first size bytes of dst
	size  int64
	total int64 // -1 where it is not known
	buf   []byte

	validator string // for If-Range: a strong ETag or a date; "" where there is none
	etag      string
}

func (d *download) digest() plugin.Digest { return plugin.NewDigest(plugin.SHA256, d.hash.Sum(nil)) }

// from fetches everything from one place.
func (d *download) from(ctx context.Context, t *target) error {
	if err := d.restart(); err != nil {
		return err
	}
	d.target = t
	if t.path != "" {
		return d.local(ctx)
	}
	return d.client.retry(ctx, t, d.attempt)
}

// errNotTheRest leads to another attempt, from the start.
var errNotTheRest = errors.New("the server did not send the part asked for")

// attempt fetches what is still missing, and reports how far it came.
func (d *download) attempt(ctx context.Context) (int64, error) {
	// What a registry has by its digest is the same whatever it says of it.
	if d.size > 0 && d.validator == "" && d.target.oci == nil {
		if err := d.restart(); err != nil {
			return 0, err
		}
	}
	// Compressed on the way, the bytes would not be those that were hashed.
	header := http.Header{"Accept-Encoding": {"identity"}}
	if d.size > 0 {
		header.Set("Range", fmt.Sprintf("bytes=%d-", d.size))
		if d.validator != "" {
			header.Set("If-Range", d.validator)
		}
	}
	resp, err := d.client.get(ctx, d.target, header)
	if err != nil {
		err = d.afterError(err)
		return d.size, err
	}
	defer resp.Body.Close()
	if err := d.begin(resp); err != nil {
		return d.size, err
	}
	err = d.copy(resp.Body)
	return d.size, err
}

// afterError starts over where the server says that there is no such part.
func (d *download) afterError(err error) error {
	var status *StatusError
	if d.size == 0 || !errors.As(err, &status) || status.Code != http.StatusRequestedRangeNotSatisfiable {
		return err
	}
	return d.fromStart()
}

func (d *download) fromStart() error {
	if err := d.restart(); err != nil {
		return err
	}
	return &networkError{errNotTheRest}
}

// begin makes the state fit what the server is about to send.
func (d *download) begin(resp *http.Response) error {
	switch {
	case resp.StatusCode == http.StatusPartialContent && d.size > 0:
		if !d.continues(resp.Header) {
			return d.fromStart()
		}
	case resp.StatusCode == http.StatusOK:
		if err := d.restart(); err != nil {
			return err
		}
		d.total = resp.ContentLength
		d.etag = resp.Header.Get("ETag")
		d.validator = validator(resp.Header)
	default:
		return d.target.status(resp)
	}
	if d.total > d.max {
		return TooLarge(d.max)
	}
	d.progress(d.size, d.total)
	return nil
}

// continues reports whether a partial answer is the rest of the same file.
func (d *download) continues(h http.Header) bool {
	if etag := h.Get("ETag"); etag != "" && d.etag != "" && etag != d.etag {
		return false
	}
	start, total, ok := contentRange(h.Get("Content-Range"))
	if !ok || start != d.size || d.total >= 0 && total >= 0 && total != d.total {
		return false
	}
	if d.total < 0 {
		d.total = total
	}
	return true
}

// copy writes and hashes a body up to its end, which must be the announced one.
func (d *download) copy(r io.Reader) error {
	for {
		n, err := r.Read(d.buf)
		if werr := d.write(d.buf[:n]); werr != nil {
			return werr
		}
		var idle *IdleError
		switch {
		case err == io.EOF && d.size < d.total:
			return &networkError{&brokenError{got: d.size, total: d.total, err: io.ErrUnexpectedEOF}}
		case err == io.EOF:
			return nil
		case errors.As(err, &idle):
			return err
		case err != nil:
			return &networkError{&brokenError{got: d.size, total: d.total, err: err}}
		}
	}
}

func (d *download) write(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	end := d.size + int64(len(p))
	if end > d.max {
		return TooLarge(d.max)
	}
	if d.total >= 0 && end > d.total {
		return &plugin.RefusedError{Rule: "it is longer than the " + plugin.Size(d.total) + " announced"}
	}
	if _, err := d.dst.Write(p); err != nil {
		return &WriteError{err}
	}
	d.hash.Write(p)
	d.size = end
	d.progress(d.size, d.total)
	return nil
}

func (d *download) restart() error {
	if d.size == 0 {
		return nil
	}
	if err := d.dst.Truncate(0); err != nil {
		return &WriteError{err}
	}
	if _, err := d.dst.Seek(0, io.SeekStart); err != nil {
		return &WriteError{err}
	}
	d.hash.Reset()
	d.size, d.total = 0, -1
	d.etag, d.validator = "", ""
	return nil
}

// validator is what If-Range may hold: a weak ETag does not promise equal bytes.
func validator(h http.Header) string {
	if etag := h.Get("ETag"); strings.HasPrefix(etag, `"`) {
		return etag
	}
	return h.Get("Last-Modified")
}

// contentRange reads "bytes START-END/TOTAL"; TOTAL may be "*", which is -1.
func contentRange(s string) (start, total int64, ok bool) {
	s, ok = strings.CutPrefix(s, "bytes ")
	part, all, slash := strings.Cut(s, "/")
	from, _, dash := strings.Cut(part, "-")
	start, err := strconv.ParseInt(from, 10, 64)
	if !ok || !slash || !dash || err != nil {
		return 0, 0, false
	}
	if all == "*" {
		return start, -1, true
	}
	total, err = strconv.ParseInt(all, 10, 64)
	return start, total, err == nil
}
