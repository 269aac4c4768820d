package github

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestParseDownload(t *testing.T) {
	t.Parallel()
	hosts := Hosts([]plugin.GitHub{{Host: "ghe.example:8443"}})
	for address, want := range map[string]string{
		"https://github.com/acme/x/releases/download/v1.0.0/a.tar.gz":         "github.com/acme/x v1.0.0 a.tar.gz",
		"https://GitHub.com/acme/x/releases/download/x%2Fv1.0.0/a%2Bb.tar.gz": "github.com/acme/x x/v1.0.0 a+b.tar.gz",
		"https://ghe.example:8443/acme/x/releases/download/v1/a":              "ghe.example:8443/acme/x v1 a",
		"https://ghe.example/acme/x/releases/download/v1/a":                   "",
		"https://github.com.evil.example/acme/x/releases/download/v1/a":       "",
		"https://github.com/acme/x/releases/download/v1/a?x=y":                "",
		"https://github.com/acme/x/releases/download/v1/a/b":                  "",
		"https://github.com/acme/x/releases/download/v1/":                     "",
		"https://github.com/acme/x/raw/download/v1/a":                         "",
		"https://github.com/acme/x/releases/download/v1":                      "",
		"file:///acme/x/releases/download/v1/a":                               "",
		"/acme/x/releases/download/v1/a":                                      "",
		"::":                                                                  "",
	} {
		got := ""
		if d, ok := ParseDownload(hosts, address); ok {
			got = d.Repository.String() + " " + d.Tag + " " + d.Asset
		}
		if got != want {
			t.Errorf("ParseDownload(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]struct {
		last int
		more bool
	}{
		"": {},
		`<https://api.github.com/x?per_page=100&page=2>; rel="next", <https://api.github.com/x?per_page=100&page=7>; rel="last"`: {7, true},
		`<https://api.github.com/x?page=1>; rel="prev", <https://api.github.com/x?page=1>; rel="first"`:                          {},
		`<https://api.github.com/x?page=2>; rel=next`:                                                                            {0, true},
		`<https://api.github.com/x?page=x>; rel="last"`:                                                                          {},
		`<, >; rel="next"`: {}, `<a>`: {}, `rel="last"`: {}, `<%zz>; rel="last"`: {},
	} {
		last, more := lastPage(http.Header{"Link": {header}})
		if last != want.last || more != want.more {
			t.Errorf("lastPage(%s) = %d, %v", header, last, more)
		}
	}
}

// Which answers say that there were too many requests, and for how long.
func TestLimited(t *testing.T) {
	t.Parallel()
	reset := strconv.FormatInt(time.Now().Add(10*time.Minute).Unix(), 10)
	for name, test := range map[string]struct {
		status    int
		header    map[string]string
		body      string
		limit     int
		wait      time.Duration // about
		unlimited bool
	}{
		"the limit":        {403, map[string]string{"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, "", 60, 10 * time.Minute, false},
		"the limit, 429":   {429, map[string]string{"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, "", 5000, 10 * time.Minute, false},
		"forbidden":        {403, map[string]string{"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "3", "X-RateLimit-Reset": reset}, "no", 0, 0, true},
		"retry after":      {403, map[string]string{"Retry-After": "30"}, "", 0, 30 * time.Second, false},
		"secondary":        {403, nil, `{"message": "You have exceeded a secondary rate limit."}`, 0, time.Minute, false},
		"429":              {429, nil, "", 0, time.Minute, false},
		"nonsense":         {403, map[string]string{"X-RateLimit-Limit": "x", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "-1", "Retry-After": "-7"}, "", 0, 0, true},
		"not found":        {404, map[string]string{"Retry-After": "30"}, "", 0, 0, true},
		"the end of times": {403, map[string]string{"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9223372036854775807"}, "", 0, 0, true},
	} {
		h := http.Header{}
		for k, v := range test.header {
			h.Set(k, v)
		}
		err := limited("api.github.com", &http.Response{StatusCode: test.status, Header: h, Body: io.NopCloser(strings.NewReader(test.body))})
		var limit *RateLimitError
		if !errors.As(err, &limit) {
			if !test.unlimited {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if test.unlimited || limit.Limit != test.limit || limit.Wait > test.wait || limit.Wait < test.wait-2*time.Second ||
			limit.Anonymous() != (test.limit == 60) {
			t.Errorf("%s: %+v", name, limit)
		}
	}
}

// answers gives these, one after the other, and the last for ever.
type answers struct {
	bodies []string
	asked  []string
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	n := min(len(a.asked), len(a.bodies)-1)
	a.asked = append(a.asked, r.URL.RequestURI())
	body, link, _ := strings.Cut(a.bodies[n], " LINK ")
	resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	if link != "" {
		resp.Header.Set("Link", link)
	}
	if body == "404" {
		resp.StatusCode = http.StatusNotFound
	}
	return resp, nil
}

// A list that tells only the next page is followed, but not for ever; what was listed
// once is not asked for again.
func TestNextPages(t *testing.T) {
	t.Parallel()
	repo := Repository{Host: plugin.GitHub{Host: "github.com"}, Owner: "acme", Name: "x"}
	const next = ` LINK <https://evil.example/?page=2>; rel="next"`
	a := &answers{bodies: []string{`[{"tag_name": "v1"}]` + next, `[{"tag_name": "v2"}]` + next, `[{"tag_name": "v3"}]`}}
	c := New(a, nil)
	for range 2 {
		all, err := c.Releases(t.Context(), repo, 1000)
		if err != nil || len(all) != 3 || all[2].Tag != "v3" {
			t.Fatalf("Releases = %v, %v", all, err)
		}
	}
	if got := strings.Join(a.asked, " "); got != "/repos/acme/x/releases?per_page=100 /repos/acme/x/releases?per_page=100&page=2 /repos/acme/x/releases?per_page=100&page=3" {
		t.Errorf("it was asked for %s", got)
	}
	var answer *AnswerError
	a = &answers{bodies: []string{`[]` + next}}
	if _, err := New(a, nil).Releases(t.Context(), repo, 1000); !errors.As(err, &answer) || len(a.asked) != maxPages {
		t.Errorf("Releases = %v after %d pages", err, len(a.asked))
	}
	a = &answers{bodies: []string{`["` + strings.Repeat("x", 1000) + `"]`}}
	if _, err := New(a, nil).Releases(t.Context(), repo, 1000); !errors.As(err, &answer) || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("Releases = %v", err)
	}
}

func TestAssetURL(t *testing.T) {
	t.Parallel()
	d := Download{Repository: Repository{Host: plugin.GitHub{Host: "ghe.example"}, Owner: "acme", Name: "x"}, Tag: "x/v1.0.0", Asset: "a.tar.gz"}
	a := &answers{bodies: []string{`{"tag_name": "x/v1.0.0", "assets": [{"id": 7, "name": "a.tar.gz", "url": "https://evil.example/"}]}`}}
	c := New(a, nil)
	if got, err := c.AssetURL(t.Context(), d); err != nil || got != "https://ghe.example/api/v3/repos/acme/x/releases/assets/7" {
		t.Errorf("AssetURL = %s, %v", got, err)
	}
	d.Asset = "b.tar.gz"
	if _, err := c.AssetURL(t.Context(), d); !errors.Is(err, fs.ErrNotExist) || len(a.asked) != 1 || a.asked[0] != "/api/v3/repos/acme/x/releases/tags/x%2Fv1.0.0" {
		t.Errorf("AssetURL = %v, asked for %v", err, a.asked)
	}
	if _, err := New(&answers{bodies: []string{"404"}}, nil).AssetURL(t.Context(), d); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("AssetURL = %v", err)
	}
}
