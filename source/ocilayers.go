package source

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/plugins-hcl/plugins/plugin"
)

// layer is a layer of a manifest that may be a package.
type layer struct {
	digest   plugin.Digest
	size     int64
	title    string          // the last element of its title; "" where it has none
	platform plugin.Platform // that the title tells; AnyPlatform where it tells none
}

// packages are those of a manifest that is for a platform; AnyPlatform where nothing has
// told yet which.
func (o *oci) packages(ctx context.Context, m *ociManifest, platform plugin.Platform) ([]plugin.Package, error) {
	layers, err := m.packageLayers()
	if err != nil {
		return nil, err
	}
	told := slices.DeleteFunc(slices.Clone(layers), func(l layer) bool { return l.platform == plugin.AnyPlatform })
	if platform == plugin.AnyPlatform && len(told) == 0 {
		if platform, err = o.platformOfConfig(ctx, m); err != nil {
			return nil, err
		}
	}
	switch {
	case platform != plugin.AnyPlatform && len(told) > 0:
		layers = slices.DeleteFunc(told, func(l layer) bool { return l.platform != platform })
		if len(layers) == 0 {
			return nil, m.fail("it is for %s, and the titles of its layers tell other platforms", platform)
		}
	case platform != plugin.AnyPlatform:
		for i := range layers {
			layers[i].platform = platform
		}
	case len(told) > 0:
		layers = told // what is for no platform beside them is no package
	}
	return o.addressed(m, layers)
}

// addressed makes packages of layers. Where a platform has several, their titles tell
// them apart.
func (o *oci) addressed(m *ociManifest, layers []layer) ([]plugin.Package, error) {
	count := map[plugin.Platform]int{}
	for _, l := range layers {
		count[l.platform]++
	}
	var out []plugin.Package
	for _, l := range layers {
		if count[l.platform] > 1 && l.title == "" {
			return nil, m.fail("it has %d layers%s without a title to tell them apart: a package is one layer, and this may be an image that was built in steps",
				count[l.platform], l.platform.For())
		}
		ref := m.ref
		if (len(m.Layers) > 1 || !o.r.Asset.IsZero()) && plugin.IsOCIFile(l.title) {
			ref.File = l.title
		}
		out = append(out, plugin.Package{Platform: l.platform, URL: ref.String(), Digest: l.digest})
	}
	return out, nil
}

// packageLayers are the layers that may be packages.
func (m *ociManifest) packageLayers() ([]layer, error) {
	var out []layer
	for _, d := range m.Layers {
		title := d.Annotations[ocispec.AnnotationTitle]
		if title != "" && !safeTitle(title) {
			return nil, m.refuse("the title of a layer, %q, leads out of the folder that it is for", title)
		}
		if title != "" {
			title = path.Base(title)
		}
		if !mayBePackage(d.MediaType, title) {
			continue
		}
		digest, err := sha256Of(d)
		if err != nil {
			return nil, m.fail("%w", err)
		}
		l := layer{digest: digest, size: d.Size, title: title, platform: plugin.AnyPlatform}
		if p, ok := platformOf(title); ok {
			l.platform = p
		}
		out = append(out, l)
	}
	if len(out) == 0 {
		return nil, m.fail("none of its %d layers can be a package", len(m.Layers))
	}
	return out, nil
}

// safeTitle reports whether whoever makes a file of a title's name makes it in the folder
// meant. We make none, but a manifest that tries is no good.
func safeTitle(title string) bool {
	return fs.ValidPath(strings.TrimPrefix(title, "./")) && !strings.ContainsAny(title, `\:`) && !strings.ContainsFunc(title, unicode.IsControl)
}

// mayBePackage tells what certainly is no package by its type, and, since "oras push"
// gives everything the type of an archive, by the end of its title. What is left is known
// by its content.
func mayBePackage(mediaType, title string) bool {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	switch {
	case strings.HasPrefix(mediaType, "text/"), strings.HasSuffix(mediaType, "+json"), strings.HasSuffix(mediaType, "/json"),
		strings.HasPrefix(mediaType, "application/pgp-"), strings.Contains(mediaType, "signature"), strings.Contains(mediaType, "cosign"):
		return false
	}
	switch strings.ToLower(path.Ext(title)) {
	case ".txt", ".md", ".json", ".yaml", ".yml", ".sig", ".asc", ".pem", ".crt", ".minisig", ".sha256", ".sha512", ".sbom", ".spdx", ".intoto":
		return false
	}
	switch strings.ToUpper(title) {
	case "LICENSE", "NOTICE", "README", "SHA256SUMS":
		return false
	}
	return true
}

// platformOfConfig is that of an image's configuration; AnyPlatform where there is none.
func (o *oci) platformOfConfig(ctx context.Context, m *ociManifest) (plugin.Platform, error) {
	switch m.Config.MediaType {
	case ocispec.MediaTypeImageConfig, "application/vnd.docker.container.image.v1+json":
	default:
		return plugin.AnyPlatform, nil
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
