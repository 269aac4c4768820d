package fetch

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/plugins-hcl/plugins/plugin"
)

// RoundTripper sends the requests of a library as documents are fetched: through
// mirrors, with what is known of who asks, not offline. It follows redirects itself, and
// tries again what may be mended by that. Of the answers that say no, only those that
// are there to stay come back as answers.
func (c *Client) RoundTripper() http.RoundTripper { return roundTripper{c} }

type roundTripper struct{ client *Client }

func (r roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	c := r.client
	t := c.locate(req.URL.String())[0]
	if t.err != nil {
		return nil, c.explain(t, t.err)
	}
	if t.url == nil {
		return nil, fmt.Errorf("%s: %w", t.where(), errScheme)
	}
	if t.url.Scheme != "https" && !IsLoopback(t.url.Host) && req.Header.Get("Authorization") != "" {
		return nil, fmt.Errorf("%s: %w", t.where(), ErrInsecure)
	}
	resp, err := r.send(req.Context(), t, req)
	if err != nil {
		return nil, c.explain(t, err)
	}
	resp.Request = req
	return resp, nil
}

func (r roundTripper) send(ctx context.Context, t *target, req *http.Request) (resp *http.Response, err error) {
	a := ask{method: req.Method, header: req.Header, length: req.ContentLength, judged: true}
	if a.header == nil {
		a.header = http.Header{}
	}
	if req.Body != nil && req.Body != http.NoBody {
		a.body = once(req)
	}
	attempt := func(ctx context.Context) (int64, error) {
		if resp, err = r.client.follow(ctx, t, a); err != nil {
			return 0, err
		}
		if resp.StatusCode == http.StatusRequestTimeout || resp.StatusCode >= http.StatusInternalServerError {
			defer resp.Body.Close()
			return 0, t.status(resp)
		}
		return 0, nil
	}
	if a.body != nil && req.GetBody == nil {
		_, err = attempt(ctx) // what was sent is gone
	} else {
		err = r.client.retry(ctx, t, attempt)
	}
	return resp, err
}

// once gives the body of a request, and where it can be had again, again.
func once(req *http.Request) func() (io.ReadCloser, error) {
	used := false
	return func() (io.ReadCloser, error) {
		switch {
		case !used:
			used = true
			return req.Body, nil
		case req.GetBody != nil:
			return req.GetBody()
		}
		return nil, fmt.Errorf("%s wants what it was sent once more, and it is gone", plugin.RedactURL(req.URL.String()))
	}
}
