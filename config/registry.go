package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/plugins-hcl/plugins/plugin"
)

// decodeRegistries reads the registry blocks.
func (d *decoder) decodeRegistries(blocks []*hcl.Block) {
	for _, raw := range d.once(blocks, asWritten) {
		b := d.inside(raw, d.root, registrySchema())
		if err := d.checkRegistryName(raw.Labels[0]); err != nil {
			d.fail(raw.LabelRanges[0], "Invalid registry name", "%s", sentence(err.Error()))
		}
		r := plugin.Registry{Name: raw.Labels[0], Token: b.token(), Verify: b.verify(), Pos: d.posOf(raw)}
		if t := b.required("url"); t.given {
			r.URL, r.Local = d.registryURL(t)
		}
		d.file.Registries = append(d.file.Registries, r)
	}
}

// checkRegistryName keeps registries apart from what else a source may start with.
func (d *decoder) checkRegistryName(name string) error {
	if name == plugin.GitHubHost {
		return errors.New(`"github.com/…" in a source means GitHub's releases`)
	}
	if d.isGitHub(name) {
		return fmt.Errorf(`"%s/…" in a source means releases at that GitHub host`, name)
	}
	if _, err := plugin.ParseName(name); err != nil {
		var rule *plugin.NameError
		if errors.As(err, &rule) {
			return errors.New(rule.Rule)
		}
		return err
	}
	return nil
}

// registryURL checks the address of a registry and takes its trailing slashes off.
func (d *decoder) registryURL(t text) (address string, local bool) {
	trimmed := strings.TrimRight(t.s, "/")
	if trimmed == "" || strings.HasSuffix(trimmed, ":") {
		trimmed = t.s // "/", "file:///"
	}
	if hasScheme(t.s, "http", "https") {
		d.checkAddress(t, "Invalid registry URL", "https://…")
		return trimmed, false
	}
	if scheme, _, ok := strings.Cut(t.s, "://"); ok && !hasScheme(t.s, "file") {
		if t.secret() {
			scheme = "this"
		}
		d.fail(t.rng, "Invalid registry URL",
			`A registry is reached at an "https://", "http://" or "file://" URL or is a path; %s:// is none of them.`, scheme)
		return trimmed, false
	}
	if err := checkPath(t.s, d.opts.Home); err != nil {
		d.reject(t, "Invalid registry URL", err)
	}
	return trimmed, true
}

// checkAddress checks the URL of something that paths are appended to, and warns where
// it is reached in clear over a network.
func (d *decoder) checkAddress(t text, summary, instead string) {
	u, err := checkURL(t.s)
	if err == nil && (u.RawQuery != "" || u.ForceQuery) {
		err = errors.New(`it has a query ("?…"), and paths are appended to it`)
	}
	if err != nil {
		d.reject(t, summary, err)
		return
	}
	if insecure(u) {
		d.warn(t.rng, "Insecure URL",
			"What is read over http:// can be read and changed on its way; use %s where the server has it.", instead)
	}
}

// token reads the attribute of that name; "" if there is none. An empty one is none:
// that is what an undefined secret is on a build farm.
func (b block) token() string {
	t := b.text("token")
	for _, c := range t.s {
		if c <= ' ' || c == 0x7f {
			b.d.fail(t.rng, "Invalid token", "It holds white space or a control character, and cannot be sent.")
			return ""
		}
	}
	return t.s
}
