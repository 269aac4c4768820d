package config

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/plugins-hcl/plugins/plugin"
)

// decodePolicy reads the policy block.
func (d *decoder) decodePolicy(blocks []*hcl.Block) {
	raw := d.single(blocks)
	if raw == nil {
		return
	}
	b := d.inside(raw, d.root, policySchema())
	d.file.Policy = plugin.Policy{
		AllowSources:     b.nonempty("allow_sources"),
		AllowHosts:       b.nonempty("allow_hosts"),
		RequireSignature: b.flag("require_signature"),
		MinAge:           b.duration("min_age"),
		Pos:              d.posOf(raw),
	}
}

// nonempty reads a list of strings, of which none is empty. An empty list is not nil.
func (b block) nonempty(name string) []string {
	texts, given := b.texts(name)
	if !given {
		return nil
	}
	out := make([]string, 0, len(texts))
	for _, t := range texts {
		if strings.TrimSpace(t.s) == "" {
			b.d.fail(t.rng, "Invalid value", "An element of %q is empty.", name)
		}
		out = append(out, t.s)
	}
	return out
}

// verify reads the verify block of a plugin or registry; zero where there is none.
func (b block) verify() plugin.Verification {
	raw := b.d.single(b.blocks("verify"))
	if raw == nil {
		return plugin.Verification{}
	}
	ctx := b.ctx.NewChild()
	ctx.Variables = map[string]cty.Value{"package": cty.StringVal(plugin.PackageVariable)}
	in := b.d.inside(raw, ctx, verifySchema())
	v := plugin.Verification{Timeout: in.duration("timeout")}
	v.Command, v.Sensitive = in.command()
	if v.Command != nil {
		v.Dir = b.d.file.Dir
	}
	key := in.text("minisign")
	if key.given {
		if err := checkMinisignKey(key.s); err != nil {
			b.d.reject(key, "Invalid minisign key", err)
		}
		v.Key = key.s
	}
	_, hasKey := in.content.Attributes["minisign"]
	_, hasCommand := in.content.Attributes["command"]
	if !hasKey && !hasCommand && !in.broken {
		b.d.fail(in.rng, "Nothing to verify with", `A verify block has "minisign", "command" or both.`)
	}
	return v
}

// checkMinisignKey demands a public key as "minisign -G" prints it: two letters for the
// algorithm, eight bytes of key number, the key.
// Source: https://jedisct1.github.io/minisign/#public-key-format
func checkMinisignKey(s string) error {
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(raw) != 42 || string(raw[:2]) != "Ed" {
		return errors.New(`it is not a minisign public key: that is the line of 56 characters that starts with "RW"`)
	}
	return nil
}

// command reads the attribute of that name, and which of its elements come from the
// environment; nil where it is not given.
func (b block) command() (args []string, sensitive []bool) {
	texts, given := b.texts("command")
	if !given {
		return nil, nil
	}
	for _, t := range texts {
		if strings.ContainsRune(t.s, 0) {
			b.d.fail(t.rng, "Invalid command", "An argument holds a NUL character.")
		}
		args, sensitive = append(args, t.s), append(sensitive, t.secret())
	}
	if len(args) == 0 || args[0] == "" {
		b.d.fail(b.content.Attributes["command"].Expr.Range(), "Invalid command",
			`It names no program: write it as ["program", "argument"].`)
	}
	return args, sensitive
}

// decodeGitHub reads the github blocks.
func (d *decoder) decodeGitHub(blocks []*hcl.Block) {
	for _, raw := range d.once(blocks, strings.ToLower) {
		b := d.inside(raw, d.root, gitHubSchema())
		g := plugin.GitHub{Host: strings.ToLower(raw.Labels[0]), Token: b.token(), Pos: d.posOf(raw)}
		if err := checkHost(g.Host); err != nil {
			d.fail(raw.LabelRanges[0], "Invalid host", "%s", sentence(err.Error()))
		}
		if t := b.text("api_url"); t.given {
			if !hasScheme(t.s, "http", "https") {
				d.fail(t.rng, "Invalid API URL", `It starts with "https://".`)
			}
			d.checkAddress(t, "Invalid API URL", "https://…")
			g.APIURL = strings.TrimRight(t.s, "/")
		}
		d.file.GitHub = append(d.file.GitHub, g)
	}
}
