package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/plugins-hcl/plugins/plugin"
)

// decoder turns one file's body into a [File], collecting everything that is wrong.
type decoder struct {
	opts     Options
	filename string
	src      []byte
	files    map[string]*hcl.File // shared with the other file's decoder
	diags    hcl.Diagnostics
	file     *File

	root   *hcl.EvalContext
	locals map[string]bool // those declared, whether they could be evaluated or not
}

func newDecoder(filename, dir string, opts Options, files map[string]*hcl.File) *decoder {
	return &decoder{
		opts:     opts,
		filename: filename,
		files:    files,
		root:     &hcl.EvalContext{Functions: functions(opts.Env)},
		file: &File{
			Path: filename, Dir: dir, PluginDir: DefaultPluginDir,
			home: opts.Home,
		},
	}
}

// checkRequiredVersion reports false if the file is not for this program's version.
func (d *decoder) checkRequiredVersion(body hcl.Body) bool {
	// What else is wrong with the body is reported when all of it is read.
	content, _, _ := body.PartialContent(&hcl.BodySchema{Attributes: attributes("required_version")})
	b := block{d: d, ctx: d.root, content: content}
	want := b.text("required_version")
	if !want.given {
		return !d.diags.HasErrors()
	}
	constraint, err := plugin.ParseConstraint(want.s)
	if err != nil {
		d.reject(want, "Invalid version constraint", err)
		return false
	}
	d.file.RequiredVersion = constraint
	if d.opts.ProgramVersion.IsZero() || constraint.Allows(release(d.opts.ProgramVersion)) ||
		constraint.Allows(d.opts.ProgramVersion) {
		return true
	}
	d.fail(want.rng, "Unsupported program version",
		"This configuration requires a version %q of plugins, and this is %s.", want.show(), d.opts.ProgramVersion)
	return false
}

// release is v without prerelease and build metadata: a build on the way to 1.2.0 has
// what ">= 1.2" asks for.
func release(v plugin.Version) plugin.Version {
	core, _, _ := strings.Cut(v.String(), "+")
	core, _, _ = strings.Cut(core, "-")
	out, err := plugin.ParseVersion(core)
	if err != nil {
		return v
	}
	return out
}

// project reads the project's plugins.hcl.
func (d *decoder) project(body hcl.Body) {
	content, diags := body.Content(projectSchema())
	d.diags = append(d.diags, diags...)
	b := block{d: d, ctx: d.root, content: content, rng: content.MissingItemRange}
	d.evaluateLocals(b.blocks("locals"))

	b.decodeRoot()
	d.decodeGitHub(b.blocks("github"))
	d.decodeRegistries(b.blocks("registry"))
	d.decodeMirrors(b.blocks("mirror"))
	d.decodeCredentials(b.blocks("credentials"))
	d.decodeHosts(b.blocks("host"))
	d.decodePolicy(b.blocks("policy"))
	d.file.OnChange = d.decodeOnChange(b.blocks("on_change"))
	d.file.Health = d.decodeHealth(b.blocks("health"))
	d.decodePlugins(b.blocks("plugin"))
}

// user reads the user's own file.
func (d *decoder) user(body hcl.Body) {
	content, diags := body.Content(userSchema())
	d.diags = append(d.diags, diags...)
	b := block{d: d, ctx: d.root, content: content}
	d.evaluateLocals(b.blocks("locals"))
	b.decodeCAFile()
	d.decodeMirrors(b.blocks("mirror"))
	d.decodeCredentials(b.blocks("credentials"))
}

// decodeRoot reads the attributes that stand in no block.
func (b block) decodeRoot() {
	f := b.d.file
	if dir := b.text("plugin_dir"); dir.given {
		if err := checkPath(dir.s, b.d.opts.Home); err != nil {
			b.d.reject(dir, "Invalid plugin directory", err)
		} else if hasScheme(dir.s, "file") {
			b.d.fail(dir.rng, "Invalid plugin directory", "It is written as a path, not as a URL.")
		}
		f.PluginDir = ExpandHome(dir.s, b.d.opts.Home)
	}
	f.Platforms = b.platforms()
}

// goWords are the words of other systems for what Go calls otherwise; as platforms
// they would never match a machine.
func goWords() map[string]string {
	return map[string]string{
		"macos": "darwin", "osx": "darwin", "mac": "darwin", "win": "windows", "win32": "windows", "win64": "windows",
		"aarch64": "arm64", "x64": "amd64", "x86": "386", "i386": "386", "i686": "386",
	}
}

// platforms reads the attribute of that name, at the top or in a plugin.
func (b block) platforms() []plugin.Platform {
	texts, given := b.texts("platforms")
	if !given {
		return nil
	}
	if len(texts) == 0 {
		b.d.fail(b.content.Attributes["platforms"].Expr.Range(), "Invalid platforms",
			"The list is empty: name a platform, or leave the attribute out.")
	}
	var out []plugin.Platform
	for _, t := range texts {
		p, err := plugin.ParsePlatform(t.s)
		switch {
		case err != nil:
			b.d.reject(t, "Invalid platform", err)
			continue
		case p == plugin.AnyPlatform:
			b.d.fail(t.rng, "Invalid platform", `"any" is what a package may be for, not a machine.`)
			continue
		}
		if goName := (plugin.Platform{OS: translated(p.OS), Arch: translated(p.Arch)}); goName != p {
			b.d.fail(t.rng, "Invalid platform", "Platforms are written in Go's words: %q.", goName)
			continue
		}
		out = append(out, p)
	}
	slices.SortFunc(out, plugin.ComparePlatforms)
	return slices.Compact(out)
}

func translated(s string) string {
	if word, ok := goWords()[s]; ok {
		return word
	}
	return s
}

// decodeHosts reads the host blocks.
func (d *decoder) decodeHosts(blocks []*hcl.Block) {
	for _, raw := range d.once(blocks, asWritten) {
		b := d.inside(raw, d.root, hostSchema())
		if raw.Labels[0] == "" {
			d.fail(raw.LabelRanges[0], "Invalid host name", "It is empty.")
		}
		t := b.required("version")
		if !t.given {
			continue
		}
		v, err := plugin.ParseVersion(t.s)
		if err != nil {
			d.reject(t, "Invalid version", err)
			continue
		}
		d.file.Hosts = append(d.file.Hosts, Host{Name: raw.Labels[0], Version: v, Pos: d.posOf(raw)})
	}
}
