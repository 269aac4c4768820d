package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

const maxRedirects = 10

// hop is one step of a chain of redirects.
type hop struct {
	url   *url.URL
	user  *url.Userinfo // from the address asked for, while on its host
	asked bool          // on the host that was asked for
}

// ask is what is asked of a server.
type ask struct {
	method string // "": GET
	header http.Header
	body   func() (io.ReadCloser, error) // nil: none. Asked for again after a redirect
	length int64
	judged bool // answers with a status of 400 and more are the caller's to judge, not errors

	challenged bool // the host that is asked is told who asks only as it wants, by the caller
}

// get asks for what t addresses. Answers with a status of 400 and more are errors.
func (c *Client) get(ctx context.Context, t *target, header http.Header) (*http.Response, error) {
	if t.oci != nil {
		return c.getOCI(ctx, t, header)
	}
	return c.follow(ctx, t, ask{header: header})
}

// follow sends one request and follows its redirects. Every step is a request of its
// own, so that nothing meant for one host can travel on to the next.
func (c *Client) follow(ctx context.Context, t *target, a ask) (*http.Response, error) {
	ctx, dog := watch(ctx, c.idle, &IdleError{URL: t.canonical, Mirror: t.mirror, Idle: c.idle})
	first := hop{url: t.url, user: t.url.User, asked: true}
	for h, n := first, 0; ; n++ {
		resp, err := c.send(ctx, dog, t, h, a)
		if err != nil {
			dog.end()
			return nil, err
		}
		next, ok := redirection(resp)
		if !ok {
			resp.Body = &body{ReadCloser: resp.Body, dog: dog}
			return resp, nil
		}
		dog.discard(resp)
		a.redirect(resp.StatusCode)
		if h, err = first.follow(h, next, n); err != nil {
			dog.end()
			return nil, err
		}
	}
}

func (c *Client) send(ctx context.Context, dog *watchdog, t *target, h hop, a ask) (*http.Response, error) {
	req, err := a.request(ctx, h)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.userAgent)
	if t.accept != "" {
		req.Header.Set("Accept", t.accept)
	}
	sent, withheld := req.Header.Get("Authorization") != "", false
	if !sent && !(a.challenged && h.asked) {
		if sent, withheld, err = c.authorize(req, h); err != nil {
			return nil, err
		}
	}
	leave, err := c.enter(ctx, a, req)
	if err != nil {
		return nil, err
	}
	dog.start()
	resp, err := c.transport.RoundTrip(req)
	dog.stop()
	if err != nil {
		leave()
		return nil, dog.cause(err)
	}
	resp.Body = &gated{ReadCloser: resp.Body, leave: leave}
	if resp.StatusCode >= http.StatusBadRequest && !a.judged {
		status := t.status(resp)
		status.TokenSent, status.withheld = sent, withheld
		dog.discard(resp)
		return nil, status
	}
	return resp, nil
}

// redirect makes a what is asked of the place that an answer with that status leads to
// (RFC 9110, 15.4).
func (a *ask) redirect(status int) {
	post := a.method == http.MethodPost && (status == http.StatusMovedPermanently || status == http.StatusFound)
	if post || status == http.StatusSeeOther && a.method != http.MethodHead {
		a.method, a.body, a.length = http.MethodGet, nil, 0
	}
}

// request is a, for one step. What its header says of who asks is for the host that was
// asked only.
func (a ask) request(ctx context.Context, h hop) (*http.Request, error) {
	u := *h.url
	u.User = nil
	req := &http.Request{Method: cmp.Or(a.method, http.MethodGet), URL: &u, Host: u.Host, Header: a.header.Clone()}
	if !h.asked {
		req.Header.Del("Authorization")
		req.Header.Del("Cookie")
	}
	if a.body != nil {
		body, err := a.body()
		if err != nil {
			return nil, err
		}
		req.Body, req.ContentLength = body, a.length
	}
	return req.WithContext(ctx), nil
}

// status is the error for an answer of no use. Its reason is not the server's
// text, which is nobody's to print.
func (t *target) status(resp *http.Response) *StatusError {
	e := &StatusError{URL: t.canonical, Mirror: t.mirror, Code: resp.StatusCode, Host: t.url.Host}
	if resp.Request != nil && resp.Request.URL != nil {
		e.Host = resp.Request.URL.Host
	}
	if e.wait = retryAfter(resp.Header.Get("Retry-After")); e.wait > 0 {
		e.RetryAt = time.Now().Add(e.wait)
	}
	return e
}

// redirection is where resp sends us, if it does.
func redirection(resp *http.Response) (string, bool) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		location := resp.Header.Get("Location")
		return location, location != ""
	}
	return "", false
}

// follow is the step after h, the n-th redirect counted from 0, or why it is not
// taken.
func (first hop) follow(h hop, location string, n int) (hop, error) {
	if n >= maxRedirects {
		return hop{}, fmt.Errorf("%w: there were more than %d", ErrRedirect, maxRedirects)
	}
	u, err := h.url.Parse(location)
	if err != nil {
		return hop{}, fmt.Errorf("%w: it leads to no valid address", ErrRedirect)
	}
	switch {
	case u.Scheme == "http" && h.url.Scheme == "https":
		return hop{}, fmt.Errorf("%w: it leads from https to http, to %s", ErrRedirect, plugin.RedactURL(u.String()))
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return hop{}, fmt.Errorf("%w: it leads to %s", ErrRedirect, plugin.RedactURL(u.String()))
	}
	if hostPort(u.Host, u.Scheme) == hostPort(first.url.Host, first.url.Scheme) {
		return hop{url: u, user: first.user, asked: true}, nil
	}
	return hop{url: u}, nil
}

// readAll reads at most max bytes.
func readAll(r io.Reader, max int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, max+1))
	if int64(len(data)) > max {
		return nil, TooLarge(max)
	}
	var idle *IdleError
	switch {
	case err == nil:
		return data, nil
	case errors.As(err, &idle):
		return nil, err
	}
	return nil, &networkError{&brokenError{got: int64(len(data)), total: -1, err: err}}
}
