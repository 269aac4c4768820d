package access

import "github.com/plugins-hcl/plugins/plugin"

// Cached reports whether an archive is in the cache, or in a mirror of this machine.
// Whether it is unharmed is seen when it is used.
func (a *Access) Cached(pkg plugin.Package) bool {
	if !isArchive(pkg) {
		return false
	}
	return a.store.Has(pkg.Digest) || pkg.URL != "" && a.client.HasPackage(pkg.URL, pkg.Digest)
}
