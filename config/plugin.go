package config

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/plugins-hcl/plugins/plugin"
)

// decodePlugins reads the plugin blocks, and sorts them by name.
func (d *decoder) decodePlugins(blocks []*hcl.Block) {
	for _, raw := range d.once(blocks, asWritten) {
		name, err := plugin.ParseName(raw.Labels[0])
		if err != nil {
			d.fail(raw.LabelRanges[0], "Invalid plugin name", "%s", sentence(err.Error()))
			continue
		}
		d.file.Plugins = append(d.file.Plugins, d.decodePlugin(raw, name))
	}
	slices.SortFunc(d.file.Plugins, func(a, b plugin.Requirement) int {
		return strings.Compare(string(a.Name), string(b.Name))
	})
}

func (d *decoder) decodePlugin(raw *hcl.Block, name plugin.Name) plugin.Requirement {
	ctx := d.root.NewChild()
	ctx.Variables = map[string]cty.Value{"name": cty.StringVal(string(name))}
	b := d.inside(raw, ctx, pluginSchema())
	r := plugin.Requirement{
		Name:      name,
		Platforms: b.platforms(),
		Binary:    b.binary(),
		Manifest:  b.manifestMode(),
		Keep:      b.keep(name),
		Limits:    d.limits(d.single(b.blocks("limits")), ctx),
		Pos:       d.posOf(raw),
	}
	version := b.text("version")
	if d.refuseOrigin(version, "Version", "write the version, or a range of versions") {
		version = text{rng: version.rng}
	}
	if version.given {
		if strings.TrimSpace(version.s) == "" {
			d.reject(version, "Invalid version constraint", errors.New("it is empty; leave it out if any version will do"))
		}
		constraint, err := plugin.ParseConstraint(version.s)
		if err != nil {
			d.reject(version, "Invalid version constraint", errors.New(err.Error()+
				`; write it as "~> 1.2", ">= 1.2, < 2" or "1.2.3"`))
		}
		r.Constraint = constraint
	}
	r.Source = b.source(&r, version)
	r.Asset = b.asset(r.Source.Kind, b.d.wanted(r))
	if r.Manifest == plugin.ManifestFromRegistry && r.Source.Kind != 0 && !r.Source.Kind.HasManifests() {
		d.fail(b.content.Attributes["manifest"].Expr.Range(), "No registry",
			`"registry" takes the manifest from the plugin's registry, and this plugin comes from elsewhere.`)
	}
	if r.Verify = b.verify(); r.Verify.IsZero() {
		registry, _ := d.file.Registry(r.Source.Registry)
		r.Verify = registry.Verify
	}
	return r
}

// binary reads the path of the executable inside the package.
func (b block) binary() string {
	t := b.text("binary")
	if b.d.refuseOrigin(t, "Binary", writeOut) {
		return ""
	}
	if !t.given || t.s == plugin.NoBinary {
		return t.s
	}
	if !fs.ValidPath(t.s) || t.s == "." || strings.ContainsAny(t.s, "\\:\x00") {
		b.d.reject(t, "Invalid binary", errors.New(
			`it is a path inside the package, with slashes and without "..", or "none"`))
	}
	return t.s
}

// manifestMode reads the attribute "manifest".
func (b block) manifestMode() plugin.ManifestMode {
	t := b.text("manifest")
	modes := []string{string(plugin.ManifestFromArchive), string(plugin.ManifestFromRegistry)}
	switch {
	case b.d.refuseOrigin(t, "Manifest", writeOut), !t.given:
		return plugin.ManifestFromArchive
	case !slices.Contains(modes, t.s):
		b.d.fail(t.rng, `Invalid value for "manifest"`, "It is %s or %s.%s", `"archive"`, `"registry"`, didYouMean(t.s, modes))
	}
	return plugin.ManifestMode(t.s)
}

// keep reads the patterns of the files a plugin writes itself.
func (b block) keep(name plugin.Name) []string {
	texts, _ := b.texts("keep")
	var out []string
	for _, t := range texts {
		if err := checkKeep(t.s, name); err != nil {
			b.d.reject(t, "Invalid keep pattern", err)
			continue
		}
		pattern := cleanKeep(t.s)
		if !slices.Contains(out, pattern) {
			out = append(out, pattern)
		}
	}
	return out
}

// cleanKeep writes a pattern as the paths are that it is held against: "./data" is
// "data", and "data/" is all that lies in it.
func cleanKeep(pattern string) string {
	pattern = strings.TrimPrefix(pattern, "./")
	if strings.HasSuffix(pattern, "/") {
		pattern += "**"
	}
	return pattern
}

func checkKeep(written string, name plugin.Name) error {
	pattern := cleanKeep(written)
	switch {
	case pattern == "":
		return errors.New("it is empty")
	case strings.HasPrefix(pattern, "/") || windowsDrive.MatchString(pattern) || strings.HasPrefix(pattern, "~"):
		return errors.New("it is relative to the plugin's folder")
	case slices.ContainsFunc(strings.Split(pattern, "/"), func(s string) bool { return s == "." || s == "" }):
		return errors.New(`it has an empty element or a ".", which no path has`)
	case slices.Contains(strings.Split(pattern, "/"), ".."):
		return errors.New(`it stays inside the plugin's folder: ".." is not allowed`)
	case !doublestar.ValidatePattern(pattern):
		return errors.New(`it is not a valid pattern: write it as "data/**", "*.log" or "cache/{a,b}"`)
	}
	for _, file := range []string{plugin.ManifestFile, string(name)} {
		// An executable that is "kept" would never be repaired.
		if doublestar.MatchUnvalidated(pattern, file) {
			return errors.New("it matches " + file + ", which belongs to the package")
		}
	}
	return nil
}

// asset reads the pattern that selects among several downloads.
func (b block) asset(kind plugin.SourceKind, platforms []plugin.Platform) plugin.Asset {
	attr, ok := b.content.Attributes["asset"]
	if !ok {
		return plugin.Asset{}
	}
	e := b.template(attr.Expr)
	samples := b.d.samplesOf(e, platforms)
	if len(samples) == 0 {
		return plugin.Asset{}
	}
	for _, t := range samples {
		if b.d.refuseOrigin(t, "Asset", writeOut) {
			break
		}
		if err := checkAsset(t.s); err != nil {
			b.d.reject(t, "Invalid asset", err)
			break
		}
	}
	if kind != 0 && !kind.HasAssets() {
		b.d.fail(attr.NameRange, "Invalid asset",
			"It selects among the downloads of a registry or a release; this source has only one.")
	}
	return plugin.Asset{Pattern: func(v plugin.Version, p plugin.Platform) (string, error) {
		t, err := e.locate(v, p)
		if err != nil {
			return "", err
		}
		if err := checkAsset(t.s); err != nil {
			return "", e.error("Invalid asset", err.Error())
		}
		return t.s, nil
	}}
}

func checkAsset(s string) error {
	switch {
	case s == "":
		return errors.New("it is empty")
	case strings.ContainsAny(s, "/\\\x00"):
		return errors.New("it is the name of a file, without folders")
	}
	return nil
}
