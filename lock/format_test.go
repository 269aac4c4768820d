package lock_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

var (
	linux  = plugin.Platform{OS: "linux", Arch: "amd64"}
	darwin = plugin.Platform{OS: "darwin", Arch: "arm64"}

	sumA = plugin.Digest("sha256:" + strings.Repeat("a", 64))
	sumB = plugin.Digest("sha256:" + strings.Repeat("b", 64))
	tree = plugin.Digest("tree-sha256:" + strings.Repeat("c", 64))
)

// The bytes are public: they are committed, compared and merged.
const golden = `# Maintained by "plugins lock". Commit this file; changes made by hand are lost.

version = 1

plugin "authz" {
  version       = "0.6.0"
  constraints   = "~> 0.6"
  source        = "gocodealone/authz"
  manifest_name = "workflow-plugin-authz"
  required_by   = ["billing", "payments"]

  package "darwin/arm64" {
    url    = "https://dl.example.com/v0.6.0/workflow-plugin-authz-darwin-arm64.tar.gz"
    digest = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
  }
  package "linux/amd64" {
    url    = "https://dl.example.com/v0.6.0/workflow-plugin-authz-linux-amd64.tar.gz"
    digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }
}

plugin "report" {
  version     = "2.0.1"
  constraints = "2.0.1"
  source      = "https://dl.example.com/$${version}/report_$${os}_$${arch}.tar.gz"
  resolved    = "acme/report"
  binary      = "none"
  min_host    = "0.86.0"
  manifest    = "{\"name\":\"report\",\"version\":\"2.0.1\"}"
  signed_by   = "minisign:RWQf6LRCGA9i"

  package "linux/amd64" {
    url    = "https://dl.example.com/2.0.1/report_linux_amd64.tar.gz"
    digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }
}

plugin "scratch" {
  version = "0.1.0"
  source  = "./plugins-src/scratch"

  package "any" {
    path   = "./plugins-src/scratch"
    digest = "tree-sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
  }
}
`

func goldenFile() *lock.File {
	return &lock.File{Plugins: []lock.Plugin{
		{
			Name: "authz", Version: plugin.MustVersion("v0.6.0"), Constraints: "~> 0.6",
			Source: "gocodealone/authz", ManifestName: "workflow-plugin-authz",
			RequiredBy: []plugin.Name{"billing", "payments"},
			Packages: []lock.Package{
				{Platform: darwin, URL: "https://dl.example.com/v0.6.0/workflow-plugin-authz-darwin-arm64.tar.gz", Digest: sumB},
				{Platform: linux, URL: "https://dl.example.com/v0.6.0/workflow-plugin-authz-linux-amd64.tar.gz", Digest: sumA},
			},
		},
		{
			Name: "report", Version: plugin.MustVersion("2.0.1"), Constraints: "2.0.1",
			Source:   "https://dl.example.com/${version}/report_${os}_${arch}.tar.gz",
			Resolved: "acme/report", Binary: plugin.NoBinary, MinHost: plugin.MustVersion("0.86.0"), Manifest: `{"name":"report","version":"2.0.1"}`, SignedBy: lock.SignerOf("RWQf6LRCGA9i"),
			Packages: []lock.Package{{Platform: linux, URL: "https://dl.example.com/2.0.1/report_linux_amd64.tar.gz", Digest: sumA}},
		},
		{
			Name: "scratch", Version: plugin.MustVersion("0.1.0"), Source: "./plugins-src/scratch",
			Packages: []lock.Package{{Platform: plugin.AnyPlatform, Path: "./plugins-src/scratch", Digest: tree}},
		},
	}}
}

func TestFormatGolden(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(golden, string(lock.Format(goldenFile()))); diff != "" {
		t.Errorf("Format (-want +got):\n%s", diff)
	}
	parsed, err := lock.Parse([]byte(golden), "plugins.lock.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(goldenFile(), parsed); diff != "" {
		t.Errorf("Parse (-want +got):\n%s", diff)
	}
}

func TestFormatOfNothing(t *testing.T) {
	t.Parallel()
	const want = "# Maintained by \"plugins lock\". Commit this file; changes made by hand are lost.\n\nversion = 1\n"
	if got := string(lock.Format(&lock.File{})); got != want {
		t.Errorf("Format = %q", got)
	}
	if f, err := lock.Parse([]byte(want), "x"); err != nil || len(f.Plugins) != 0 {
		t.Errorf("Parse = %v, %v", f, err)
	}
}

// names are drawn from few, so that plugins share prefixes and dependents.
func names() *rapid.Generator[plugin.Name] {
	return rapid.Map(rapid.StringMatching(`[a-c]([a-c0-9._-]{0,3}[a-c0-9])?`), func(s string) plugin.Name { return plugin.Name(s) })
}

// texts is whatever may stand in a source or in a registry's manifest. The lock is
// HCL, whose strings are in Unicode's form C.
func texts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.Map(rapid.String(), norm.NFC.String),
		rapid.Map(rapid.SliceOf(rapid.SampledFrom([]string{
			"$", "%", "{", "}", "${", "%{", "$${", "~", `"`, `\`, "\n", "\r", "\t", "\x00", "\x7f", "\u2028", "#", "//", "<<EOT\n", "é", "日", "🧩", "\U0010ffff", "a",
		})), func(parts []string) string { return norm.NFC.String(strings.Join(parts, "")) }),
	)
}

func files() *rapid.Generator[*lock.File] {
	version := rapid.Custom(func(t *rapid.T) plugin.Version {
		v := rapid.StringMatching(`[0-9]\.(0|[1-9][0-9]?)\.[0-9](-rc\.[0-9])?(\+[a-z]{1,3})?`).Draw(t, "version")
		return plugin.MustVersion(v)
	})
	digest := rapid.Custom(func(t *rapid.T) plugin.Digest {
		sum := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "sum")
		return plugin.NewDigest(rapid.SampledFrom([]string{plugin.SHA256, plugin.TreeSHA256}).Draw(t, "algorithm"), sum)
	})
	pkg := rapid.Custom(func(t *rapid.T) lock.Package {
		p := lock.Package{Platform: rapid.SampledFrom([]plugin.Platform{linux, darwin, plugin.AnyPlatform}).Draw(t, "platform"), Digest: digest.Draw(t, "digest")}
		where := norm.NFC.String("x" + texts().Draw(t, "where"))
		if rapid.Bool().Draw(t, "path") {
			p.Path = where
		} else {
			p.URL = where
		}
		return p
	})
	one := rapid.Custom(func(t *rapid.T) lock.Plugin {
		return lock.Plugin{
			Name: names().Draw(t, "name"), Version: version.Draw(t, "version"),
			Constraints:  rapid.SampledFrom([]string{"", "~> 0.6", ">= 2.1, < 3", "1.x || ^2"}).Draw(t, "constraints"),
			Source:       norm.NFC.String("x" + texts().Draw(t, "source")),
			ManifestName: texts().Draw(t, "manifest name"),
			RequiredBy:   sorted(rapid.SliceOfNDistinct(names(), 0, 3, rapid.ID).Draw(t, "required by")),
			Resolved:     texts().Draw(t, "resolved"),
			Binary:       texts().Draw(t, "binary"),
			MinHost:      rapid.OneOf(rapid.Just(plugin.Version{}), version).Draw(t, "min host"),
			Manifest:     texts().Draw(t, "manifest"),
			SignedBy:     texts().Draw(t, "signed by"),
			Packages:     rapid.SliceOfNDistinct(pkg, 1, 3, func(p lock.Package) plugin.Platform { return p.Platform }).Draw(t, "packages"),
		}
	})
	return rapid.Custom(func(t *rapid.T) *lock.File {
		f := &lock.File{Plugins: rapid.SliceOfNDistinct(one, 0, 4, func(p lock.Plugin) plugin.Name { return p.Name }).Draw(t, "plugins")}
		if len(f.Plugins) == 0 {
			f.Plugins = nil
		}
		f.Sort()
		return f
	})
}

func sorted(names []plugin.Name) []plugin.Name {
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return names
}

// Nothing that can stand in a lock is lost, mangled or evaluated.
func TestFormatThenParseIsTheSameLock(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := files().Draw(t, "lock")
		text := lock.Format(f)
		got, err := lock.Parse(text, "x")
		if err != nil {
			t.Fatalf("Parse: %v\n%s", err, text)
		}
		if diff := cmp.Diff(f, got); diff != "" {
			t.Fatalf("not the same (-want +got):\n%s\n%s", diff, text)
		}
	})
}

// In whatever order things were found, the bytes are the same, and what was handed in
// stays as it was.
func TestFormatDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := files().Draw(t, "lock")
		want := string(lock.Format(f))
		r := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed")))
		shuffled := &lock.File{Plugins: shuffle(r, f.Plugins)}
		for i := range shuffled.Plugins {
			shuffled.Plugins[i].Packages = shuffle(r, shuffled.Plugins[i].Packages)
			shuffled.Plugins[i].RequiredBy = shuffle(r, shuffled.Plugins[i].RequiredBy)
		}
		var before []plugin.Name
		for _, p := range shuffled.Plugins {
			before = append(before, p.Name)
		}
		if diff := cmp.Diff(want, string(lock.Format(shuffled))); diff != "" {
			t.Fatalf("another order gives other bytes:\n%s", diff)
		}
		for i, p := range shuffled.Plugins {
			if p.Name != before[i] {
				t.Fatal("Format sorted the lock it was given")
			}
		}
	})
}

func shuffle[T any](r *rand.Rand, s []T) []T {
	s = slices.Clone(s)
	r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return s
}

// Two branches that change different plugins merge, neighbours in the file included.
func TestBranchesThatChangeDifferentPluginsMerge(t *testing.T) {
	t.Parallel()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git")
	}
	change := func(p *lock.Plugin) {
		p.Version = plugin.MustVersion("9.0.0")
		p.ManifestName = "workflow-plugin-" + string(p.Name)
		for i := range p.Packages {
			p.Packages[i].Digest = sumB
		}
	}
	remove := func(p *lock.Plugin) { p.Name = "" }
	for name, edits := range map[string][2]func(f *lock.File){
		"first and second": {edit(0, change), edit(1, change)},
		"second and third": {edit(1, change), edit(2, change)},
		"removed and changed": {
			edit(0, remove),
			edit(1, change),
		},
		"changed and removed": {edit(0, change), edit(1, remove)},
		"last changed and one added": {edit(2, change), func(f *lock.File) {
			added := goldenFile().Plugins[2]
			added.Name = "zebra"
			f.Plugins = append(f.Plugins, added)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			both := goldenFile()
			for i, file := range []string{"ours", "theirs"} {
				f := goldenFile()
				edits[i](f)
				save(t, filepath.Join(dir, file), lock.Format(f))
			}
			save(t, filepath.Join(dir, "base"), lock.Format(goldenFile()))
			edits[1](both)
			edits[0](both)
			cmd := exec.CommandContext(t.Context(), git, "merge-file", "-p", "ours", "base", "theirs")
			cmd.Dir = dir
			merged, err := cmd.Output()
			if err != nil {
				t.Fatalf("git merge-file: %v\n%s", err, merged)
			}
			if diff := cmp.Diff(string(lock.Format(both)), string(merged)); diff != "" {
				t.Errorf("merged (-want +got):\n%s", diff)
			}
		})
	}
}

// edit changes one plugin; one without a name is removed.
func edit(i int, change func(*lock.Plugin)) func(*lock.File) {
	return func(f *lock.File) {
		change(&f.Plugins[i])
		f.Plugins = slices.DeleteFunc(f.Plugins, func(p lock.Plugin) bool { return p.Name == "" })
	}
}

func save(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
