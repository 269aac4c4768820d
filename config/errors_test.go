package config_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/config"
)

// What a person reads who made a mistake, word for word.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, src, want string }{
		{
			"unknown attribute", `plugn_dir = "x"`,
			`plugins.hcl:1: Unsupported argument; An argument named "plugn_dir" is not expected here. Did you mean "plugin_dir"?`,
		},
		{
			"unknown block", "plugins \"a\" {\n}",
			`plugins.hcl:1: Unsupported block type; Blocks of type "plugins" are not expected here. Did you mean "plugin"?`,
		},
		{
			"unknown attribute of a plugin", "plugin \"a\" {\n  source = \"./a\"\n  binray = \"x\"\n}",
			`plugins.hcl:3: Unsupported argument; An argument named "binray" is not expected here. Did you mean "binary"?`,
		},
		{
			"unknown limit", "plugin \"a\" {\n  source = \"./a\"\n  limits {\n    packd = 1\n  }\n}",
			`plugins.hcl:4: Unsupported argument; An argument named "packd" is not expected here. Did you mean "packed"?`,
		},
		{
			"syntax", "plugin \"a\" {",
			`plugins.hcl:1: Unclosed configuration block; There is no closing brace for this block before the end of the file. ` +
				`This may be caused by incorrect brace nesting elsewhere in this file.`,
		},
		{
			"required version, before what a newer program knows", "required_version = \">= 9\"\nnew_thing {}\nplugin \"A\" {}",
			`plugins.hcl:1: Unsupported program version; This configuration requires a version ">= 9" of plugins, and this is 0.3.0.`,
		},
		{
			"required version, before a syntax error", "required_version = \">= 9\"\nnew_thing ][",
			`plugins.hcl:1: Unsupported program version; This configuration requires a version ">= 9" of plugins, and this is 0.3.0.`,
		},
		{
			"required version from a local", "locals { v = \">= 9\" }\nrequired_version = local.v",
			`plugins.hcl:2: Invalid reference; Locals cannot be used here: this is read before anything else.`,
		},
		{
			"duplicate plugin", "plugin \"a\" { source = \"./a\" }\nplugin \"a\" { source = \"./b\" }",
			`plugins.hcl:2: Duplicate plugin; The plugin "a" is declared at plugins.hcl:1 already.`,
		},
		{
			"duplicate registry", "registry \"a\" { url = \"./a\" }\n\nregistry \"a\" { url = \"./b\" }",
			`plugins.hcl:3: Duplicate registry; The registry "a" is declared at plugins.hcl:1 already.`,
		},
		{
			"duplicate mirror, spelt otherwise", "mirror \"https://A.example\" { url = \"./a\" }\nmirror \"https://a.example/\" { url = \"./a/\" }",
			`plugins.hcl:2: Duplicate mirror; The mirror "https://a.example/" with this url is declared at plugins.hcl:1 already.`,
		},
		{
			"duplicate credentials", "credentials \"a.example\" { token = \"x\" }\ncredentials \"A.example\" { token = \"y\" }",
			`plugins.hcl:2: Duplicate credentials; The credentials "A.example" is declared at plugins.hcl:1 already.`,
		},
		{
			"duplicate host", "host \"w\" { version = \"1\" }\nhost \"w\" { version = \"2\" }",
			`plugins.hcl:2: Duplicate host; The host "w" is declared at plugins.hcl:1 already.`,
		},
		{
			"duplicate local", "locals { a = 1 }\nlocals { a = 2 }",
			`plugins.hcl:2: Duplicate local; The local "a" is declared at plugins.hcl:1 already.`,
		},
		{
			"two policies", "policy {}\npolicy {}",
			`plugins.hcl:2: Duplicate policy block; There is one at plugins.hcl:1 already, and there may be only one.`,
		},
		{
			"cycle", "locals {\n  a = local.b\n  b = \"${local.c}x\"\n  c = [local.a]\n  d = local.a\n}",
			`plugins.hcl:2: Locals refer to one another; None of them can be evaluated: local.a → local.b → local.c → local.a.`,
		},
		{
			"unknown local", "locals { base = \"x\" }\nplugin_dir = local.bse",
			`plugins.hcl:2: Unknown local; There is no local named "bse". Did you mean "base"?`,
		},
		{
			"locals as a whole", "locals { a = 1 }\nplugin_dir = keys(local)[0]",
			`plugins.hcl:2: Invalid reference; A local is referred to as "local.NAME".`,
		},
		{
			"unknown function", `plugin_dir = lowre("A")`,
			`plugins.hcl:1: Call to unknown function; There is no function named "lowre". Did you mean "lower"?`,
		},
		{
			"unknown variable", `plugin_dir = var.dir`,
			`plugins.hcl:1: Unknown variable; There is no variable named "var". This file has locals, and env() for what differs from machine to machine.`,
		},
		{
			"version out of scope", "plugin \"a\" {\n  source = \"./a\"\n  binary = \"bin/${os}\"\n}",
			`plugins.hcl:3: Variable out of scope; "os" is known only in a plugin's "source" and "asset".`,
		},
		{
			"name out of scope", `plugin_dir = name`,
			`plugins.hcl:1: Variable out of scope; "name" is known only inside a plugin block.`,
		},
		{
			"no string", `plugin_dir = 7`,
			`plugins.hcl:1: Invalid value for "plugin_dir"; It must be a string, in quotes, not a number.`,
		},
		{
			// 1.10 would be 1.1 by the time anybody looks.
			"version without quotes", "plugin \"a\" {\n  source = \"./a\"\n  version = 1.10\n}",
			`plugins.hcl:3: Invalid value for "version"; It must be a string, in quotes, not a number.`,
		},
		{
			"bad constraint", "plugin \"a\" {\n  source  = \"./a\"\n  version = \"~> 1.x\"\n}",
			`plugins.hcl:3: Invalid version constraint; "~> 1.x" is not a version constraint: ` +
				`"~>" takes one, two or three numbers: "~> 1", "~> 1.2" or "~> 1.2.3"; write it as "~> 1.2", ">= 1.2, < 2" or "1.2.3".`,
		},
		{
			"empty constraint", "plugin \"a\" {\n  source  = \"./a\"\n  version = \" \"\n}",
			`plugins.hcl:3: Invalid version constraint; It is empty; leave it out if any version will do.`,
		},
		{
			"bad plugin name", `plugin "My_Plugin" { source = "./a" }`,
			`plugins.hcl:1: Invalid plugin name; "My_Plugin" is not a plugin name: it may hold only a-z, 0-9, ".", "_" and "-".`,
		},
		{
			"bad platform", "platforms = [\n  \"linux/amd64\",\n  \"linux\",\n]",
			`plugins.hcl:3: Invalid platform; "linux" is not a platform: write it as OS/ARCH, for example "linux/amd64".`,
		},
		{
			"foreign platform", `platforms = ["macos/aarch64"]`,
			`plugins.hcl:1: Invalid platform; Platforms are written in Go's words: "darwin/arm64".`,
		},
		{
			"any platform", `platforms = ["any"]`,
			`plugins.hcl:1: Invalid platform; "any" is what a package may be for, not a machine.`,
		},
		{
			"no platform", `platforms = []`,
			`plugins.hcl:1: Invalid platforms; The list is empty: name a platform, or leave the attribute out.`,
		},
		{
			"platforms no list", `platforms = "linux/amd64"`,
			`plugins.hcl:1: Invalid value for "platforms"; It must be a list of strings, not a string.`,
		},
		{
			"platform no string", `platforms = ["linux/amd64", 7]`,
			`plugins.hcl:1: Invalid value for "platforms"; Every element must be a string, not a number.`,
		},
		{
			"missing url", `registry "a" {}`,
			`plugins.hcl:1: Missing attribute; The attribute "url" is required here.`,
		},
		{
			"null url", "registry \"a\" {\n  url = env(\"UNSET\")\n}",
			`plugins.hcl:2: Missing value; The attribute "url" is required, and this is null: the environment variable "UNSET" is not set.`,
		},
		{
			"unset variable in a text", `plugin_dir = "/srv/${env("UNSET")}/x"`,
			`plugins.hcl:1: Unset environment variable; This is null: the environment variable "UNSET" is not set. ` +
				`Set it, or say what counts instead: coalesce(env("UNSET"), "…").`,
		},
		{
			"unset variable in a list", "platforms = [\"linux/amd64\",\n  env(\"UNSET\")]",
			`plugins.hcl:2: Invalid value for "platforms"; Every element must be a string, not null: the environment variable "UNSET" is not set.`,
		},
		{
			"unset variable of a local", "locals { u = env(\"UNSET\") }\nplugin_dir = \"/srv/${local.u}\"",
			`plugins.hcl:2: Unset environment variable; This is null: the environment variable "UNSET" is not set. ` +
				`Set it, or say what counts instead: coalesce(env("UNSET"), "…").`,
		},
		{
			"registry URL with a password", `registry "a" { url = "https://ann:pw@a.example/v1" }`,
			`plugins.hcl:1: Invalid registry URL; It holds a user name or password: write a credentials block instead.`,
		},
		{
			"registry URL with a query", `registry "a" { url = "https://a.example/v1?x=1" }`,
			`plugins.hcl:1: Invalid registry URL; It has a query ("?…"), and paths are appended to it.`,
		},
		{
			"registry URL of another kind", `registry "a" { url = "ftp://a.example/v1" }`,
			`plugins.hcl:1: Invalid registry URL; A registry is reached at an "https://", "http://" or "file://" URL or is a path; ftp:// is none of them.`,
		},
		{
			"registry file URL of another machine", `registry "a" { url = "file://srv/registry" }`,
			`plugins.hcl:1: Invalid registry URL; A file URL names a file of this machine: it has three slashes, as in file:///srv/plugins.`,
		},
		{
			"registry named like GitHub", `registry "github.com" { url = "./a" }`,
			`plugins.hcl:1: Invalid registry name; "github.com/…" in a source means GitHub's releases.`,
		},
		{
			"registry named like a GitHub host", `
github "ghe.acme.example" {}
registry "ghe.acme.example" { url = "./a" }`,
			`plugins.hcl:3: Invalid registry name; "ghe.acme.example/…" in a source means releases at that GitHub host.`,
		},
		{
			"home of somebody else", `plugin_dir = "~bob/x"`,
			`plugins.hcl:1: Invalid plugin directory; "~" stands only for your own home directory, as in "~/plugins".`,
		},
		{
			"mirror that is perhaps the only one", "mirror \"https://a.example/\" {\n url = \"./a\"\n only = \"maybe\"\n}",
			`plugins.hcl:3: Invalid value for "only"; It must be true or false.`,
		},
		{
			"mirror prefix", `mirror "github.com" { url = "./a" }`,
			`plugins.hcl:1: Invalid mirror prefix; A prefix is the start of the URLs to replace: "https://…", "http://…" or "oci://…"; "sha256:" is every package, by its digest.`,
		},
		{
			"mirror of packages at no repository", `mirror "sha256:" { url = "oci://b.example" }`,
			`plugins.hcl:1: Invalid mirror URL; A repository of packages is written as "oci://HOST/REPOSITORY".`,
		},
		{
			"mirror of https at oci", `mirror "https://a.example/" { url = "oci://b.example/" }`,
			`plugins.hcl:1: Invalid mirror URL; A mirror is an "https://", "http://" or "file://" URL, a path, or an "oci://" URL for the prefix "oci://…" or "sha256:".`,
		},
		{
			"credentials for a URL", `credentials "https://a.example" { token = "x" }`,
			`plugins.hcl:1: Invalid host; A host is written as HOST or HOST:PORT, without "https://" and without a path.`,
		},
		{
			"credentials for nobody", `credentials "" { token = "x" }`,
			`plugins.hcl:1: Invalid host; A host is written as HOST or HOST:PORT, without "https://" and without a path.`,
		},
		{
			"credentials for many", `credentials "*.a.example" { token = "x" }`,
			`plugins.hcl:1: Invalid host; It holds a wildcard, and a token is for one host: write a credentials block for each.`,
		},
		{
			"credentials for a path", `credentials "a.example/v1" { token = "x" }`,
			`plugins.hcl:1: Invalid host; A host is written as HOST or HOST:PORT, without "https://" and without a path.`,
		},
		{
			"credentials for a path, without a host", `credentials "/v1" { token = "x" }`,
			`plugins.hcl:1: Invalid host; A host is written as HOST or HOST:PORT, without "https://" and without a path.`,
		},
		{
			"credentials for a port there is not", `credentials "a.example:65536" { token = "x" }`,
			`plugins.hcl:1: Invalid host; A colon is followed by a port, from 1 to 65535.`,
		},
		{
			"credentials for port 0", `credentials "a.example:0" { token = "x" }`,
			`plugins.hcl:1: Invalid host; A colon is followed by a port, from 1 to 65535.`,
		},
		{
			"credentials for a port left out", `credentials "a.example:" { token = "x" }`,
			`plugins.hcl:1: Invalid host; A colon is followed by a port, from 1 to 65535.`,
		},
		{
			"credentials for a word as port", `credentials "a.example:https" { token = "x" }`,
			`plugins.hcl:1: Invalid host; A host is written as HOST or HOST:PORT, without "https://" and without a path.`,
		},
		{
			"credentials for a user", `credentials "ann@a.example" { token = "x" }`,
			`plugins.hcl:1: Invalid host; A host is written as HOST or HOST:PORT, without "https://" and without a path.`,
		},
		{
			"credentials for an empty label", `credentials "a..example" { token = "x" }`,
			`plugins.hcl:1: Invalid host; "a..example" is no host name.`,
		},
		{
			"credentials for no address", `credentials "[::g]" { token = "x" }`,
			`plugins.hcl:1: Invalid host; A host is written as HOST or HOST:PORT, without "https://" and without a path.`,
		},
		{
			"credentials without token", `credentials "a.example" {}`,
			`plugins.hcl:1: Missing attribute; The attribute "token" is required here.`,
		},
		{
			"manifest", "plugin \"a\" {\n  source = \"./a\"\n  manifest = \"registri\"\n}",
			`plugins.hcl:3: Invalid value for "manifest"; It is "archive" or "registry". Did you mean "registry"?`,
		},
		{
			"manifest of a registry, without one", "plugin \"a\" {\n  source = \"./a\"\n  manifest = \"registry\"\n}",
			`plugins.hcl:3: No registry; "registry" takes the manifest from the plugin's registry, and this plugin comes from elsewhere.`,
		},
		{
			"binary outside", "plugin \"a\" {\n  source = \"./a\"\n  binary = \"../x\"\n}",
			`plugins.hcl:3: Invalid binary; It is a path inside the package, with slashes and without "..", or "none".`,
		},
		{
			"keep of what is the package's", "plugin \"a\" {\n  source = \"./a\"\n  keep = [\"data/**\", \"*.json\"]\n}",
			`plugins.hcl:3: Invalid keep pattern; It matches plugin.json, which belongs to the package.`,
		},
		{
			"keep of everything", "plugin \"a\" {\n  source = \"./a\"\n  keep = [\"**\"]\n}",
			`plugins.hcl:3: Invalid keep pattern; It matches plugin.json, which belongs to the package.`,
		},
		{
			"keep outside", "plugin \"a\" {\n  source = \"./a\"\n  keep = [\"a/../../b\"]\n}",
			`plugins.hcl:3: Invalid keep pattern; It stays inside the plugin's folder: ".." is not allowed.`,
		},
		{
			"keep invalid", "plugin \"a\" {\n  source = \"./a\"\n  keep = [\"a[\"]\n}",
			`plugins.hcl:3: Invalid keep pattern; It is not a valid pattern: write it as "data/**", "*.log" or "cache/{a,b}".`,
		},
		{
			"size", "plugin \"a\" {\n  source = \"./a\"\n  limits { packed = \"2 gigs\" }\n}",
			`plugins.hcl:3: Invalid limit "packed"; "2 gigs" is not a size: write it as "512MiB", "500MB" or a number of bytes.`,
		},
		{
			"negative limit", "plugin \"a\" {\n  source = \"./a\"\n  limits { depth = -1 }\n}",
			`plugins.hcl:3: Invalid limit "depth"; A limit is positive.`,
		},
		{
			"count as a size", "plugin \"a\" {\n  source = \"./a\"\n  limits { entries = \"10KB\" }\n}",
			`plugins.hcl:3: Invalid limit "entries"; Write it as a number.`,
		},
		{
			"idle", "plugin \"a\" {\n  source = \"./a\"\n  limits { idle = \"soon\" }\n}",
			`plugins.hcl:3: Invalid value for "idle"; "soon" is not a time: write it as "30s", "5m" or "72h".`,
		},
		{
			"minisign", "plugin \"a\" {\n  source = \"./a\"\n  verify { minisign = \"abc\" }\n}",
			`plugins.hcl:3: Invalid minisign key; It is not a minisign public key: that is the line of 56 characters that starts with "RW".`,
		},
		{
			"verify with nothing", "plugin \"a\" {\n  source = \"./a\"\n  verify { timeout = \"1s\" }\n}",
			`plugins.hcl:3: Nothing to verify with; A verify block has "minisign", "command" or both.`,
		},
		{
			"command without program", `health { command = [] }`,
			`plugins.hcl:1: Invalid command; It names no program: write it as ["program", "argument"].`,
		},
		{
			"on_change without command", `on_change { timeout = "1s" }`,
			`plugins.hcl:1: Missing attribute; The attribute "command" is required here.`,
		},
		{
			"misspelt in health", "health {\n  command = [\"true\"]\n  retires = 5\n}",
			`plugins.hcl:3: Unsupported argument; An argument named "retires" is not expected here. Did you mean "retries"?`,
		},
		{
			"a command that is one text", `on_change { command = "systemctl reload workflow" }`,
			`plugins.hcl:1: Invalid value for "command"; It must be a list of strings, not a string.`,
		},
		{
			"no retries", "health {\n  command = [\"true\"]\n  retries = 0\n}",
			`plugins.hcl:3: Invalid limit "retries"; A limit is positive.`,
		},
		{
			"too many retries", "health {\n  command = [\"true\"]\n  retries = 1001\n}",
			`plugins.hcl:3: Invalid value for "retries"; It is at most 1000.`,
		},
		{
			"too long a timeout", "on_change {\n  command = [\"true\"]\n  timeout = \"2h\"\n}",
			`plugins.hcl:3: Invalid value for "timeout"; It is at most 1h0m0s.`,
		},
		{
			"no interval", "health {\n  command = [\"true\"]\n  interval = \"0s\"\n}",
			`plugins.hcl:3: Invalid value for "interval"; "0s" is not a time: write it as "30s", "5m" or "72h".`,
		},
		{
			"health twice", "health { command = [\"true\"] }\nhealth { command = [\"true\"] }",
			`plugins.hcl:2: Duplicate health block; There is one at plugins.hcl:1 already, and there may be only one.`,
		},
		{
			"all of them, in the order of the file", "platforms = [\"x\"]\nplugin_dir = 7\nplugin \"A\" {}",
			`plugins.hcl:1: Invalid platform; "x" is not a platform: write it as OS/ARCH, for example "linux/amd64".
plugins.hcl:2: Invalid value for "plugin_dir"; It must be a string, in quotes, not a number.
plugins.hcl:3: Invalid plugin name; "A" is not a plugin name: it may hold only a-z, 0-9, ".", "_" and "-".`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := refuse(t, test.src, "plugins.hcl"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// JSON has the same rules, and the places are those of the properties.
func TestErrorsJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, src, want string }{
		{
			"unknown property", "{\n\"plugn_dir\": \"x\"}",
			`plugins.hcl.json:2: Extraneous JSON object property; No argument or block type is named "plugn_dir". Did you mean "plugin_dir"?`,
		},
		{
			"duplicate plugin", "{\"plugin\": {\"a\": {\"source\": \"./a\"},\n\"a\": {\"source\": \"./a\"}}}",
			`plugins.hcl.json:2: Duplicate plugin; The plugin "a" is declared at plugins.hcl.json:1 already.`,
		},
		{
			"no registry", "{\"plugin\": {\n\"a\": {}}}",
			`plugins.hcl.json:2: No registry; The plugin "a" has no source, so it comes from the first registry, and the file declares none: add a registry block, or a source.`,
		},
		{
			"bad template", "{\"plugin_dir\":\n\"${lower(}\"}",
			`plugins.hcl.json:2: Invalid expression; Expected the start of an expression, but found an invalid expression token.`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := refuse(t, test.src, "plugins.hcl.json"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// What is rendered shows the line, and where to look.
func TestWriteText(t *testing.T) {
	t.Parallel()
	_, err := config.Parse([]byte(`registry "acme" {
  url = "https://plugins.acme.example/v1"
}

plugin "billing" {
  source  = "acne/billing"
  version = "~> 1.x"
}
`), "deploy/plugins.hcl", options())
	var diags *config.DiagnosticsError
	if !errors.As(err, &diags) {
		t.Fatal(err)
	}
	const want = `Error: Invalid source

  on deploy/plugins.hcl line 6, in plugin "billing":
   6:   source  = "acne/billing"

There is no registry named "acne", only "acme". Did you mean "acme"?

Error: Invalid version constraint

  on deploy/plugins.hcl line 7, in plugin "billing":
   7:   version = "~> 1.x"

"~> 1.x" is not a version constraint: "~>" takes one, two or three numbers: "~>
1", "~> 1.2" or "~> 1.2.3"; write it as "~> 1.2", ">= 1.2, < 2" or "1.2.3".

`
	var text strings.Builder
	if err := diags.WriteText(&text, 80, false); err != nil || text.String() != want {
		t.Errorf("WriteText wrote, %v\n%s\nwant\n%s", err, text.String(), want)
	}
}

// Locals that double one another end in an error, not in all of the memory.
func TestLocalsThatGrow(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("locals {\n  a0 = \"0123456789\"\n")
	for i := range 60 {
		fmt.Fprintf(&b, "  a%d = \"${local.a%d}${local.a%d}\"\n", i+1, i, i)
	}
	b.WriteString("}\n")
	got := refuse(t, b.String(), "plugins.hcl")
	if want := "plugins.hcl:15: Local too large; It holds 81920 bytes of text, and may hold 65536."; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
