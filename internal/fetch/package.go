package fetch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// Package is what was downloaded.
type Package struct {
	Digest plugin.Digest
	Size   int64
	Where  string // it is from, for messages: see [Client.Where]
}

// Package is [Client.Download] of what must have the digest want, "" where that is not
// known. The mirrors of packages by digest are asked first, in their order; what none
// of them has comes from its address.
func (c *Client) Package(
	ctx context.Context, address string, want plugin.Digest, dst *os.File, max int64, progress func(done, total int64),
) (Package, error) {
	for _, m := range c.packageMirrors(want) {
		t, err := c.resolvePackage(m, address, want)
		if err == nil {
			var p Package
			p.Where = t.where()
			if p.Digest, p.Size, err = c.downloadFrom(ctx, t, dst, max, progress); err == nil {
				return p, nil
			}
		}
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrOffline) {
			return Package{}, err
		}
	}
	digest, size, err := c.Download(ctx, address, dst, max, progress)
	return Package{Digest: digest, Size: size, Where: c.Where(address)}, err
}

// resolvePackage finds out where a mirror has a package by its digest.
func (c *Client) resolvePackage(m plugin.Mirror, address string, want plugin.Digest) (*target, error) {
	t, err := locatePackage(m, address, want)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", t.where(), err)
	case t.url != nil && c.offline:
		return nil, &OfflineError{URL: t.canonical, Mirror: t.mirror}
	}
	return t, nil
}

// locatePackage always gives a target that can be named, even beside an error.
func locatePackage(m plugin.Mirror, address string, want plugin.Digest) (*target, error) {
	t := &target{canonical: plugin.RedactURL(address), secrets: addressSecrets(address)}
	place := PackagePath(want, address)
	if isLocal(m.URL) {
		return t, t.setLocalMirror(m.URL, place)
	}
	place = strings.TrimSuffix(m.URL, "/") + "/" + place
	t.mirror = plugin.RedactURL(place)
	return t, t.set(place)
}

// packageMirrors are those that have packages by their digest.
func (c *Client) packageMirrors(want plugin.Digest) []plugin.Mirror {
	var found []plugin.Mirror
	for _, m := range c.mirrors {
		if want != "" && m.ByDigest() {
			found = append(found, m)
		}
	}
	return found
}

// HasPackage reports whether a package can be had without network, as far as that is
// seen without reading it.
func (c *Client) HasPackage(address string, want plugin.Digest) bool {
	for _, m := range c.packageMirrors(want) {
		if t, err := locatePackage(m, address, want); err == nil && t.isHere() {
			return true
		}
	}
	t, err := c.locate(address)
	return err == nil && t.isHere()
}

// isHere reports whether the target is a file of this machine.
func (t *target) isHere() bool {
	if t.path == "" {
		return false
	}
	info, err := os.Stat(t.path)
	return err == nil && info.Mode().IsRegular()
}
