package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
)

const everything = `
required_version = ">= 0.1"
plugin_dir       = "~/data/plugins"
platforms        = ["linux/amd64", "darwin/arm64", "linux/amd64"]

locals {
  base  = "https://${local.host}"
  owner = lower("ACME")
}
locals { host = "dl.example.com" }

registry "gocodealone" {
  url = "https://gocodealone.github.io/workflow-registry/v1/"
}
registry "acme" {
  url   = "https://plugins.acme.example/v1"
  token = env("TOKEN")
}
registry "demo" { url = "./registry/" }

mirror "https://GitHub.com" { url = "https://artifacts.acme.example/github" }
credentials "Artifacts.acme.example:8443" { token = env("TOKEN") }
credentials "unset.example" { token = env("UNSET") }
credentials "empty.example" { token = env("EMPTY") }

host "workflow" { version = "v0.86.0" }

plugin "scratch" { source = "./plugins-src/scratch" }
plugin "report" {
  source  = "${local.base}/report/${version}/${name}_${os}_${arch}.tar.gz"
  version = "2.0.1"
}
plugin "audit" {
  source  = "oci://registry.example.com/plugins/audit"
  version = "3.x"
}
plugin "payments" {
  source  = "github.com/${local.owner}/workflow-plugin-payments"
  version = "^1.2"
}
plugin "billing" {
  source    = "acme/billing"
  version   = ">= 2.1, < 3"
  platforms = ["windows/amd64", "linux/arm64"]
  asset     = "billing-full_${os}-${arch}*"
  binary    = "bin/billing"
  manifest  = "registry"
  keep      = ["data/**", "*.log"]
  limits {
    packed = "2GiB"
    file   = 1000
    idle   = "2m"
  }
}
plugin "authz" { version = "~> 0.6" }
`

// The contract's example, and what it says of defaults, order and null.
func TestParseEverything(t *testing.T) {
	t.Parallel()
	f := parse(t, everything)
	if f.PluginDir != "/home/ann/data/plugins" || f.RequiredVersion.String() != ">= 0.1" {
		t.Errorf("PluginDir = %q, RequiredVersion = %q", f.PluginDir, f.RequiredVersion)
	}
	if got := plugin.PlatformList(f.Platforms); got != "darwin/arm64, linux/amd64" {
		t.Errorf("Platforms = %s", got)
	}
	same := func(what string, got, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(plugin.Pos{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	same("Registries", f.Registries, []plugin.Registry{
		{Name: "gocodealone", URL: "https://gocodealone.github.io/workflow-registry/v1"},
		{Name: "acme", URL: "https://plugins.acme.example/v1", Token: "s3cr3t-t0ken"},
		{Name: "demo", URL: "./registry", Local: true},
	})
	same("Mirrors", f.Mirrors, []plugin.Mirror{
		{Prefix: "https://github.com/", URL: "https://artifacts.acme.example/github/"},
	})
	same("Credentials", f.Credentials, []plugin.Credential{{Host: "artifacts.acme.example:8443", Token: "s3cr3t-t0ken"}})
	same("Hosts", f.Hosts, []config.Host{{Name: "workflow", Version: plugin.MustVersion("0.86.0")}})
	same("Warnings", len(f.Warnings), 0)

	var got []string
	for _, p := range f.Plugins {
		got = append(got, string(p.Name)+" "+p.Source.Kind.String()+" "+p.Source.Text+" "+p.Constraint.String())
	}
	same("Plugins", got, []string{
		"audit oci oci://registry.example.com/plugins/audit 3.x",
		"authz registry gocodealone/authz ~> 0.6",
		"billing registry acme/billing >= 2.1, < 3",
		"payments github github.com/${local.owner}/workflow-plugin-payments ^1.2",
		"report https ${local.base}/report/${version}/${name}_${os}_${arch}.tar.gz 2.0.1",
		"scratch local ./plugins-src/scratch ",
	})
}

func TestParsePlugin(t *testing.T) {
	t.Parallel()
	f := parse(t, everything)
	billing, ok := f.Plugin("billing")
	if !ok {
		t.Fatal("billing is missing")
	}
	limits := plugin.DefaultLimits()
	limits.Packed, limits.File, limits.Idle = 2<<30, 1000, 2*time.Minute
	want := plugin.Requirement{
		Name: "billing",
		Platforms: []plugin.Platform{
			{OS: "linux", Arch: "arm64"}, {OS: "windows", Arch: "amd64"},
		},
		Binary: "bin/billing", Manifest: plugin.ManifestFromRegistry,
		Keep: []string{"data/**", "*.log"}, Limits: limits,
	}
	ignore := cmpopts.IgnoreFields(plugin.Requirement{}, "Constraint", "Source", "Asset", "Pos")
	if diff := cmp.Diff(want, billing, ignore); diff != "" {
		t.Errorf("billing (-want +got):\n%s", diff)
	}
	if got := billing.Pos.String(); got != "plugins.hcl:41" {
		t.Errorf("Pos = %s", got)
	}
	asset, err := billing.Asset.Pattern(plugin.MustVersion("2.1.0"), plugin.Platform{OS: "linux", Arch: "arm64"})
	if err != nil || asset != "billing-full_linux-arm64*" {
		t.Errorf("Asset = %q, %v", asset, err)
	}
	if billing.Source.Registry != "acme" || billing.Source.Plugin != "billing" {
		t.Errorf("Source = %+v", billing.Source)
	}

	authz, _ := f.Plugin("authz")
	if authz.Manifest != plugin.ManifestFromArchive || authz.Limits != plugin.DefaultLimits() ||
		!authz.Asset.IsZero() || authz.Platforms != nil || authz.Keep != nil || authz.Binary != "" {
		t.Errorf("the defaults of authz: %+v", authz)
	}
	if _, ok := f.Plugin("nothing"); ok {
		t.Error("there is a plugin named nothing")
	}
}

// An empty file asks for nothing, and is valid.
func TestParseEmpty(t *testing.T) {
	t.Parallel()
	f := parse(t, "")
	if f.PluginDir != config.DefaultPluginDir || f.Platforms != nil || len(f.Plugins) != 0 {
		t.Errorf("%+v", f)
	}
}

// The same configuration in JSON means the same.
func TestParseJSON(t *testing.T) {
	t.Parallel()
	const src = `{
  "//": "a comment",
  "platforms": ["linux/amd64"],
  "locals": {"base": "https://dl.example.com"},
  "registry": [{"acme": {"url": "https://plugins.acme.example/v1", "token": "${env(\"TOKEN\")}"}}],
  "plugin": {
    "report": {"source": "${local.base}/${version}/${name}_${os}.zip", "version": "2.0.1"},
    "billing": {"version": "~> 1.2", "limits": {"depth": 7}, "keep": ["data/**"]}
  }
}`
	f, err := config.Parse([]byte(src), "plugins.hcl.json", options())
	if err != nil {
		t.Fatal(err)
	}
	report, _ := f.Plugin("report")
	if want := "${local.base}/${version}/${name}_${os}.zip"; report.Source.Text != want {
		t.Errorf("Text = %q, want %q", report.Source.Text, want)
	}
	at, err := report.Source.Locate(plugin.MustVersion("2.0.1"), plugin.Platform{OS: "linux", Arch: "amd64"})
	if err != nil || at != "https://dl.example.com/2.0.1/report_linux.zip" {
		t.Errorf("Locate = %q, %v", at, err)
	}
	billing, _ := f.Plugin("billing")
	if billing.Source.Text != "acme/billing" || billing.Limits.Depth != 7 || f.Registries[0].Token != "s3cr3t-t0ken" {
		t.Errorf("billing = %+v, registry = %+v", billing, f.Registries[0])
	}
	if got := billing.Pos.String(); got != "plugins.hcl.json:8" {
		t.Errorf("Pos = %s", got)
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	f := parse(t, `
registry "acme" {
  url = "https://plugins.acme.example/v1"
  verify { minisign = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3" }
}
policy {
  allow_sources     = ["acme/*"]
  allow_hosts       = []
  require_signature = true
  min_age           = "72h"
}
github "github.com" {
  api_url = "https://api.github.com/"
  token   = env("TOKEN")
}
on_change {
  command = ["systemctl", "reload", "workflow"]
  timeout = "30s"
}
health { command = ["true"] }
mirror "oci://ghcr.io/" { url = "oci://mirror.example/ghcr" }
plugin "authz" {
  verify { command = ["cosign", "verify-blob"] }
}
plugin "audit" { source = "oci://registry.example.com/plugins/audit" }
plugin "payments" { source = "github.com/acme/payments" }
`)
	p := f.Policy
	if p.AllowSources[0] != "acme/*" || p.AllowHosts == nil || !p.RequireSignature || p.MinAge != 72*time.Hour {
		t.Errorf("Policy = %+v", p)
	}
	if f.GitHub[0].APIURL != "https://api.github.com" {
		t.Errorf("GitHub = %+v", f.GitHub)
	}
}

// Every way to write a host that requests can be for.
func TestCredentialHosts(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"a.example": "a.example", "A.Example:8443": "a.example:8443", "localhost": "localhost", "my_host": "my_host",
		"127.0.0.1:80": "127.0.0.1:80", "[::1]": "[::1]", "[::1]:5000": "[::1]:5000", "bücher.example": "bücher.example", "a.example.": "a.example.",
	} {
		f := parse(t, "credentials \""+written+"\" { token = \"x\" }")
		if len(f.Credentials) != 1 || f.Credentials[0].Host != want {
			t.Errorf("%s: %+v", written, f.Credentials)
		}
	}
}
