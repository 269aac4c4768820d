package store

import (
	"os"

	"github.com/plugins-hcl/plugins/plugin"
)

// Has reports whether the package with digest d is kept, as far as its name tells.
func (s *Store) Has(d plugin.Digest) bool {
	d, err := plugin.ParseDigest(string(d))
	if err != nil || d.Algorithm() != plugin.SHA256 {
		return false
	}
	for _, dir := range s.folders() {
		if info, err := os.Lstat(path(dir, d)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}
