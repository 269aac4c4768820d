package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/github"
	"github.com/plugins-hcl/plugins/plugin"
)

// gitHub is a plugin whose versions are the releases of a repository at GitHub, or at
// what speaks like it.
type gitHub struct {
	set    *Set
	r      plugin.Requirement
	repo   github.Repository
	prefix string // of the tags that are meant, where the configuration says; "" where not
	limit  int64

	mu       sync.Mutex
	releases map[string]func() (*Release, error) // by version: their checksums are read once
}

func newGitHub(s *Set, r plugin.Requirement) (Source, error) {
	if s.Requests == nil {
		return nil, errNoRequests
	}
	text, err := r.Source.Locate(plugin.Version{}, plugin.AnyPlatform)
	if err != nil {
		return nil, err
	}
	repo, prefix, ok := github.Parse(github.Hosts(s.GitHub), text)
	if !ok {
		return nil, fmt.Errorf("%q is no repository of a GitHub host that is declared", text)
	}
	return &gitHub{
		set: s, r: r, repo: repo, prefix: prefix, limit: r.Limits.OrDefault().Document,
		releases: map[string]func() (*Release, error){},
	}, nil
}

// versioned is a release with the version that its tag says.
type versioned struct {
	github.Release
	version plugin.Version
}

// list is the releases that have a version and are meant, oldest version first.
func (g *gitHub) list(ctx context.Context) ([]versioned, error) {
	all, err := g.set.gitHub().Releases(ctx, g.repo, g.limit)
	if err != nil {
		return nil, g.explain(err)
	}
	var published []github.Release
	for _, r := range all {
		if !r.Draft {
			published = append(published, r)
		}
	}
	byPrefix := map[string][]versioned{}
	var tags []string
	for _, r := range published {
		tags = append(tags, r.Tag)
		if prefix, v, ok := splitTag(r.Tag); ok {
			byPrefix[prefix] = append(byPrefix[prefix], versioned{r, v})
		}
	}
	prefix, err := g.choosePrefix(byPrefix)
	if err != nil {
		return nil, err
	}
	list := byPrefix[prefix]
	if len(list) == 0 {
		return nil, &NoReleasesError{Repository: g.repo.String(), Tags: tags, Drafts: len(all) - len(published)}
	}
	slices.SortFunc(list, func(a, b versioned) int {
		// Of two tags for one version, "v1.2.0" and "1.2.0", the longer one.
		return cmp.Or(a.version.Compare(b.version), -cmp.Compare(len(a.Tag), len(b.Tag)), strings.Compare(a.Tag, b.Tag))
	})
	return slices.CompactFunc(list, func(a, b versioned) bool { return a.version.Equal(b.version) }), nil
}

func (g *gitHub) Candidates(ctx context.Context) ([]Candidate, error) {
	list, err := g.list(ctx)
	if err != nil {
		return nil, err
	}
	candidates := make([]Candidate, len(list))
	for i, r := range list {
		candidates[i] = Candidate{Version: r.version, Released: r.Published, Prerelease: r.Prerelease}
	}
	return candidates, nil
}

func (g *gitHub) Release(ctx context.Context, v plugin.Version) (*Release, error) {
	g.mu.Lock()
	do, ok := g.releases[v.String()]
	if !ok {
		do = sync.OnceValues(func() (*Release, error) { return g.release(ctx, v) })
		g.releases[v.String()] = do
	}
	g.mu.Unlock()
	return do()
}

func (g *gitHub) release(ctx context.Context, v plugin.Version) (*Release, error) {
	list, err := g.list(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(r versioned) bool { return r.version.Equal(v) })
	if i < 0 {
		return nil, &NoReleaseError{Repository: g.repo.String(), Version: v}
	}
	r := list[i]
	assets, err := g.assets(r.Release)
	if err != nil {
		return nil, err
	}
	out := &Release{Version: v, Names: g.names(r.Tag), DigestsBy: map[string]string{}, Notes: r.Notes}
	if out.Packages, out.Others, err = g.packages(r, assets); err != nil {
		return nil, err
	}
	if err := g.findDigests(ctx, out, r.Release, assets); err != nil {
		return nil, err
	}
	return out, nil
}

// names are those that its plugin.json may have: the repository's, and the one that the
// tag starts with.
func (g *gitHub) names(tag string) []string {
	names := []string{g.repo.Name}
	if prefix, _, ok := splitTag(tag); ok && prefix != "" {
		names = append(names, path.Base(prefix))
	}
	return names
}

// explain makes the errors of the API those of every source.
func (g *gitHub) explain(err error) error {
	var status *github.StatusError
	if !errors.As(err, &status) {
		return err
	}
	sent := g.set.Requests.Authorizes(g.repo.Host.API())
	if errors.Is(err, fs.ErrNotExist) {
		return &UnknownRepositoryError{Repository: g.repo.String(), TokenSent: sent, Err: err}
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(status.URL, "https://"), "http://"), "/")
	return &access.StatusError{URL: status.URL, Code: status.Code, Host: host, TokenSent: sent}
}
