package config

import (
	"fmt"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// source reads where a plugin comes from. A spec without kind means that it could not,
// which is reported.
func (b block) source(r *plugin.Requirement, version text) plugin.SourceSpec {
	attr, written := b.content.Attributes["source"]
	if !written {
		return b.defaultSource(r.Name)
	}
	e := b.template(attr.Expr)
	spec := plugin.SourceSpec{
		Text: e.text, PerVersion: e.perVersion, PerPlatform: e.perPlatform, Pos: position(attr.Range),
	}
	platforms := b.d.wanted(*r)
	if e.perPlatform && platforms == nil {
		b.d.fail(attr.Expr.Range(), "Missing platforms",
			`A source that uses "os" or "arch" needs "platforms", at the top of the file or in the plugin.`)
		return spec
	}
	samples, ok := b.samples(e, r.Constraint, platforms)
	if !ok {
		return spec
	}
	if len(samples) == 0 {
		return b.defaultSource(r.Name) // null is as good as not written
	}
	ref, err := b.d.reference(samples[0])
	if err != nil {
		b.d.reject(samples[0], "Invalid source", err)
		return spec
	}
	b.checkSource(e, ref, samples, r.Constraint, version)
	spec.Kind, spec.Registry, spec.Plugin = ref.kind, ref.registry, ref.plugin
	if reg, ok := b.d.file.Registry(ref.registry); ok {
		spec.Base = reg.URL
	}
	spec.Locate = b.d.locator(e, ref.kind)
	return spec
}

// wanted are the platforms declared for a plugin; nil where none are.
func (d *decoder) wanted(r plugin.Requirement) []plugin.Platform {
	if r.Platforms != nil {
		return r.Platforms
	}
	return d.file.Platforms
}

// defaultSource is the first registry, and the plugin's own name in it.
func (b block) defaultSource(name plugin.Name) plugin.SourceSpec {
	registries := b.d.file.Registries
	if len(registries) == 0 && b.broken {
		return plugin.SourceSpec{}
	}
	if len(registries) == 0 {
		b.d.fail(b.rng, "No registry",
			`The plugin %q has no source, so it comes from the first registry, and the file declares none: `+
				`add a registry block, or a source.`, name)
		return plugin.SourceSpec{}
	}
	ref := registries[0].Name + "/" + string(name)
	return plugin.SourceSpec{
		Kind: plugin.SourceRegistry, Text: ref, Registry: registries[0].Name, Plugin: string(name), Base: registries[0].URL,
		Pos:    position(b.rng),
		Locate: func(plugin.Version, plugin.Platform) (string, error) { return ref, nil },
	}
}

// samples evaluates a source for every platform it must serve. None are returned where
// it is null.
func (b block) samples(e template, c plugin.Constraint, platforms []plugin.Platform) ([]text, bool) {
	versions := []plugin.Version{plugin.MustVersion("1.2.3"), plugin.MustVersion("9.8.7-rc.1")}
	if exact, ok := c.Exact(); ok {
		versions = []plugin.Version{exact}
	}
	if !e.perVersion {
		versions = versions[:1]
	}
	if !e.perPlatform {
		platforms = []plugin.Platform{{OS: "linux", Arch: "amd64"}}
	}
	const instead = "write the address; a mirror block says where else it is fetched from, a token or credentials block how to get in"
	var out []text
	nulls := 0
	for _, v := range versions {
		for _, p := range platforms {
			t, diags := e.eval(v, p)
			if diags.HasErrors() {
				b.d.diags = append(b.d.diags, diags...)
				return nil, false
			}
			if b.d.refuseOrigin(t, "Source", instead) {
				return nil, false
			}
			if t.given {
				out = append(out, t)
			} else {
				nulls++
			}
		}
	}
	if nulls > 0 && len(out) > 0 {
		b.d.fail(e.expr.Range(), "Invalid source", "It is null for some versions or platforms, but not for all of them.")
		return nil, false
	}
	// What could not be evaluated is unknown, not null, and reported elsewhere.
	return out, len(out) > 0 || !b.d.diags.HasErrors()
}

// checkSource holds what a source uses against what its kind can use.
func (b block) checkSource(e template, ref reference, samples []text, c plugin.Constraint, version text) {
	at := e.expr.Range()
	for _, t := range append(samples, e.others()...) {
		if other, err := b.d.classify(t.s); err == nil && other != ref.kind {
			b.d.fail(at, "Invalid source", "Its kind may not depend on the version or the platform: it is %s and %s.", ref.kind, other)
			return
		}
	}
	switch {
	case ref.kind.Local() && e.perVersion:
		b.d.fail(at, "Invalid source", `A local source has the version its plugin.json says: it cannot use "version".`)
	case !ref.kind.Addressed() && (e.perVersion || e.perPlatform):
		b.d.fail(at, "Invalid source", `Only a URL or a path can use "version", "os" and "arch".`)
	case e.perVersion:
		if _, ok := c.Exact(); !ok {
			b.failInexact(version)
		}
	}
	for _, t := range samples {
		u, err := b.d.checkAddressed(t.s, ref.kind)
		if err != nil {
			b.d.reject(t, "Invalid source", err)
			return
		}
		if u != nil && insecure(u) && ref.kind.Addressed() {
			b.d.warn(at, "Insecure URL",
				"What is read over http:// can be read and changed on its way; use https:// where the server has it.")
			return
		}
	}
}

func (b block) failInexact(version text) {
	at, instead := version.rng, fmt.Sprintf("%q is not one version", version.show())
	if !version.given {
		at, instead = b.rng, "none is given"
	}
	b.d.fail(at, "Exact version needed",
		`A URL that uses "version" cannot tell which versions exist, so "version" must be one full version, like "1.2.3": %s.`,
		instead)
}

// others are the texts for platforms and versions nobody asked for yet, as far as there
// are any.
func (e template) others() []text {
	var out []text
	for _, v := range []string{"0.1.0", "9.8.7-rc.1"} {
		for _, p := range []plugin.Platform{{OS: "windows", Arch: "386"}, {OS: "darwin", Arch: "arm64"}} {
			if t, diags := e.eval(plugin.MustVersion(v), p); t.given && !diags.HasErrors() {
				out = append(out, t)
			}
		}
	}
	return out
}

// locator makes the function that [plugin.SourceSpec] promises.
func (d *decoder) locator(e template, kind plugin.SourceKind) func(plugin.Version, plugin.Platform) (string, error) {
	return func(v plugin.Version, p plugin.Platform) (string, error) {
		t, err := e.locate(v, p)
		if err != nil {
			return "", err
		}
		got, err := d.classify(t.s)
		if err == nil && got != kind {
			err = fmt.Errorf("its kind may not depend on the version or the platform: it is %s and %s", kind, got)
		}
		if err == nil {
			_, err = d.checkAddressed(t.s, kind)
		}
		if err != nil {
			return "", e.error("Invalid source", err.Error())
		}
		return t.s, nil
	}
}

// reference is what a source's text says.
type reference struct {
	kind             plugin.SourceKind
	registry, plugin string
}

// reference reads a source's text, and finds its registry among those declared.
func (d *decoder) reference(t text) (reference, error) {
	kind, err := d.classify(t.s)
	if err != nil || kind != plugin.SourceRegistry {
		return reference{kind: kind}, err
	}
	registry, name, _ := strings.Cut(t.s, "/")
	var declared []string
	for _, r := range d.file.Registries {
		declared = append(declared, r.Name)
	}
	if _, ok := d.file.Registry(registry); !ok {
		if len(declared) == 0 {
			return reference{}, fmt.Errorf("there is no registry named %q: the file declares none", registry)
		}
		return reference{}, fmt.Errorf("there is no registry named %q, only %s.%s",
			registry, quoted(declared), didYouMean(registry, declared))
	}
	if _, err := plugin.ParseName(name); err != nil {
		return reference{}, err
	}
	return reference{kind: kind, registry: registry, plugin: name}, nil
}
