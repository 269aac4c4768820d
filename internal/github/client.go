package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

// Client asks the API. It may be used by several goroutines at once; what was answered
// once it does not ask for again.
type Client struct {
	transport http.RoundTripper
	observe   plugin.Observer

	mu       sync.Mutex
	releases map[string]func() ([]Release, error) // by address
	release  map[string]func() (*Release, error)
}

// New makes a client whose requests are sent by transport, which is to follow redirects.
// observe is told what takes time.
func New(transport http.RoundTripper, observe plugin.Observer) *Client {
	return &Client{
		transport: transport, observe: observe,
		releases: map[string]func() ([]Release, error){}, release: map[string]func() (*Release, error){},
	}
}

// once is what f gives for key, asked for once.
func once[T any](mu *sync.Mutex, all map[string]func() (T, error), key string, f func() (T, error)) (T, error) {
	mu.Lock()
	do, ok := all[key]
	if !ok {
		do = sync.OnceValues(f)
		all[key] = do
	}
	mu.Unlock()
	return do()
}

const (
	// version is that of the API.
	version = "2022-11-28"

	// attempts bounds how often it is asked again when it was asked too much at a time.
	attempts = 3

	// patience is how long it is waited for then: GitHub mostly says a minute.
	patience = time.Minute
)

// get asks for a document of at most max bytes, and reads it into v.
func (c *Client) get(ctx context.Context, address string, max int64, v any) (http.Header, error) {
	for n := 1; ; n++ {
		header, err := c.try(ctx, address, max, v)
		var limit *RateLimitError
		var broken *brokenError
		switch {
		case n == attempts:
			return header, err
		case errors.As(err, &broken) && ctx.Err() == nil:
			continue
		case !errors.As(err, &limit), limit.Limit > 0, limit.Wait > patience:
			return header, err
		}
		c.observe.Tell(plugin.WarningEvent{Message: fmt.Sprintf("%s was asked too much at a time; going on in %s", limit.Host, shortly(limit.Wait))})
		if err := sleep(ctx, limit.Wait); err != nil {
			return nil, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (c *Client) try(ctx context.Context, address string, max int64, v any) (http.Header, error) {
	shown, _, _ := strings.Cut(plugin.RedactURL(address), "?") // which page it is helps nobody
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("X-GitHub-Api-Version", version)
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		if err := limited(req.URL.Host, resp); err != nil {
			return nil, err
		}
		return nil, &StatusError{URL: shown, Code: resp.StatusCode}
	}
	data, err := plugin.ReadAtMost(resp.Body, max)
	var large *plugin.TooLargeError
	switch {
	case errors.As(err, &large):
		return nil, &AnswerError{URL: shown, Err: fmt.Errorf("%w; %s", large, plugin.RaiseSize("document", max))}
	case err != nil:
		return nil, &brokenError{URL: shown, Err: err}
	}
	if err := plugin.DecodeJSON(data, v); err != nil {
		if bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
			err = errors.New("it is a page for people, not JSON")
		}
		return nil, &AnswerError{URL: shown, Err: err}
	}
	return resp.Header, nil
}

// limited is the error for an answer that says that there were too many requests; nil
// if it does not say so.
// Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
func limited(host string, resp *http.Response) error {
	if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusTooManyRequests {
		return nil
	}
	now := time.Now()
	number := func(header string) (int64, bool) {
		n, err := strconv.ParseInt(resp.Header.Get(header), 10, 64)
		return n, err == nil
	}
	remaining, counted := number("X-RateLimit-Remaining")
	reset, ends := number("X-RateLimit-Reset")
	if after, ok := number("Retry-After"); ok && after >= 0 && after < 1<<31 {
		wait := time.Duration(after) * time.Second
		return &RateLimitError{Host: host, Until: now.Add(wait), Wait: wait}
	}
	if limit, ok := number("X-RateLimit-Limit"); ok && counted && remaining == 0 && ends && reset >= 0 && reset < 1<<40 {
		until := time.Unix(reset, 0)
		return &RateLimitError{Host: host, Limit: int(max(limit, 1)), Until: until, Wait: until.Sub(now)}
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	if resp.StatusCode == http.StatusTooManyRequests || bytes.Contains(text, []byte("secondary rate limit")) {
		return &RateLimitError{Host: host, Until: now.Add(patience), Wait: patience}
	}
	return nil
}

// lastPage is the number of the last page of a list, by the Link header of one; 0 where
// that is not told. There may be more all the same.
// Source: https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
func lastPage(header http.Header) (last int, more bool) {
	for _, link := range links(header) {
		switch u, err := url.Parse(link.address); {
		case err != nil:
		case link.rel == "last":
			last, _ = strconv.Atoi(u.Query().Get("page"))
		case link.rel == "next":
			more = true
		}
	}
	return last, more
}
