package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
)

const registries = "registry \"acme\" { url = \"./acme\" }\nregistry \"other\" { url = \"./other\" }\n"

func TestSourceKinds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		source, text string // text: "" where it is the source without its quotes
		kind         plugin.SourceKind
		at           string // what Locate says; "" where it is the text
	}{
		{source: `"acme/billing"`, kind: plugin.SourceRegistry},
		{source: `"other/${name}"`, kind: plugin.SourceRegistry, at: "other/demo"},
		{source: `"https://dl.example.com/x.tar.gz"`, kind: plugin.SourceURL},
		{source: `"HTTPS://dl.example.com/x.tar.gz?sig=1"`, kind: plugin.SourceURL},
		{source: `"http://127.0.0.1:8080/x.zip"`, kind: plugin.SourceURL},
		{source: `"oci://ghcr.io/acme/x"`, kind: plugin.SourceOCI},
		{source: `"github.com/acme/x"`, kind: plugin.SourceGitHub},
		{source: `"github.com/acme/x//tools/y"`, kind: plugin.SourceGitHub},
		{source: `"GitHub.com/acme/x"`, kind: plugin.SourceGitHub},
		{source: `"./x"`, kind: plugin.SourceLocal},
		{source: `"../x.zip"`, kind: plugin.SourceLocal},
		{source: `"/srv/x"`, kind: plugin.SourceLocal},
		{source: `"~/x"`, kind: plugin.SourceLocal},
		{source: `"."`, kind: plugin.SourceLocal},
		{source: `"file:///srv/x"`, kind: plugin.SourceLocal},
		{source: `"C:\\plugins\\x"`, kind: plugin.SourceLocal, at: `C:\plugins\x`},
		{source: `"./dist/${os}_${arch}"`, kind: plugin.SourceLocal, at: "./dist/linux_amd64"},
		{source: `local.base`, text: "local.base", kind: plugin.SourceURL, at: "https://dl.example.com/x"},
		{source: `"${local.base}"`, kind: plugin.SourceURL, at: "https://dl.example.com/x"},
		{
			source: `arch == "amd64" ? "./l" : "./w"`, kind: plugin.SourceLocal,
			text: `arch == "amd64" ? "./l" : "./w"`, at: "./l",
		},
		{
			source: `format( "https://h/%s-%s", os, lookup({amd64 = "x64"}, arch, arch) )`, kind: plugin.SourceURL,
			text: `format( "https://h/%s-%s", os, lookup({amd64 = "x64"}, arch, arch) )`, at: "https://h/linux-x64",
		},
		// Two spellings of "é": what HCL reads, and the lock gives back, is the short one.
		{source: "\"./cafe\u0301\"", text: "./caf\u00e9", kind: plugin.SourceLocal},
		{source: `"https://h/${version}/x.zip"`, kind: plugin.SourceURL, at: "https://h/1.2.3/x.zip"},
		{source: `null`, text: "acme/demo", kind: plugin.SourceRegistry},
		{source: `try(null)`, text: "acme/demo", kind: plugin.SourceRegistry},
	} {
		t.Run(test.source, func(t *testing.T) {
			t.Parallel()
			f := parse(t, registries+`platforms = ["linux/amd64"]
locals { base = "https://dl.example.com/x" }
plugin "demo" {
  version = "1.2.3"
  source  = `+test.source+"\n}\n")
			s := only(t, f).Source
			base := ""
			if test.kind == plugin.SourceRegistry {
				base = "./" + s.Registry
			}
			if s.Base != base {
				t.Errorf("Base = %q, want %q", s.Base, base)
			}
			text := test.text
			if text == "" {
				text = strings.Trim(test.source, `"`)
			}
			if s.Kind != test.kind || s.Text != text {
				t.Errorf("Kind, Text = %s, %q; want %s, %q", s.Kind, s.Text, test.kind, text)
			}
			at := test.at
			if at == "" {
				at = text
			}
			got, err := s.Locate(plugin.MustVersion("1.2.3"), plugin.Platform{OS: "linux", Arch: "amd64"})
			if err != nil || got != at {
				t.Errorf("Locate = %q, %v; want %q", got, err, at)
			}
			if perVersion := strings.Contains(test.source, "version}"); s.PerVersion != perVersion {
				t.Errorf("PerVersion = %v", s.PerVersion)
			}
			if perPlatform := strings.Contains(test.source, "arch"); s.PerPlatform != perPlatform {
				t.Errorf("PerPlatform = %v", s.PerPlatform)
			}
		})
	}
}

func TestSourceErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, want string }{
		{
			`source = "billing"`,
			`Invalid source; "billing" is not a source: write "REGISTRY/billing" for a plugin of a registry, or "./billing" for a folder.`,
		},
		{`source = ""`, `Invalid source; It is empty.`},
		{
			`source = "a/b/c"`,
			`Invalid source; "a/b/c" is not a source: write "REGISTRY/PLUGIN" for a plugin of a registry, or "./a/b/c" for a folder.`,
		},
		{
			`source = "acne/billing"`,
			`Invalid source; There is no registry named "acne", only "acme" and "other". Did you mean "acme"?`,
		},
		{
			`source = "acme/Billing"`,
			`Invalid source; "Billing" is not a plugin name: it may hold only a-z, 0-9, ".", "_" and "-".`,
		},
		{
			`source = "git://x/y"`,
			`Invalid source; "git://x/y" is not a source: a URL starts with "https://", "http://", "oci://" or "file://".`,
		},
		{
			`source = "github.com/acme"`,
			`Invalid source; "github.com/acme" is not a source: a repository at GitHub is written as "github.com/OWNER/REPOSITORY".`,
		},
		{
			`source = "github.com/acme/x/y"`,
			`Invalid source; "github.com/acme/x/y" is not a source: a repository at GitHub is written as "github.com/OWNER/REPOSITORY".`,
		},
		{
			`source = "github.com/acme/x//../y"`,
			`Invalid source; "github.com/acme/x//../y" is not a source: behind "//" stands what the tags of its releases start with, as "github.com/acme/x//NAME".`,
		},
		{
			`source = "ghe.acme.example/acme/x"`,
			`Invalid source; "ghe.acme.example/acme/x" is not a source: if ghe.acme.example is a GitHub host, declare it: github "ghe.acme.example" {}.`,
		},
		{`source = "https:///x"`, `Invalid source; It names no host.`},
		{`source = "https://u:p@h/x"`, `Invalid source; It holds a user name or password: write a credentials block instead.`},
		{`source = "https://h/x#y"`, `Invalid source; It has a fragment ("#…"), which is never sent.`},
		{`source = "https://h/a b"`, `Invalid source; It holds white space.`},
		{
			`source = "oci://ghcr.io/acme/x:1.2"`,
			`Invalid source; It is written as "oci://HOST/REPOSITORY": the tag comes from the version.`,
		},
		{
			`source = "https://h/${os}"`,
			`Missing platforms; A source that uses "os" or "arch" needs "platforms", at the top of the file or in the plugin.`,
		},
		{
			`source = "./x-${version}"`,
			`Invalid source; A local source has the version its plugin.json says: it cannot use "version".`,
		},
		{
			`source = "acme/x-${version}"`,
			`Invalid source; Only a URL or a path can use "version", "os" and "arch".`,
		},
		{
			"source = \"https://h/${version}\"",
			`Exact version needed; A URL that uses "version" cannot tell which versions exist, so "version" must be one full version, like "1.2.3": none is given.`,
		},
		{
			"version = \"~> 1.2\"\nsource = \"https://h/${version}\"",
			`Exact version needed; A URL that uses "version" cannot tell which versions exist, so "version" must be one full version, like "1.2.3": "~> 1.2" is not one version.`,
		},
		{
			"platforms = [\"linux/amd64\"]\nsource = os == \"linux\" ? \"./x\" : \"https://h/x\"",
			`Invalid source; Its kind may not depend on the version or the platform: it is local and https.`,
		},
		{
			"platforms = [\"linux/amd64\", \"darwin/arm64\"]\nsource = os == \"linux\" ? \"./x\" : null",
			`Invalid source; It is null for some versions or platforms, but not for all of them.`,
		},
		{
			"platforms = [\"linux/amd64\", \"darwin/arm64\"]\nsource = \"https://h/${{linux = \"l\"}[os]}\"",
			`Invalid index; The given key does not identify an element in this collection value.`,
		},
		{`source = 7`, `Invalid value; It must be a string, not a number.`},
		{
			"source = \"./x\"\nasset = \"x\"",
			`Invalid asset; It selects among the downloads of a registry or a release; this source has only one.`,
		},
		{"asset = \"a/b\"", `Invalid asset; It is the name of a file, without folders.`},
		{"asset = \"${oss}\"", `Unknown variable; There is no variable named "oss". Did you mean "os"?`},
	} {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			got := refuse(t, registries+"plugin \"demo\" {\n"+test.body+"\n}\n", "plugins.hcl")
			_, got, _ = strings.Cut(got, ": ")
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// A version that makes no URL is found when it is asked for, and says where to look.
func TestLocateFails(t *testing.T) {
	t.Parallel()
	s := only(t, parse(t, `
plugin "demo" {
  platforms = ["linux/amd64"]
  source    = "https://h/${lookup({linux = "l"}, os, "a b")}"
}`)).Source
	_, err := s.Locate(plugin.MustVersion("1.0.0"), plugin.Platform{OS: "plan9", Arch: "386"})
	var diags *config.DiagnosticsError
	if !errors.As(err, &diags) || err.Error() != "plugins.hcl:4: Invalid source; It holds white space." {
		t.Errorf("Locate: %v", err)
	}
	kinds := only(t, parse(t, `
plugin "demo" {
  platforms = ["linux/amd64"]
  source    = os == "aix" ? "./x" : "https://h/x"
}`)).Source
	_, err = kinds.Locate(plugin.MustVersion("1.0.0"), plugin.Platform{OS: "aix", Arch: "ppc64"})
	if err == nil || !strings.Contains(err.Error(), "may not depend on the version or the platform") {
		t.Errorf("Locate: %v", err)
	}
}

// Plugins are located by several goroutines at once.
func TestLocateConcurrently(t *testing.T) {
	t.Parallel()
	s := only(t, parse(t, `
locals { base = upper("os") }
plugin "demo" {
  platforms = ["linux/amd64"]
  source    = "https://h/${local.base}/${os}"
}`)).Source
	done := make(chan error)
	for range 8 {
		go func() {
			_, err := s.Locate(plugin.MustVersion("1.0.0"), plugin.Platform{OS: "linux", Arch: "amd64"})
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	f := parse(t, `
registry "a" { url = "http://a.example/v1" }
registry "b" { url = "http://localhost:8080/v1" }
registry "c" { url = "http://[::1]:8080" }
mirror "https://x.example/" { url = "http://m.example/" }
plugin "p" { source = "http://h.example/p.zip" }
`)
	var got []string
	for _, d := range f.Warnings {
		got = append(got, d.Subject.String()+" "+d.Summary)
	}
	want := "plugins.hcl:2,22-43 Insecure URL|plugins.hcl:5,37-56 Insecure URL|plugins.hcl:6,23-47 Insecure URL"
	if strings.Join(got, "|") != want {
		t.Errorf("Warnings = %s\nwant       %s", strings.Join(got, "|"), want)
	}
	var text strings.Builder
	if err := f.WriteWarnings(&text, 80, false); err != nil {
		t.Fatal(err)
	}
	if want := "Warning: Insecure URL\n\n  on plugins.hcl line 2, in registry \"a\":\n   2: registry \"a\" { url = \"http://a.example/v1\" }\n\n"; !strings.HasPrefix(text.String(), want) {
		t.Errorf("WriteWarnings wrote\n%s", text.String())
	}
}

// A GitHub host that is declared is one, and no name of a registry.
func TestGitHubHosts(t *testing.T) {
	t.Parallel()
	f := parse(t, `
github "ghe.acme.example" {}
github "Other.Example:8443" { api_url = "https://api.other.example/" }
plugin "a" { source = "ghe.acme.example/acme/a" }
plugin "b" { source = "other.example:8443/acme/b//b" }
`)
	for _, p := range f.Plugins {
		if p.Source.Kind != plugin.SourceGitHub || p.Source.Resolved() != "" {
			t.Errorf("%s is %+v", p.Name, p.Source)
		}
	}
	for i, want := range []string{"https://ghe.acme.example/api/v3", "https://api.other.example"} {
		if got := f.GitHub[i].API(); got != want {
			t.Errorf("the API is %s, want %s", got, want)
		}
	}
	for host, want := range map[string]string{"github.com": "https://api.github.com", "acme.ghe.com": "https://api.acme.ghe.com"} {
		if got := (plugin.GitHub{Host: host}).API(); got != want {
			t.Errorf("the API of %s is %s", host, got)
		}
	}
	if f := parse(t, `
locals { org = "github.com/acme" }
plugin "a" { source = "${local.org}/a" }
`); f.Plugins[0].Source.Resolved() != "github.com/acme/a" {
		t.Errorf("it is resolved to %q", f.Plugins[0].Source.Resolved())
	}
}
