package scripttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// gitHub answers as GitHub does: with its API below /api/v3, and with the files of
// releases, which it redirects to a storage that wants no token.
type gitHub struct {
	web     string // what addresses of files start with: "https://github.com"
	self    string // the URL of its server
	storage *server

	mu        sync.Mutex
	repos     map[string]*repository
	tokens    map[string][]string // the private repositories that each lets in
	files     map[string][]byte   // of the storage, by path
	ids       int
	remaining int           // of the requests that the limit allows; below zero: there is none
	reset     time.Duration // until it is lifted
}

type repository struct {
	private  bool
	releases []*ghRelease // the newest first
}

type ghRelease struct {
	tag               string
	draft, prerelease bool
	published         string
	assets            []*ghAsset
}

type ghAsset struct {
	id                int
	name, digest, url string
	data              []byte
}

func newGitHub() *gitHub {
	g := &gitHub{repos: map[string]*repository{}, tokens: map[string][]string{}, files: map[string][]byte{}, remaining: -1}
	g.storage = newServer("", false)
	g.storage.answers(http.HandlerFunc(g.store))
	return g
}

// ServeHTTP answers a request to the API or for a file of a release.
func (g *gitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	for i := range path {
		path[i], _ = url.PathUnescape(path[i])
	}
	switch {
	case len(path) >= 6 && path[0] == "api" && path[2] == "repos" && path[5] == "releases":
		g.api(w, r, path[3]+"/"+path[4], path[6:])
	case len(path) == 6 && path[2] == "releases" && path[3] == "download":
		g.download(w, r, path[0]+"/"+path[1], path[4], path[5])
	default:
		http.NotFound(w, r)
	}
}

// download is what browsers ask for: a private file they get for a cookie, not a token.
func (g *gitHub) download(w http.ResponseWriter, r *http.Request, repo, tag, name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a := g.asset(repo, func(rel *ghRelease, a *ghAsset) bool { return rel.tag == tag && a.name == name && !rel.draft }); a != nil && !g.repos[repo].private {
		g.redirect(w, r, a)
		return
	}
	http.NotFound(w, r)
}

func (g *gitHub) redirect(w http.ResponseWriter, r *http.Request, a *ghAsset) {
	path := fmt.Sprintf("/%d", a.id)
	g.files[path] = a.data
	// Under a name of its own: a .netrc tells hosts apart by that, not by their ports.
	host := strings.Replace(g.storage.http.URL, "127.0.0.1", "localhost", 1)
	http.Redirect(w, r, host+path+"?sig=s1gn3d", http.StatusFound)
}

// store serves the files themselves; two ways to say who asks are one too many to it.
func (g *gitHub) store(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	data, ok := g.files[r.URL.Path]
	g.mu.Unlock()
	switch {
	case r.Header.Get("Authorization") != "":
		http.Error(w, "only one auth mechanism allowed", http.StatusBadRequest)
	case !ok || r.URL.RawQuery != "sig=s1gn3d":
		http.Error(w, "not signed", http.StatusForbidden)
	default:
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(data)
	}
}

func (g *gitHub) asset(repo string, is func(*ghRelease, *ghAsset) bool) *ghAsset {
	if g.repos[repo] == nil {
		return nil
	}
	for _, rel := range g.repos[repo].releases {
		for _, a := range rel.assets {
			if is(rel, a) {
				return a
			}
		}
	}
	return nil
}

func (g *gitHub) api(w http.ResponseWriter, r *http.Request, repo string, path []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if _, password, ok := r.BasicAuth(); ok {
		token = password
	}
	letIn, known := g.tokens[token]
	there := g.repos[repo]
	switch {
	case token != "" && !known:
		g.refuse(w, http.StatusUnauthorized, "Bad credentials")
		return
	case g.remaining == 0 && r.Header.Get("If-None-Match") == "":
		g.limits(w)
		g.refuse(w, http.StatusForbidden, "API rate limit exceeded")
		return
	case there == nil || there.private && !slices.Contains(letIn, repo):
		g.refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	switch {
	case len(path) == 0:
		g.list(w, r, repo, there)
		return
	case len(path) == 2 && path[0] == "tags":
		for _, rel := range there.releases {
			if rel.tag == path[1] && !rel.draft {
				g.answer(w, r, g.release(repo, rel))
				return
			}
		}
	case len(path) == 2 && path[0] == "assets" && r.Header.Get("Accept") == "application/octet-stream":
		if a := g.asset(repo, func(_ *ghRelease, a *ghAsset) bool { return strconv.Itoa(a.id) == path[1] }); a != nil {
			g.redirect(w, r, a)
			return
		}
	}
	g.refuse(w, http.StatusNotFound, "Not Found")
}

func (g *gitHub) refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
}

// list is one page, with where the others are in its header.
func (g *gitHub) list(w http.ResponseWriter, r *http.Request, repo string, there *repository) {
	number := func(key string, otherwise int) int {
		n, err := strconv.Atoi(r.URL.Query().Get(key))
		if err != nil || n < 1 {
			return otherwise
		}
		return n
	}
	per, page := min(number("per_page", 30), 100), number("page", 1)
	last := max((len(there.releases)+per-1)/per, 1)
	out := []map[string]any{}
	for i := (page - 1) * per; i < min(page*per, len(there.releases)); i++ {
		out = append(out, g.release(repo, there.releases[i]))
	}
	if page < last {
		at := func(n int) string { return fmt.Sprintf("%s%s?per_page=%d&page=%d", g.self, r.URL.Path, per, n) }
		w.Header().Set("Link", fmt.Sprintf(`<%s>; rel="next", <%s>; rel="last"`, at(page+1), at(last)))
	}
	g.answer(w, r, out)
}

func (g *gitHub) release(repo string, rel *ghRelease) map[string]any {
	assets := []map[string]any{}
	for _, a := range rel.assets {
		at := a.url
		if at == "" {
			at = g.web + "/" + repo + "/releases/download/" + url.PathEscape(rel.tag) + "/" + url.PathEscape(a.name)
		}
		asset := map[string]any{
			"id": a.id, "name": a.name, "state": "uploaded", "size": len(a.data), "content_type": "application/gzip",
			"url": fmt.Sprintf("%s/api/v3/repos/%s/releases/assets/%d", g.self, repo, a.id), "browser_download_url": at, "digest": nil,
		}
		if a.digest != "" {
			asset["digest"] = a.digest
		}
		assets = append(assets, asset)
	}
	return map[string]any{
		"tag_name": rel.tag, "name": rel.tag, "draft": rel.draft, "prerelease": rel.prerelease, "published_at": rel.published,
		"html_url": g.web + "/" + repo + "/releases/tag/" + url.PathEscape(rel.tag), "assets": assets, "body": "What is new.",
	}
}

// answer sends a document, unless who asks has it. Only what is sent counts.
func (g *gitHub) answer(w http.ResponseWriter, r *http.Request, document any) {
	data, err := json.Marshal(document)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	etag := `W/"` + hexDigest(data) + `"`
	w.Header().Set("ETag", etag)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if r.Header.Get("If-None-Match") == etag {
		g.limits(w)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if g.remaining == 0 {
		g.limits(w)
		g.refuse(w, http.StatusForbidden, "API rate limit exceeded")
		return
	}
	if g.remaining > 0 {
		g.remaining--
	}
	g.limits(w)
	_, _ = w.Write(data)
}

func (g *gitHub) limits(w http.ResponseWriter) {
	if g.remaining < 0 {
		return
	}
	w.Header().Set("X-RateLimit-Limit", "60")
	w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(g.remaining))
	w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(g.reset).Unix(), 10))
}
