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
// are there to stay come back as answers. What is kept from an earlier run is sent for
// only if it has changed.
func (c *Client) RoundTripper() http.RoundTripper {
	keeping := *c
	keeping.transport = Conditional(c.transport, c.documents)
	return roundTripper{&keeping}
}

type roundTripper struct{ client *Client }

func (r roundTripper) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	a := ask{method: req.Method, header: req.Header, length: req.ContentLength, judged: true}
	if a.header == nil {
		a.header = http.Header{}
	}
	if req.Body != nil && req.Body != http.NoBody {
		a.body = once(req)
	}
	err = r.client.anywhere(req.Context(), req.URL.String(), "", func(t *target) error {
		if t.url == nil {
			return errScheme
		}
		if t.url.Scheme != "https" && !IsLoopback(t.url.Host) && req.Header.Get("Authorization") != "" {
			return ErrInsecure
		}
		attempt := func(ctx context.Context) (_ int64, err error) {
			resp, err = r.attempt(ctx, t, a)
			return 0, err
		}
		if a.body != nil && req.GetBody == nil {
			_, err := attempt(req.Context()) // what was sent is gone
			return err
		}
		return r.client.retry(req.Context(), t, attempt)
	})
	if err != nil {
		return nil, err
	}
	resp.Request = req
	return resp, nil
}

// attempt makes an error of what another attempt, or another place, may mend.
func (r roundTripper) attempt(ctx context.Context, t *target, a ask) (*http.Response, error) {
	resp, err := r.client.follow(ctx, t, a)
	if err != nil {
		return nil, err
	}
	code := resp.StatusCode
	if code == http.StatusRequestTimeout || code >= http.StatusInternalServerError || t.more && code >= http.StatusBadRequest {
		defer resp.Body.Close()
		return nil, t.status(resp)
	}
	return resp, nil
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
