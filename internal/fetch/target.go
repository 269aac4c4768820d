package fetch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// target is one place that a request may go to: a mirror, or the address itself.
type target struct {
	canonical string   // as asked for, fit to be shown
	mirror    string   // as mirrored, fit to be shown; "" if it is not
	path      string   // of a local file; "" where there is a url
	url       *url.URL // of a remote one
	oci       *place   // where the url is a registry's
	accept    string   // the form it is asked for in; "" for any
	secrets   []string // what its addresses hold that nobody may see
	err       error    // why it cannot be asked at all; nil if it can
	several   bool     // there are other places
	more      bool     // and they follow
	byDigest  bool     // it is a mirror of packages by digest
}

// host is whom a failure to answer is blamed on.
func (t *target) host() string {
	if t.url == nil {
		return t.path
	}
	return t.url.Host
}

// where names the target in messages.
func (t *target) where() string {
	if t.mirror == "" {
		return t.canonical
	}
	return t.canonical + " (through mirror " + t.mirror + ")"
}

// Where is how messages name url: without secrets, and with the mirror that is asked
// first, if any.
func (c *Client) Where(url string) string { return c.locate(url)[0].where() }

// locate gives the places where the bytes of address may be, the first to ask first:
// its mirrors in their order, then the address itself, unless a mirror is to be the only
// way.
func (c *Client) locate(address string) []*target {
	shown, accept := plugin.RedactURL(address), ""
	if address == c.moved.from && address != "" {
		address, accept = c.moved.to, c.moved.accept
	}
	mirrors, rest := c.mirrorsOf(address)
	var all []*target
	only := false
	for _, m := range mirrors {
		t := &target{canonical: shown, accept: accept, secrets: addressSecrets(address)}
		behind := rest
		if plugin.IsOCI(address) && !plugin.IsOCI(m.URL) {
			behind = staticPath(rest)
		}
		t.err = t.setMirror(m, behind)
		all = append(all, t)
		only = only || m.Only
	}
	if !only {
		t := &target{canonical: shown, accept: accept}
		t.err = t.set(address)
		all = append(all, t)
	}
	return c.reachable(all)
}

// reachable says of places what forbids to ask them.
func (c *Client) reachable(places []*target) []*target {
	for _, t := range places {
		if t.err == nil && t.url != nil && c.offline {
			t.err = &OfflineError{URL: t.canonical, Mirror: t.mirror}
		}
	}
	return places
}

func (t *target) setMirror(m plugin.Mirror, rest string) error {
	if isLocal(m.URL) {
		return t.setLocalMirror(m.URL, rest)
	}
	replaced := join(m, rest)
	t.mirror = plugin.RedactURL(replaced)
	return t.set(replaced)
}

var errScheme = errors.New("only https, http, oci and file addresses, and absolute paths, can be fetched")

// set takes the address that mirrors have been applied to.
func (t *target) set(address string) (err error) {
	t.secrets = append(t.secrets, addressSecrets(address)...)
	if isLocal(address) {
		t.path, err = localPath(address)
		return err
	}
	if plugin.IsOCI(address) {
		return t.setOCI(address)
	}
	u, err := url.Parse(address)
	if err != nil {
		// The cause quotes parts of the address, which may be a password's.
		return errors.New("it is not a valid address")
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return errScheme
	}
	if u.Hostname() == "" {
		return errors.New("it is not a valid address: it names no host")
	}
	t.url = u
	return nil
}

// setLocalMirror finds rest in a folder. The address it is from may come out of a
// registry's document: it must not lead out of the folder.
func (t *target) setLocalMirror(folder, rest string) error {
	t.mirror = plugin.RedactURL(folder)
	base, err := localPath(folder)
	if err != nil {
		return err
	}
	t.path = base
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	rest, err = url.PathUnescape(strings.TrimLeft(rest, "/"))
	if err != nil {
		return errors.New("it is not a valid address")
	}
	if rest == "" {
		return nil
	}
	rest = filepath.FromSlash(rest)
	if !filepath.IsLocal(rest) {
		return errors.New("it leads out of the mirror's folder")
	}
	t.path = filepath.Join(base, rest)
	t.mirror = t.path
	return nil
}

func isLocal(address string) bool {
	return filepath.IsAbs(address) || len(address) >= 5 && strings.EqualFold(address[:5], "file:")
}

// localPath is the path that a file:// address or an absolute path names.
func localPath(address string) (string, error) {
	if filepath.IsAbs(address) {
		return address, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("it is not a valid address")
	}
	if u.Host != "" && !strings.EqualFold(u.Host, "localhost") {
		return "", errors.New("a file address names no host: write file:///path")
	}
	path := u.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/")
	}
	path = filepath.FromSlash(path)
	if !filepath.IsAbs(path) {
		return "", errors.New("a file address holds an absolute path: write file:///path")
	}
	return path, nil
}

// explain names the target in an error that does not do so itself. Nothing may
// give away a secret, even where a server's answer echoes it.
func (c *Client) explain(t *target, err error) error {
	if t.byDigest && t.path != "" && errors.Is(err, fs.ErrNotExist) {
		err = &NotMirroredError{URL: t.canonical, Path: t.path}
	} else if !namesItself(err) {
		err = fmt.Errorf("%s: %w", t.where(), err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return scrub(err, append(c.secrets(), t.secrets...))
}

func namesItself(err error) bool {
	var status *StatusError
	var idle *IdleError
	var offline *OfflineError
	var digest *plugin.DigestError
	var page *plugin.PageError
	return errors.As(err, &status) || errors.As(err, &idle) || errors.As(err, &offline) ||
		errors.As(err, &digest) || errors.As(err, &page)
}
