package source

import (
	"context"
	"errors"
	"io"

	"golang.org/x/sync/semaphore"

	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/internal/staging"
	"github.com/plugins-hcl/plugins/internal/store"
	"github.com/plugins-hcl/plugins/plugin"
)

// AccessOptions says how to reach documents and packages.
type AccessOptions struct {
	// CacheDir keeps packages between runs; "" keeps them until Close only.
	CacheDir    string
	Mirrors     []Mirror
	Credentials []Credential
	Netrc       string // path of a .netrc; "" for none
	Offline     bool
	UserAgent   string
	Jobs        int // packages fetched and unpacked at once; 0: 8
	// Allow, if it is set, is asked before anything is fetched from an address.
	Allow func(url string) error
	// Abs makes a path as the configuration writes it absolute.
	Abs     func(path string) string
	Observe plugin.Observer
}

// Mirror is asked for URL and the rest wherever an address starts with Prefix.
// The longest prefix wins. URL may be an absolute path.
type Mirror struct{ Prefix, URL string }

// Credential is a token for one host, sent to no other.
type Credential struct {
	Host  string // HOST or HOST:PORT
	Path  string // only for addresses whose path starts so; "" all
	Token string
}

// Access reaches documents and packages: through mirrors, with credentials, from
// the cache. It is a [Documents] and an [Opener].
type Access struct {
	client *fetch.Client
	store  *store.Store
	stager *staging.Stager
	jobs   *semaphore.Weighted
	allow  func(url string) error
}

// NewAccess opens the cache. Close it in the end.
func NewAccess(o AccessOptions) (*Access, error) {
	st, err := store.Open(o.CacheDir)
	if err != nil {
		return nil, err
	}
	cfg := fetch.Config{Netrc: o.Netrc, Offline: o.Offline, UserAgent: o.UserAgent}
	for _, m := range o.Mirrors {
		cfg.Mirrors = append(cfg.Mirrors, fetch.Mirror(m))
	}
	for _, c := range o.Credentials {
		cfg.Credentials = append(cfg.Credentials, fetch.Credential(c))
	}
	jobs := o.Jobs
	if jobs <= 0 {
		jobs = 8
	}
	client := fetch.New(cfg)
	return &Access{
		client: client,
		store:  st,
		stager: &staging.Stager{Client: client, Store: st, Abs: o.Abs, Observe: o.Observe},
		jobs:   semaphore.NewWeighted(int64(jobs)),
		allow:  o.Allow,
	}, nil
}

// Close removes a cache that was not to be kept.
func (a *Access) Close() error { return a.store.Close() }

// Read gets a package whose digest is known and has read read it.
func (a *Access) Read(ctx context.Context, r plugin.Requirement, pkg Package, read func(io.Reader) error) error {
	done, err := a.enter(ctx, pkg.URL)
	if err != nil {
		return err
	}
	defer done()
	return a.stager.Read(ctx, staging.Spec{Name: r.Name, URL: pkg.URL, Path: pkg.Path, Digest: pkg.Digest, Limits: r.Limits}, read)
}

// enter waits until one more thing may be fetched, if it may be at all.
func (a *Access) enter(ctx context.Context, url string) (done func(), err error) {
	if a.allow != nil {
		if err := a.allow(url); err != nil {
			return nil, err
		}
	}
	if err := a.jobs.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return func() { a.jobs.Release(1) }, nil
}

// Document reads a small document whole.
func (a *Access) Document(ctx context.Context, url string, max int64) ([]byte, error) {
	done, err := a.enter(ctx, url)
	if err != nil {
		return nil, err
	}
	defer done()
	return a.client.Document(ctx, url, max)
}

// Digest downloads a package to compute its digest, even if it is cached.
func (a *Access) Digest(ctx context.Context, r plugin.Requirement, pkg Package) (plugin.Digest, error) {
	done, err := a.enter(ctx, pkg.URL)
	if err != nil {
		return "", err
	}
	defer done()
	return a.stager.Digest(ctx, staging.Spec{Name: r.Name, URL: pkg.URL, Path: pkg.Path, Limits: r.Limits})
}

// Manifest reads the plugin.json of a package.
func (a *Access) Manifest(ctx context.Context, r plugin.Requirement, pkg Package) (plugin.Manifest, error) {
	tree, err := a.Try(ctx, staging.Spec{
		Name: r.Name, URL: pkg.URL, Path: pkg.Path, Digest: pkg.Digest,
		Binary: plugin.NoBinary, Limits: r.Limits,
	})
	if err != nil {
		return plugin.Manifest{}, err
	}
	return tree.Manifest, nil
}

// Try stages a package in a temporary folder, to see whether it can be installed.
func (a *Access) Try(ctx context.Context, s staging.Spec) (*staging.Tree, error) {
	done, err := a.enter(ctx, s.URL)
	if err != nil {
		return nil, err
	}
	defer done()
	return a.stager.Try(ctx, s)
}

// Stage makes the tree of a package in dir, which must not exist.
func (a *Access) Stage(ctx context.Context, s staging.Spec, dir string) (*staging.Tree, error) {
	done, err := a.enter(ctx, s.URL)
	if err != nil {
		return nil, err
	}
	defer done()
	return a.stager.Stage(ctx, s, dir)
}

// CleanCache deletes every package that is kept in dir. It returns the number of
// bytes freed and of packages deleted.
func CleanCache(dir string) (freed int64, n int, err error) {
	st, err := store.Open(dir)
	if err != nil {
		return 0, 0, err
	}
	freed, n, err = st.Clean()
	return freed, n, errors.Join(err, st.Close())
}
