package github

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Release is a release, as far as it is of use here.
type Release struct {
	Tag        string    `json:"tag_name"`
	Draft      bool      `json:"draft"`
	Prerelease bool      `json:"prerelease"`
	Published  time.Time `json:"published_at"`
	Notes      string    `json:"html_url"` // where people read of it
	Assets     []Asset   `json:"assets"`
}

// Asset is a file of a release.
type Asset struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	State  string `json:"state"`
	Digest string `json:"digest"` // "sha256:…"; "" where nobody computed it
	URL    string `json:"browser_download_url"`
}

// Uploaded reports whether it is there as a whole.
func (a Asset) Uploaded() bool { return a.State == "" || a.State == "uploaded" }

const (
	perPage  = 100 // the most that the API gives
	maxPages = 100
	parallel = 4 // pages asked for at once: more is what GitHub calls abuse
)

var errEndless = fmt.Errorf("there are more than %d pages of releases", maxPages)

// Releases are all of a repository, in the order of the API; max bounds a page of the
// list, in bytes.
func (c *Client) Releases(ctx context.Context, r Repository, max int64) ([]Release, error) {
	address := r.api("/releases")
	return once(&c.mu, c.releases, address, func() ([]Release, error) { return c.list(ctx, address, max) })
}

func (c *Client) list(ctx context.Context, address string, max int64) ([]Release, error) {
	page := func(ctx context.Context, n int) (releases []Release, h http.Header, err error) {
		at := fmt.Sprintf("%s?per_page=%d", address, perPage)
		if n > 1 {
			at += fmt.Sprintf("&page=%d", n)
		}
		h, err = c.get(ctx, at, max, &releases)
		return releases, h, err
	}
	all, header, err := page(ctx, 1)
	if err != nil {
		return nil, err
	}
	last, more := lastPage(header)
	if last > maxPages {
		return nil, &AnswerError{URL: address, Err: errEndless}
	}
	if last > 1 {
		pages := make([][]Release, last+1)
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(parallel)
		for n := 2; n <= last; n++ {
			g.Go(func() (err error) {
				pages[n], _, err = page(ctx, n)
				return err
			})
		}
		err := g.Wait()
		for _, p := range pages {
			all = append(all, p...)
		}
		return all, err
	}
	for n := 2; more; n++ {
		if n > maxPages {
			return nil, &AnswerError{URL: address, Err: errEndless}
		}
		releases, header, err := page(ctx, n)
		if err != nil {
			return nil, err
		}
		all = append(all, releases...)
		_, more = lastPage(header)
	}
	return all, nil
}

// maxRelease bounds what the API says of one release, in bytes.
const maxRelease = 16 << 20

// AssetURL is the address at which the API gives a file of a release, to who asks for
// application/octet-stream; what is not there is fs.ErrNotExist.
func (c *Client) AssetURL(ctx context.Context, d Download) (string, error) {
	address := d.Repository.ReleaseURL(d.Tag)
	release, err := once(&c.mu, c.release, address, func() (*Release, error) {
		var release Release
		_, err := c.get(ctx, address, maxRelease, &release)
		return &release, err
	})
	if err != nil {
		return "", err
	}
	for _, a := range release.Assets {
		if a.Name == d.Asset {
			return d.Repository.api(fmt.Sprintf("/releases/assets/%d", a.ID)), nil
		}
	}
	return "", fmt.Errorf("%s: it lists no %q: %w", address, d.Asset, fs.ErrNotExist)
}

type link struct{ address, rel string }

// links reads the Link header (RFC 8288), as far as GitHub uses it:
// <https://…?page=2>; rel="next", <https://…?page=5>; rel="last".
func links(h http.Header) []link {
	var all []link
	for _, part := range strings.Split(strings.Join(h.Values("Link"), ","), ",") {
		address, parameters, ok := strings.Cut(part, ">")
		address, open := strings.CutPrefix(strings.TrimSpace(address), "<")
		if !ok || !open {
			continue
		}
		for _, p := range strings.Split(parameters, ";") {
			if rel, ok := strings.CutPrefix(strings.TrimSpace(p), "rel="); ok {
				all = append(all, link{address, strings.Trim(rel, `"`)})
			}
		}
	}
	return all
}
