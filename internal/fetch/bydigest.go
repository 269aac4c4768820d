package fetch

import (
	"io/fs"
	"os"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// NotMirroredError says that a folder of packages by digest has not the one that is
// wanted. It is [fs.ErrNotExist].
type NotMirroredError struct {
	URL  string // as asked for, fit to be shown
	Path string // where it would be
}

func (e *NotMirroredError) Error() string {
	return e.URL + ": the mirror does not have it: there is no " + e.Path
}

// Is makes it [fs.ErrNotExist].
func (e *NotMirroredError) Is(target error) bool { return target == fs.ErrNotExist }

// places gives all places where the bytes of address may be, the first to ask first:
// where their digest is known, the mirrors of packages by digest; then, unless one of
// those is to be the only way, all others.
func (c *Client) places(address string, want plugin.Digest) []*target {
	var all []*target
	only := false
	for _, m := range c.mirrors {
		if want == "" || !m.ByDigest() {
			continue
		}
		t := &target{canonical: plugin.RedactURL(address), secrets: addressSecrets(address), byDigest: true}
		t.err = t.setPackage(m.URL, want, address)
		all = append(all, t)
		only = only || m.Only
	}
	if only {
		return c.reachable(all)
	}
	return append(c.reachable(all), c.locate(BlobAddress(address, want))...)
}

// setPackage is where a mirror has a package by its digest: a repository of an OCI
// registry has it as a blob.
func (t *target) setPackage(mirror string, want plugin.Digest, address string) error {
	if plugin.IsOCI(mirror) {
		blob := strings.TrimSuffix(mirror, "/") + "@" + string(want)
		t.mirror = plugin.RedactURL(blob)
		return t.setOCI(blob)
	}
	place := PackagePath(want, address)
	if isLocal(mirror) {
		return t.setLocalMirror(mirror, place)
	}
	place = strings.TrimSuffix(mirror, "/") + "/" + place
	t.mirror = plugin.RedactURL(place)
	return t.set(place)
}

// PackageSize is the size in bytes of a package that can be had without network, as far
// as that is seen without reading it; not ok where it cannot.
func (c *Client) PackageSize(address string, want plugin.Digest) (size int64, ok bool) {
	if address == "" {
		return 0, false
	}
	for _, t := range c.places(address, want) {
		if t.err != nil || t.path == "" {
			continue
		}
		if info, err := os.Stat(t.path); err == nil && info.Mode().IsRegular() {
			return info.Size(), true
		}
	}
	return 0, false
}
