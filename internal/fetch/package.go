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

// Package is [Client.Download] of what must have the digest want, "" where that is not
// known. The mirrors of packages by digest are asked first, in their order; what none
// of them has comes from its address.
func (c *Client) Package(
	ctx context.Context, address string, want plugin.Digest, dst *os.File, max int64, progress func(done, total int64),
) (plugin.Digest, int64, error) {
	for _, m := range c.packageMirrors(want) {
		got, n, err := c.mirrored(ctx, m, address, want, dst, max, progress)
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrOffline) {
			return got, n, err
		}
	}
	return c.Download(ctx, address, dst, max, progress)
}

// mirrored downloads a package from a mirror.
func (c *Client) mirrored(
	ctx context.Context, m plugin.Mirror, address string, want plugin.Digest, dst *os.File, max int64, progress func(done, total int64),
) (plugin.Digest, int64, error) {
	t, err := locatePackage(m, address, want)
	switch {
	case err != nil:
		return "", 0, fmt.Errorf("%s: %w", t.where(), err)
	case t.url != nil && c.offline:
		return "", 0, &OfflineError{URL: t.canonical, Mirror: t.mirror}
	}
	return c.downloadFrom(ctx, t, dst, max, progress)
}

// locatePackage is where a mirror has a package by its digest.
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
	if want == "" {
		return nil
	}
	var found []plugin.Mirror
	for _, m := range c.mirrors {
		if m.ByDigest() {
			found = append(found, m)
		}
	}
	return found
}

// HasPackage reports whether a package can be had without network, as far as that is
// seen without reading it.
func (c *Client) HasPackage(address string, want plugin.Digest) bool {
	targets := make([]*target, 0, 2)
	for _, m := range c.packageMirrors(want) {
		if t, err := locatePackage(m, address, want); err == nil {
			targets = append(targets, t)
		}
	}
	if t, err := c.locate(address); err == nil {
		targets = append(targets, t)
	}
	for _, t := range targets {
		if info, err := os.Stat(t.path); t.path != "" && err == nil && regular(info) == nil {
			return true
		}
	}
	return false
}
