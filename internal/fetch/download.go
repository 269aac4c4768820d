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

	"github.com/plugins-hcl/plugins/plugin"
)

// bufferSize is one read from the network and one write to the disk.
const bufferSize = 128 << 10

// Request says what to download, and whereto.
type Request struct {
	URL  string
	Want plugin.Digest // where it is known; mirrors of packages by digest are asked first
	To   *os.File      // open for writing; empty, or what Part says
	Max  int64         // bytes

	// Progress may be nil; a total of -1 is not known.
	Progress func(done, total int64)

	// Judge says what is wrong with all that came from somewhere, which the next place may
	// mend. Nil takes everything.
	Judge func(where string, got plugin.Digest) error

	// Part is what Keep was told of To in an earlier run, which broke off. To must be open
	// for reading, too.
	Part Part
	// Keep may be nil. It is told what a later run needs to go on with what To holds from
	// now on; with a zero Part, none can.
	Keep func(Part)
}

// Download streams the bytes of an address into a file, and gives their digest and
// number. After a broken connection, and where an earlier run broke off, it goes on, if
// the server can say that the file is still the same, else it starts over. After an error,
// the file is of no use but for the Part that Keep was told last.
func (c *Client) Download(ctx context.Context, r Request) (plugin.Digest, int64, error) {
	d := newDownload(c, r)
	if err := d.goOn(r.Part); err != nil {
		return "", 0, fmt.Errorf("%s: %w", c.Where(r.URL), err)
	}
	if err := c.anywhere(ctx, r.URL, r.Want, func(t *target) error { return d.from(ctx, t) }); err != nil {
		return "", 0, err
	}
	return d.digest(), d.size, nil
}

// download is the state that outlives an attempt.
type download struct {
	Request
	client *Client
	target *target

	hash   hash.Hash // of the first size bytes of To
	size   int64
	buf    []byte
	joined bool // they came in more than one answer

	part Part // of which those bytes are; Total is known without a validator, too
	etag string
}

func newDownload(c *Client, r Request) *download {
	if r.Progress == nil {
		r.Progress = func(int64, int64) {}
	}
	if r.Judge == nil {
		r.Judge = func(string, plugin.Digest) error { return nil }
	}
	if r.Keep == nil {
		r.Keep = func(Part) {}
	}
	return &download{Request: r, client: c, hash: sha256.New(), buf: make([]byte, bufferSize), part: nothing}
}

func (d *download) digest() plugin.Digest { return plugin.NewDigest(plugin.SHA256, d.hash.Sum(nil)) }

// from fetches everything from one place. Where parts were joined and the whole is wrong,
// perhaps they do not belong together: before it is refused, it is fetched anew.
func (d *download) from(ctx context.Context, t *target) error {
	d.target = t
	for again := false; ; again = true {
		err := d.fetch(ctx)
		if err != nil {
			return err
		}
		err = d.Judge(t.where(), d.digest())
		if err == nil || again || !d.joined {
			return err
		}
		if err := d.restart(); err != nil {
			return err
		}
	}
}

func (d *download) fetch(ctx context.Context) error {
	if d.target.path == "" {
		return d.client.retry(ctx, d.target, d.attempt)
	}
	if err := d.restart(); err != nil {
		return err
	}
	return d.local(ctx)
}

// errNotTheRest leads to another attempt, from the start.
var errNotTheRest = errors.New("the server did not send the part asked for")

// attempt fetches what is still missing, and reports how far it came.
func (d *download) attempt(ctx context.Context) (int64, error) {
	// Compressed on the way, the bytes would not be those that were hashed.
	header := http.Header{"Accept-Encoding": {"identity"}}
	rest := d.size > 0 && d.part.Validator != "" && d.part.From == d.target.id()
	if rest {
		header.Set("Range", fmt.Sprintf("bytes=%d-", d.size))
		if d.part.Validator != byAddress {
			header.Set("If-Range", d.part.Validator)
		}
	}
	resp, err := d.client.get(ctx, d.target, header)
	if err != nil {
		err = d.afterError(rest, err)
		return d.reached(), err
	}
	defer resp.Body.Close()
	if err := d.begin(rest, resp); err != nil {
		return d.reached(), err
	}
	err = d.copy(resp.Body)
	return d.reached(), err
}

// reached is how much there is of what the target has: an earlier place may have left more.
func (d *download) reached() int64 {
	if d.part.From != d.target.id() {
		return 0
	}
	return d.size
}

// afterError starts over where the server says that there is no such part.
func (d *download) afterError(rest bool, err error) error {
	var status *StatusError
	if !rest || !errors.As(err, &status) || status.Code != http.StatusRequestedRangeNotSatisfiable {
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
func (d *download) begin(rest bool, resp *http.Response) error {
	switch {
	case resp.StatusCode == http.StatusPartialContent && rest:
		if !d.continues(resp.Header) {
			return d.fromStart()
		}
		d.joined = true
	case resp.StatusCode == http.StatusOK:
		if err := d.restart(); err != nil {
			return err
		}
		d.etag = resp.Header.Get("ETag")
		d.part = Part{From: d.target.id(), Validator: d.target.validator(resp.Header), Total: resp.ContentLength}
		if d.part.Validator != "" {
			d.Keep(d.part)
		}
	default:
		return d.target.status(resp)
	}
	if d.part.Total > d.Max {
		return TooLarge(d.Max)
	}
	d.Progress(d.size, d.part.Total)
	return nil
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
		case err == io.EOF && d.size < d.part.Total:
			return &networkError{&brokenError{got: d.size, total: d.part.Total, err: io.ErrUnexpectedEOF}}
		case err == io.EOF:
			return nil
		case errors.As(err, &idle):
			return err
		case err != nil:
			return &networkError{&brokenError{got: d.size, total: d.part.Total, err: err}}
		}
	}
}

func (d *download) write(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	end := d.size + int64(len(p))
	if end > d.Max {
		return TooLarge(d.Max)
	}
	if d.part.Total >= 0 && end > d.part.Total {
		return &plugin.RefusedError{Rule: "it is longer than the " + plugin.Size(d.part.Total) + " announced"}
	}
	if _, err := d.To.Write(p); err != nil {
		return &WriteError{err}
	}
	d.hash.Write(p)
	d.size = end
	d.Progress(d.size, d.part.Total)
	return nil
}
