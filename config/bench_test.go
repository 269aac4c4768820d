package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/plugins-hcl/plugins/config"
)

// BenchmarkParse reads a plugins.hcl of 1,000 plugins; the floor is its syntax alone.
func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	text.WriteString("plugin_dir = \"data/plugins\"\nplatforms = [\"linux/amd64\", \"darwin/arm64\"]\nregistry \"acme\" {\n  url = \"https://plugins.acme.example/v1\"\n}\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "\nplugin \"p%04d\" {\n  source  = \"acme/p%04d\"\n  version = \"~> 1.%d\"\n}\n", i, i, i%10)
	}
	src := []byte(text.String())
	b.Run("config", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		b.ReportAllocs()
		for b.Loop() {
			if c, err := config.Parse(src, "plugins.hcl", config.Options{}); err != nil || len(c.Plugins) != 1000 {
				b.Fatal(err)
			}
		}
	})
	b.Run("floor", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		b.ReportAllocs()
		for b.Loop() {
			if _, diags := hclsyntax.ParseConfig(src, "plugins.hcl", hcl.InitialPos); diags.HasErrors() {
				b.Fatal(diags)
			}
		}
	})
}
