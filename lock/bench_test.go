package lock_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// manyLocked are 1,000 plugins for two platforms.
func manyLocked() *lock.File {
	f := &lock.File{}
	for i := range 1000 {
		name := fmt.Sprintf("p%04d", i)
		p := lock.Plugin{Name: plugin.Name(name), Version: plugin.MustVersion(fmt.Sprintf("1.%d.0", i%10)), Constraints: "~> 1.0", Source: "acme/" + name}
		for _, platform := range []plugin.Platform{{OS: "darwin", Arch: "arm64"}, {OS: "linux", Arch: "amd64"}} {
			p.Packages = append(p.Packages, plugin.Package{
				Platform: platform, URL: "https://dl.example.com/" + name + "/" + platform.OS + ".tar.gz",
				Digest: plugin.Digest(fmt.Sprintf("sha256:%064x", i)),
			})
		}
		f.Plugins = append(f.Plugins, p)
	}
	return f
}

// BenchmarkParse reads a lock file of 1,000 plugins; the floor is the syntax of HCL alone.
func BenchmarkParse(b *testing.B) {
	src := lock.Format(manyLocked())
	b.Run("lock", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		b.ReportAllocs()
		for b.Loop() {
			if f, err := lock.Parse(src, "plugins.lock.hcl"); err != nil || len(f.Plugins) != 1000 {
				b.Fatal(err)
			}
		}
	})
	b.Run("floor", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		b.ReportAllocs()
		for b.Loop() {
			if _, diags := hclsyntax.ParseConfig(src, "plugins.lock.hcl", hcl.InitialPos); diags.HasErrors() {
				b.Fatal(diags)
			}
		}
	})
}

// BenchmarkFormat writes it, which the digest of a lock takes, too.
func BenchmarkFormat(b *testing.B) {
	f := manyLocked()
	b.SetBytes(int64(len(lock.Format(f))))
	b.ReportAllocs()
	for b.Loop() {
		lock.Format(f)
	}
}
