package access

import "github.com/plugins-hcl/plugins/plugin"

// Cached reports whether a package is in the cache. Whether it is unharmed is seen when
// it is used.
func (a *Access) Cached(d plugin.Digest) bool { return a.store.Has(d) }
