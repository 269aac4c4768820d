package access

import (
	"context"
	"io"
	"slices"

	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/plugin"
)

// Missing tells which packages are not on this machine, where the network must not be
// used: all of them, so that somebody can bring them. The error joins a [*plugin.Error]
// for each; where the network may be used it is nil.
func (a *Access) Missing(ctx context.Context, wanted []Wanted) error {
	if !a.offline || !slices.ContainsFunc(wanted, a.lacks) {
		return nil
	}
	// That a file is there does not mean that it is whole. Since there is an error
	// anyway, reading them all costs nothing that counts.
	return parallel.Each(len(wanted), 0, func(i int) error {
		w := wanted[i]
		if !isArchive(w.Package) {
			return nil
		}
		if err := a.Read(ctx, w.Requirement, w.Package, func(io.Reader) error { return nil }); err != nil {
			return &plugin.Error{Plugin: w.Requirement.Name, Pos: w.Requirement.Pos, Err: err}
		}
		return nil
	})
}

// lacks reports whether a package is not on this machine, as far as that is seen
// without reading it.
func (a *Access) lacks(w Wanted) bool {
	if !isArchive(w.Package) || a.store.Has(w.Package.Digest) {
		return false
	}
	address := w.Package.URL
	if w.Package.Path != "" {
		address = a.abs(w.Package.Path)
	}
	_, here := a.client.PackageSize(address, w.Package.Digest)
	return !here
}

// isArchive reports whether a package is a file, not a folder of this machine.
func isArchive(p plugin.Package) bool { return p.Digest.Algorithm() == plugin.SHA256 }
