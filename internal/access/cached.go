package access

import (
	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/internal/store"
	"github.com/plugins-hcl/plugins/plugin"
)

// Cached reports whether an archive is in the cache, or in a mirror of this machine.
// Whether it is unharmed is seen when it is used.
func (a *Access) Cached(pkg plugin.Package) bool {
	if !isArchive(pkg) {
		return false
	}
	if a.store.Has(pkg.Digest) {
		return true
	}
	_, here := a.client.PackageSize(pkg.URL, pkg.Digest)
	return here
}

// Peek sees which packages are on this machine: it writes nothing, not even to the
// cache, and asks nobody.
type Peek struct {
	cache  string
	client *fetch.Client
	abs    func(string) string
}

// NewPeek looks at the cache and the mirrors of o.
func NewPeek(o Options) *Peek {
	return &Peek{cache: o.CacheDir, client: fetch.New(fetch.Config{Mirrors: o.Mirrors, Offline: true}), abs: o.Abs}
}

// Package tells whether an archive is cached and, where it is not and that can be seen,
// its size in bytes; else -1. Of a folder there is nothing to fetch: that is ok = false.
func (p *Peek) Package(pkg plugin.Package) (cached bool, size int64, ok bool) {
	if !isArchive(pkg) {
		return false, 0, false
	}
	if p.cache != "" && store.Kept(p.cache, pkg.Digest) {
		return true, 0, true
	}
	address := pkg.URL
	if pkg.Path != "" {
		address = p.abs(pkg.Path)
	}
	if size, here := p.client.PackageSize(address, pkg.Digest); here {
		return false, size, true
	}
	return false, -1, true
}
