package access

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/internal/github"
	"github.com/plugins-hcl/plugins/internal/staging"
	"github.com/plugins-hcl/plugins/internal/store"
	"github.com/plugins-hcl/plugins/internal/trust"
	"github.com/plugins-hcl/plugins/plugin"
)

// Options says how to reach documents and packages.
type Options struct {
	// CacheDir keeps packages between runs; "" keeps them until Close only.
	CacheDir    string
	Mirrors     []plugin.Mirror
	Credentials []plugin.Credential
	Netrc       string          // path of a .netrc; "" for none
	Docker      []string        // paths of files as Docker's config.json, which may be missing
	GitHub      []plugin.GitHub // hosts besides GitHub's own, whose private releases are to be had

	CertificateAuthorities []*x509.Certificate // trusted besides the system's

	Offline   bool
	UserAgent string
	Jobs      int           // packages fetched and unpacked at once; 0: 8
	Policy    plugin.Policy // its hosts are the only ones that are asked
	// Abs makes a path as the configuration writes it absolute. It must be set.
	Abs     func(path string) string
	Observe plugin.Observer
}

// Access reaches documents and packages. It may be used by several goroutines at
// once.
type Access struct {
	client *fetch.Client
	store  *store.Store
	stager *staging.Stager
	abs    func(string) string
	jobs   *semaphore.Weighted
	policy plugin.Policy
	github *releases

	offline bool
}

var errNoAbs = errors.New("access: Options.Abs is not set: what relative paths are relative to is not known")

// New opens the cache. Close it in the end.
func New(o Options) (*Access, error) {
	if o.Abs == nil {
		return nil, errNoAbs
	}
	st, err := store.Open(o.CacheDir)
	if err != nil {
		return nil, err
	}
	jobs := o.Jobs
	if jobs <= 0 {
		jobs = 8
	}
	hosts := github.Hosts(o.GitHub)
	client := fetch.New(fetch.Config{
		Mirrors: o.Mirrors, Credentials: withAPIs(o.Credentials, hosts), Netrc: o.Netrc, NetrcOf: apiHosts(hosts), Docker: o.Docker,
		Offline: o.Offline, UserAgent: o.UserAgent, Documents: st.Documents(), Observe: o.Observe,
		CertificateAuthorities: o.CertificateAuthorities,
	})
	a := &Access{
		client: client,
		store:  st,
		stager: &staging.Stager{Client: client, Store: st, Abs: o.Abs, Observe: o.Observe},
		abs:    o.Abs,
		jobs:   semaphore.NewWeighted(int64(jobs)),
		policy: o.Policy,

		offline: o.Offline,
	}
	a.github = &releases{hosts: hosts, api: github.New(a.Transport(), o.Observe)}
	return a, nil
}

// Close removes a cache that was not to be kept.
func (a *Access) Close() error { return a.store.Close() }

// Abs makes a path as the configuration writes it absolute.
func (a *Access) Abs(path string) string { return a.abs(path) }

// enter waits until one more thing may be fetched, if it may be at all.
func (a *Access) enter(ctx context.Context, url string) (done func(), err error) {
	if err := trust.AllowURL(a.policy, url); err != nil {
		return nil, err
	}
	if err := a.jobs.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return func() { a.jobs.Release(1) }, nil
}

// Document reads a small document whole, from a URL or an absolute path; at most max
// bytes. What does not exist is fs.ErrNotExist.
func (a *Access) Document(ctx context.Context, url string, max int64) ([]byte, error) {
	done, err := a.enter(ctx, url)
	if err != nil {
		return nil, err
	}
	defer done()
	data, err := a.client.Document(ctx, url, max)
	if client, ok := a.elsewhere(ctx, url, &err); ok {
		return client.Document(ctx, url, max)
	}
	return data, err
}

// Transport sends the requests of a library as documents are fetched: within the policy,
// through mirrors, with credentials, and not offline.
func (a *Access) Transport() http.RoundTripper { return transport{a, a.client.RoundTripper()} }

type transport struct {
	access *Access
	next   http.RoundTripper
}

// Authorizes reports whether there is a token or a password for who has address.
func (a *Access) Authorizes(address string) bool { return a.client.Authorizes(address) }

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := trust.AllowURL(t.access.policy, req.URL.String()); err != nil {
		return nil, err
	}
	return t.next.RoundTrip(req)
}

// Read gets a package whose digest is known and has read read it.
func (a *Access) Read(ctx context.Context, r plugin.Requirement, pkg plugin.Package, read func(io.Reader) error) error {
	done, err := a.enter(ctx, pkg.URL)
	if err != nil {
		return err
	}
	defer done()
	_, err = get(ctx, a, pkg.URL, func(s *staging.Stager) (struct{}, error) {
		return struct{}{}, s.Read(ctx, Wanted{Requirement: r, Package: pkg}.spec(), read)
	})
	return err
}

// Digest downloads a package to compute its digest, even if it is cached.
func (a *Access) Digest(ctx context.Context, r plugin.Requirement, pkg plugin.Package) (plugin.Digest, error) {
	done, err := a.enter(ctx, pkg.URL)
	if err != nil {
		return "", err
	}
	defer done()
	return get(ctx, a, pkg.URL, func(s *staging.Stager) (plugin.Digest, error) {
		return s.Digest(ctx, Wanted{Requirement: r, Package: pkg}.spec())
	})
}

// Manifest reads the plugin.json of a package.
func (a *Access) Manifest(ctx context.Context, r plugin.Requirement, pkg plugin.Package) (plugin.Manifest, error) {
	r.Verify = plugin.Verification{} // whoever takes the package has it judged
	tree, err := a.Try(ctx, Wanted{Requirement: r, Package: pkg, Binary: plugin.NoBinary})
	if err != nil {
		return plugin.Manifest{}, err
	}
	return tree.Manifest, nil
}

// Try stages a package in a temporary folder, to see whether it can be installed.
func (a *Access) Try(ctx context.Context, w Wanted) (*Tree, error) {
	done, err := a.enter(ctx, w.Package.URL)
	if err != nil {
		return nil, err
	}
	defer done()
	return treeOf(get(ctx, a, w.Package.URL, func(s *staging.Stager) (*staging.Tree, error) { return s.Try(ctx, w.spec()) }))
}

// Stage makes the tree of a package in dir, which must not exist.
func (a *Access) Stage(ctx context.Context, w Wanted, dir string) (*Tree, error) {
	done, err := a.enter(ctx, w.Package.URL)
	if err != nil {
		return nil, err
	}
	defer done()
	return treeOf(get(ctx, a, w.Package.URL, func(s *staging.Stager) (*staging.Tree, error) { return s.Stage(ctx, w.spec(), dir) }))
}

func treeOf(t *staging.Tree, err error) (*Tree, error) {
	if err != nil {
		return nil, err
	}
	return &Tree{Files: t.Files, Manifest: t.Manifest, Digest: t.Digest}, nil
}

// PackagePath is what a mirror of packages has the one with digest d by, behind its
// URL; the last element of location is a part of it.
func PackagePath(d plugin.Digest, location string) string { return fetch.PackagePath(d, location) }

// Usage is what a cache holds.
type Usage = store.Usage

// Cleaned is what was removed from a cache.
type Cleaned = store.Cleaned

// CleanCache deletes what is kept in dir and was not used for so long; 0: all of it.
func CleanCache(dir string, unused time.Duration) (Cleaned, error) {
	st, err := store.Open(dir)
	if err != nil {
		return Cleaned{}, err
	}
	cleaned, err := st.Clean(unused)
	return cleaned, errors.Join(err, st.Close())
}

// CacheUsage tells what is kept in dir.
func CacheUsage(dir string) (Usage, error) {
	st, err := store.Open(dir)
	if err != nil {
		return Usage{}, err
	}
	usage, err := st.Usage()
	return usage, errors.Join(err, st.Close())
}
