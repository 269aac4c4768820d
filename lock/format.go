package lock

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/plugins-hcl/plugins/plugin"
)

const header = "# Maintained by \"plugins lock\". Commit this file; changes made by hand are lost.\n\n"

// Format writes f: one fact a line, everything sorted, so that equal locks are
// equal bytes and branches that change different plugins merge.
func Format(f *File) []byte {
	sorted := File{Plugins: slices.Clone(f.Plugins)}
	for i := range sorted.Plugins {
		p := &sorted.Plugins[i]
		p.Packages, p.RequiredBy = slices.Clone(p.Packages), slices.Clone(p.RequiredBy)
	}
	sorted.Sort()

	var b bytes.Buffer
	b.WriteString(header)
	fmt.Fprintf(&b, "version = %d\n", FormatVersion)
	for _, p := range sorted.Plugins {
		fmt.Fprintf(&b, "\nplugin %s {\n", literal(string(p.Name)))
		formatPlugin(&b, p)
		b.WriteString("}\n")
	}
	return hclwrite.Format(b.Bytes())
}

// Digest tells locks apart: it is that of the bytes that [Format] writes, and so that of
// the lock file, unless somebody else wrote that differently.
func (f *File) Digest() plugin.Digest {
	sum := sha256.Sum256(Format(f))
	return plugin.NewDigest(plugin.SHA256, sum[:])
}

func formatPlugin(b *bytes.Buffer, p Plugin) {
	attribute(b, "version", p.Version.String())
	attribute(b, "constraints", p.Constraints)
	attribute(b, "source", p.Source)
	attribute(b, "manifest_name", p.ManifestName)
	if len(p.RequiredBy) > 0 {
		names := make([]cty.Value, len(p.RequiredBy))
		for i, n := range p.RequiredBy {
			names[i] = cty.StringVal(string(n))
		}
		fmt.Fprintf(b, "required_by = %s\n", hclwrite.TokensForValue(cty.ListVal(names)).Bytes())
	}
	attribute(b, "resolved", p.Resolved)
	attribute(b, "binary", p.Binary)
	attribute(b, "min_host", p.MinHost.String())
	if p.ForceCompat {
		b.WriteString("force_compat = true\n")
	}
	attribute(b, "manifest", p.Manifest)
	attribute(b, "signed_by", p.SignedBy)
	for i, pkg := range p.Packages {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(b, "package %s {\n", literal(pkg.Platform.String()))
		attribute(b, "url", pkg.URL)
		attribute(b, "path", pkg.Path)
		attribute(b, "digest", string(pkg.Digest))
		b.WriteString("}\n")
	}
}

func attribute(b *bytes.Buffer, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "%s = %s\n", name, literal(value))
	}
}

func literal(s string) []byte { return hclwrite.TokensForValue(cty.StringVal(s)).Bytes() }
