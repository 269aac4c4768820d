package source

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/plugins-hcl/plugins/internal/asset"
	"github.com/plugins-hcl/plugins/plugin"
)

// layer is a layer of a manifest that may be a package.
type layer struct {
	digest plugin.Digest
	size   int64  // that its manifest says
	title  string // the last element of its title; "" where it has none
	file   string // what it would be called as a file, by which its platform is told
}

// packages are those of a manifest that is for a platform; AnyPlatform where nothing has
// told yet which.
func (o *oci) packages(ctx context.Context, v plugin.Version, m *ociManifest, platform plugin.Platform) ([]ociPackage, error) {
	layers, err := m.packageLayers()
	if err != nil {
		return nil, err
	}
	if len(layers) == 1 {
		return o.only(ctx, v, m, platform, layers[0])
	}
	for _, l := range layers {
		if l.file == "" {
			return nil, m.fail("%d of its layers may be the package, and they have no titles to tell: a package is one layer, and this may be an image that was built in steps", len(layers))
		}
	}
	chosen, err := o.choose(v, platform, layers)
	if err != nil {
		return nil, err
	}
	if forAny, ok := chosen[plugin.AnyPlatform]; ok {
		if platform, err = o.platformOf(ctx, m, platform); err != nil {
			return nil, err
		}
		chosen = map[plugin.Platform][]layer{platform: forAny}
	}
	var out []ociPackage
	for _, p := range slices.SortedFunc(maps.Keys(chosen), plugin.ComparePlatforms) {
		if platform != plugin.AnyPlatform && platform != p {
			continue
		}
		for _, l := range chosen[p] {
			out = append(out, o.pkg(m, p, l))
		}
	}
	if len(out) == 0 {
		return nil, m.fail("none of its layers is a package%s: they are %s", platform.For(), titles(layers))
	}
	return out, nil
}

// only is the one layer of a manifest, whatever it is called, unless its title tells
// another platform.
func (o *oci) only(ctx context.Context, v plugin.Version, m *ociManifest, platform plugin.Platform, l layer) ([]ociPackage, error) {
	told := asset.Choose([]string{l.file}, v.String(), o.likes()).Packages
	delete(told, plugin.AnyPlatform)
	platforms := slices.SortedFunc(maps.Keys(told), plugin.ComparePlatforms)
	switch {
	case len(told) == 0:
		var err error
		if platform, err = o.platformOf(ctx, m, platform); err != nil {
			return nil, err
		}
		platforms = []plugin.Platform{platform}
	case platform != plugin.AnyPlatform:
		if told[platform] == nil {
			return nil, m.fail("it is for %s, and its layer %q is for %s", platform, l.title, plugin.PlatformList(platforms))
		}
		platforms = []plugin.Platform{platform}
	}
	var out []ociPackage
	for _, p := range platforms {
		out = append(out, o.pkg(m, p, l))
	}
	return out, nil
}

// pkg makes a package of a layer. Where its manifest has others, its title is a part of
// its address, and what "asset" is about.
func (o *oci) pkg(m *ociManifest, platform plugin.Platform, l layer) ociPackage {
	ref := m.ref
	if (len(m.Layers) > 1 || !o.r.Asset.IsZero()) && plugin.IsOCIFile(l.title) {
		ref.File = l.title
	}
	return ociPackage{plugin.Package{Platform: platform, URL: ref.String(), Digest: l.digest}, l.size}
}

// choose tells the layers for each platform as the files of a release are told: by the
// words of their names or, where the configuration names an asset, by that.
func (o *oci) choose(v plugin.Version, platform plugin.Platform, layers []layer) (map[plugin.Platform][]layer, error) {
	byFile := map[string]layer{}
	for _, l := range layers {
		byFile[l.file] = l
	}
	chosen := map[plugin.Platform][]layer{}
	for p, files := range asset.Choose(slices.Collect(maps.Keys(byFile)), v.String(), o.likes()).Packages {
		for _, file := range files {
			chosen[p] = append(chosen[p], byFile[file])
		}
	}
	if o.r.Asset.IsZero() {
		return chosen, nil
	}
	platforms := o.set.platforms(plugin.Requirement{Platforms: o.r.Platforms, Source: plugin.SourceSpec{PerPlatform: true}})
	platforms = append(slices.AppendSeq(platforms, maps.Keys(chosen)), platform)
	clear(chosen)
	for _, p := range platforms {
		pattern, err := o.r.Asset.Pattern(v, p)
		if err != nil {
			return nil, err
		}
		for _, l := range layers {
			if ok, err := path.Match(pattern, l.title); ok && err == nil && !slices.Contains(chosen[p], l) {
				chosen[p] = append(chosen[p], l)
			}
		}
	}
	if len(chosen) > 1 {
		delete(chosen, plugin.AnyPlatform)
	}
	return chosen, nil
}

// likes are the names that the program may have in titles.
func (o *oci) likes() []string {
	var likes []string
	for _, name := range []string{string(o.r.Name), path.Base(o.ref.Repository)} {
		likes = append(likes, name, plugin.LongName(name), plugin.ShortName(name))
	}
	return slices.DeleteFunc(likes, func(s string) bool { return s == "" })
}

// titles lists a few, for messages.
func titles(layers []layer) string {
	const most = 10
	var out []string
	for _, l := range layers[:min(len(layers), most)] {
		out = append(out, strconv.Quote(l.title))
	}
	if rest := len(layers) - most; rest > 0 {
		out = append(out, fmt.Sprintf("and %d more", rest))
	}
	return strings.Join(out, ", ")
}

// packageLayers are the layers that may be packages.
func (m *ociManifest) packageLayers() ([]layer, error) {
	var out []layer
	for _, d := range m.Layers {
		title := d.Annotations[ocispec.AnnotationTitle]
		if title != "" && !safeTitle(title) {
			return nil, m.refuse("the title of a layer, %q, leads out of the folder that it is for", title)
		}
		if !mayBePackage(d.MediaType) {
			continue
		}
		digest, err := sha256Of(d)
		if err != nil {
			return nil, m.fail("%w", err)
		}
		l := layer{digest: digest, size: d.Size}
		if title != "" {
			l.title = path.Base(title)
			l.file = l.title
		}
		if title != "" && (d.Annotations[unpackAnnotation] == "true" || packedType(d.MediaType) && !archiveName(title)) {
			l.file += ".tar.gz" // "oras push" packs a folder, and calls it as the folder
		}
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	if len(out) == 0 {
		return nil, m.fail("none of its %d layers can be a package", len(m.Layers))
	}
	return out, nil
}

// Source: https://oras.land/docs/how_to_guides/pushing_and_pulling
const unpackAnnotation = "io.deis.oras.content.unpack"

// safeTitle reports whether whoever makes a file of a title's name makes it in the folder
// meant. We make none, but a manifest that tries is no good.
func safeTitle(title string) bool {
	return fs.ValidPath(strings.TrimPrefix(title, "./")) && !strings.ContainsAny(title, `\:`) && !strings.ContainsFunc(title, unicode.IsControl)
}

// mayBePackage tells what certainly is no package by its type. What is left is known by
// its content: "oras push" gives everything the type of an archive.
func mayBePackage(mediaType string) bool {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	switch {
	case strings.HasPrefix(mediaType, "text/"), strings.HasSuffix(mediaType, "+json"), strings.HasSuffix(mediaType, "/json"),
		strings.HasPrefix(mediaType, "application/pgp-"), strings.Contains(mediaType, "signature"), strings.Contains(mediaType, "cosign"):
		return false
	}
	return true
}

func packedType(mediaType string) bool {
	return strings.HasSuffix(mediaType, "+gzip") || strings.HasSuffix(mediaType, "+zstd") || strings.HasSuffix(mediaType, "/zip")
}

func archiveName(title string) bool {
	return slices.Contains([]string{".gz", ".tgz", ".zst", ".tzst", ".xz", ".txz", ".tar", ".zip"}, strings.ToLower(path.Ext(title)))
}

// platformOf is the platform of a manifest: what is known of it, else what the
// configuration of an image says; AnyPlatform where there is none.
func (o *oci) platformOf(ctx context.Context, m *ociManifest, known plugin.Platform) (plugin.Platform, error) {
	switch m.Config.MediaType {
	case ocispec.MediaTypeImageConfig, "application/vnd.docker.container.image.v1+json":
	default:
		return known, nil
	}
	if known != plugin.AnyPlatform {
		return known, nil
	}
	digest, err := sha256Of(m.Config)
	if err != nil {
		return plugin.Platform{}, m.fail("%w", err)
	}
	ref := m.ref
	ref.Digest = digest
	data, err := o.set.Documents.Document(ctx, ref.String(), o.limit)
	if err != nil {
		return plugin.Platform{}, o.document("the configuration of "+m.shown, err)
	}
	if sum := sha256.Sum256(data); plugin.NewDigest(plugin.SHA256, sum[:]) != digest {
		return plugin.Platform{}, &plugin.DigestError{Where: ref.String(), Want: digest, Got: plugin.NewDigest(plugin.SHA256, sum[:])}
	}
	var config struct {
		OS           string `json:"os"`
		Architecture string `json:"architecture"`
	}
	if err := json.Unmarshal(data, &config); err != nil { // labels may differ in case alone
		return plugin.Platform{}, m.fail("its configuration: %w", err)
	}
	if config.OS+config.Architecture == "" {
		return plugin.AnyPlatform, nil
	}
	p, err := plugin.ParsePlatform(config.OS + "/" + config.Architecture)
	if err != nil {
		return plugin.Platform{}, m.fail("its configuration: %w", err)
	}
	return p, nil
}
