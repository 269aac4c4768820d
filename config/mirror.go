package config

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/plugins-hcl/plugins/plugin"
)

// decodeMirrors reads the mirror blocks of either file. A prefix may have several.
func (d *decoder) decodeMirrors(blocks []*hcl.Block) {
	for _, raw := range blocks {
		b := d.inside(raw, d.root, mirrorSchema())
		m := plugin.Mirror{Prefix: mirrorPrefix(raw.Labels[0]), Only: b.flag("only"), Pos: d.posOf(raw)}
		if m.ByDigest() {
			// Any package, by its digest.
		} else if !hasScheme(m.Prefix, "https", "http", "oci") {
			d.fail(raw.LabelRanges[0], "Invalid mirror prefix",
				`A prefix is the start of the URLs to replace: "https://…", "http://…" or "oci://…"; "sha256:" is every package, by its digest.`)
		} else if _, err := checkURL(m.Prefix); err != nil {
			d.fail(raw.LabelRanges[0], "Invalid mirror prefix", "%s", sentence(err.Error()))
		}
		if t := b.required("url"); t.given {
			m.URL = d.mirrorURL(t, m.Prefix)
			d.checkMirrorNew(raw, m)
		}
		d.file.Mirrors = append(d.file.Mirrors, m)
	}
}

// checkMirrorNew refuses a mirror that is there already: it would be asked twice.
func (d *decoder) checkMirrorNew(raw *hcl.Block, m plugin.Mirror) {
	for _, before := range d.file.Mirrors {
		if before.Prefix == m.Prefix && before.URL == m.URL {
			d.fail(raw.LabelRanges[0], "Duplicate mirror",
				"The mirror %q with this url is declared at %s already.", raw.Labels[0], before.Pos)
			return
		}
	}
}

// mirrorPrefix is a prefix whose host is complete: "https://github.com" must not stand
// for "https://github.com.example".
func mirrorPrefix(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil {
		return s
	}
	scheme, rest, _ := strings.Cut(s, "://")
	host := strings.ToLower(rest[:min(len(u.Host), len(rest))])
	rest = rest[len(host):]
	if rest == "" {
		rest = "/"
	}
	return strings.ToLower(scheme) + "://" + host + rest
}

// mirrorURL checks where a mirror's requests go. A relative path is relative to the
// file that says it, and ends up absolute.
func (d *decoder) mirrorURL(t text, prefix string) string {
	address := t.s
	switch {
	case hasScheme(address, "https", "http"):
		d.checkAddress(t, "Invalid mirror URL", "https://…")
	case hasScheme(address, "oci") && prefix == plugin.DigestPrefix:
		if ref, err := plugin.ParseOCI(address); err != nil || ref.Digest != "" {
			d.reject(t, "Invalid mirror URL", errors.New(`a repository of packages is written as "oci://HOST/REPOSITORY"`))
		}
	case hasScheme(address, "oci") && hasScheme(prefix, "oci"):
		d.checkAddress(t, "Invalid mirror URL", "oci://…")
	case hasScheme(address, "file"):
		if _, err := filePath(address); err != nil {
			d.reject(t, "Invalid mirror URL", err)
		}
	case strings.Contains(address, "://"):
		d.reject(t, "Invalid mirror URL", errors.New(
			`a mirror is an "https://", "http://" or "file://" URL, a path, or an "oci://" URL for the prefix "oci://…" or "sha256:"`))
	default:
		if err := checkPath(address, d.opts.Home); err != nil {
			d.reject(t, "Invalid mirror URL", err)
			return address
		}
		address = absolute(address, d.file.Dir, d.opts.Home)
	}
	// Without its slash, "https://github.com/acme/x" would become "…/mirroracme/x".
	if strings.HasSuffix(prefix, "/") && !strings.HasSuffix(address, "/") {
		address += "/"
	}
	return address
}

// decodeCredentials reads the credentials blocks of either file. One whose token is
// null or empty is as if it were not there.
func (d *decoder) decodeCredentials(blocks []*hcl.Block) {
	for _, raw := range d.once(blocks, strings.ToLower) {
		b := d.inside(raw, d.root, credentialsSchema())
		host := strings.ToLower(raw.Labels[0])
		if err := checkHost(host); err != nil {
			d.fail(raw.LabelRanges[0], "Invalid host", "%s", sentence(err.Error()))
		}
		if _, ok := b.content.Attributes["token"]; !ok {
			b.missing("token")
		}
		if token := b.token(); token != "" {
			d.file.Credentials = append(d.file.Credentials, plugin.Credential{Host: host, Token: token, Pos: d.posOf(raw)})
		}
	}
}

// checkHost demands HOST or HOST:PORT. What else is written matches no request, and the
// token would silently go nowhere.
func checkHost(s string) error {
	if strings.Contains(s, "*") {
		return errors.New("it holds a wildcard, and a token is for one host: write a credentials block for each")
	}
	u, err := url.Parse("https://" + s)
	if err != nil || strings.Contains(s, "://") || s == "" || u.Host != s || u.Hostname() == "" || strings.ContainsAny(s, " \t") {
		return errors.New(`a host is written as HOST or HOST:PORT, without "https://" and without a path`)
	}
	name, port, hasPort := u.Hostname(), u.Port(), strings.HasSuffix(s, ":") || u.Port() != ""
	if n, err := strconv.Atoi(port); hasPort && (err != nil || n < 1 || n > 65535) {
		return errors.New("a colon is followed by a port, from 1 to 65535")
	}
	if strings.HasPrefix(s, "[") {
		return nil // IPv6, which url.Parse has checked
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		if label == "" || len(label) > 63 || strings.ContainsAny(label, `"\$%&'()+,;<=>^`+"`{|}~!") {
			return fmt.Errorf("%q is no host name", name)
		}
	}
	return nil
}
