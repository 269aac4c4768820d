package config

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/plugins-hcl/plugins/plugin"
)

// Policy is what the project allows at all.
type Policy struct {
	AllowSources     []string      // patterns of sources; nil: every source
	AllowHosts       []string      // hosts that may be asked; nil: every host
	RequireSignature bool          // of every package
	MinAge           time.Duration // since a version's release; 0: none
	Pos              plugin.Pos
}

// Verify is how a package's publisher is made sure of.
type Verify struct {
	Minisign string   // a public key; "": none
	Command  []string // a program and its arguments; nil: none
	// Sensitive says of each of Command's elements whether it comes from the environment.
	Sensitive []bool
	Timeout   time.Duration // of the command; 0: not given
	Pos       plugin.Pos
}

// Command is a program that is run at a certain time.
type Command struct {
	Args    []string // the program and its arguments; never empty
	Timeout time.Duration
	Pos     plugin.Pos
}

// GitHub is how a GitHub host is spoken to.
type GitHub struct {
	Host   string // in lower case
	APIURL string // "": the usual one
	Token  string // "": none
	Pos    plugin.Pos
}

// decodePolicy reads the policy block.
func (d *decoder) decodePolicy(blocks []*hcl.Block) {
	raw := d.single(blocks)
	if raw == nil {
		return
	}
	b := d.inside(raw, d.root, policySchema())
	d.file.Policy = &Policy{
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

// verify reads the verify block of a plugin or registry; nil where there is none.
func (b block) verify() *Verify {
	raw := b.d.single(b.blocks("verify"))
	if raw == nil {
		return nil
	}
	ctx := b.ctx.NewChild()
	ctx.Variables = map[string]cty.Value{"package": cty.StringVal(packageVariable)}
	in := b.d.inside(raw, ctx, verifySchema())
	v := &Verify{Timeout: in.duration("timeout"), Pos: b.d.posOf(raw)}
	v.Command, v.Sensitive = in.command()
	key := in.text("minisign")
	if key.given {
		if err := checkMinisignKey(key.s); err != nil {
			b.d.reject(key, "Invalid minisign key", err)
		}
		v.Minisign = key.s
	}
	_, hasKey := in.content.Attributes["minisign"]
	_, hasCommand := in.content.Attributes["command"]
	if !hasKey && !hasCommand && !in.broken {
		b.d.fail(in.rng, "Nothing to verify with", `A verify block has "minisign", "command" or both.`)
	}
	return v
}

// packageVariable is what ${package} in a verify command evaluates to: the path is
// known only when the command runs.
const packageVariable = "${package}"

// verification is a plugin's own verify block, or that of its registry.
func (f *File) verification(r plugin.Requirement) plugin.Verification {
	v, ok := f.Verify[r.Name]
	if reg, found := f.Registry(r.Source.Registry); !ok && found && reg.Verify != nil {
		v = *reg.Verify
	}
	out := plugin.Verification{Key: v.Minisign, Command: v.Command, Sensitive: v.Sensitive, Timeout: v.Timeout}
	if out.Command != nil {
		out.Dir = f.Dir
	}
	return out
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

// decodeCommand reads an on_change or health block; nil where there is none.
func (d *decoder) decodeCommand(blocks []*hcl.Block) *Command {
	raw := d.single(blocks)
	if raw == nil {
		return nil
	}
	b := d.inside(raw, d.root, commandSchema())
	args, _ := b.command()
	c := &Command{Args: args, Timeout: b.duration("timeout"), Pos: d.posOf(raw)}
	if _, ok := b.content.Attributes["command"]; !ok {
		b.missing("command")
	}
	return c
}

// decodeGitHub reads the github blocks.
func (d *decoder) decodeGitHub(blocks []*hcl.Block) {
	for _, raw := range d.once(blocks, strings.ToLower) {
		b := d.inside(raw, d.root, gitHubSchema())
		g := GitHub{Host: strings.ToLower(raw.Labels[0]), Token: b.token(), Pos: d.posOf(raw)}
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
