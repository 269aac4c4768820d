package config_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
)

// However a token is misused, no message and no rendered diagnostic shows it.
func TestSecretsStayHidden(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		`plugin_dir = tonumber(env("TOKEN"))`,
		`plugin_dir = tonumber(substr(env("TOKEN"), 0, 6))`,
		"locals { token = env(\"TOKEN\") }\nplugin_dir = tonumber(local.token)",
		"locals { token = env(\"TOKEN\") }\nplugin_dir = local.token.nothing",
		"locals { token = env(\"TOKEN\") }\nplugin_dir = local.token + 1",
		"locals { token = {x = env(\"TOKEN\")} }\nplugin_dir = lookup(local.token.x, \"y\", 1)",
		"locals { token = env(\"TOKEN\") }\nplugin_dir = {a = 1}[local.token]",
		`plugin_dir = {for k in [env("TOKEN"), env("TOKEN")] : k => 1}`,
		`plugin_dir = try(tonumber(env("TOKEN")))`,
		`plugin_dir = jsondecode(env("TOKEN"))`,
		`plugin_dir = index([1], env("TOKEN"))`,
		`plugin_dir = replace("x", "/[${env("TOKEN")}-a/", "")`,
		`plugin_dir = "~${env("TOKEN")}"`,
		`platforms = [env("TOKEN")]`,
		`platforms = ["linux/${env("TOKEN")}"]`,
		`required_version = env("TOKEN")`,
		`host "h" { version = env("TOKEN") }`,
		`registry "r" { url = "${env("TOKEN")}://x" }`,
		`registry "r" { url = "https://${env("TOKEN")}@h/" }`,
		`registry "r" { url = "https://${env("TOKEN")}%zz/" }`,
		"registry \"r\" {\n url = \"https://h\"\n token = \"Bearer ${env(\"TOKEN\")}\"\n}",
		`mirror "https://h/" { url = "${env("TOKEN")}://x" }`,
		`credentials "h" { token = [env("TOKEN")] }`,
		`plugin "p" { source = env("TOKEN") }`,
		`plugin "p" { source = "${env("TOKEN")}/x" }`,
		"registry \"r\" { url = \"./r\" }\nplugin \"p\" { source = \"r/${env(\"TOKEN\")}!\" }",
		`plugin "p" { source = "git://${env("TOKEN")}/x" }`,
		"plugin \"p\" {\n source = \"https://h/${version}/x\"\n version = env(\"TOKEN\")\n}",
		"plugin \"p\" {\n source = \"./x\"\n manifest = env(\"TOKEN\")\n}",
		"plugin \"p\" {\n source = \"./x\"\n binary = \"../${env(\"TOKEN\")}\"\n}",
		"plugin \"p\" {\n source = \"./x\"\n keep = [\"../${env(\"TOKEN\")}\"]\n}",
		"plugin \"p\" {\n source = \"./x\"\n limits { packed = env(\"TOKEN\") }\n}",
		"plugin \"p\" {\n source = \"./x\"\n limits { idle = env(\"TOKEN\") }\n}",
		"plugin \"p\" {\n source = \"./x\"\n verify { minisign = env(\"TOKEN\") }\n}",
		`{"plugin_dir": {"${env(\"TOKEN\")}": 1, "${env(\"TOKEN\")}": 2}}`,
	} {
		t.Run(src, func(t *testing.T) {
			t.Parallel()
			filename := "plugins.hcl"
			if strings.HasPrefix(src, "{") {
				filename += ".json"
			}
			_, err := config.Parse([]byte(src), filename, options())
			diags, ok := err.(*config.DiagnosticsError)
			if !ok {
				t.Fatalf("Parse: %v", err)
			}
			var text strings.Builder
			if err := diags.WriteText(&text, 0, true); err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"s3cr3t", "S3cr3t"} {
				if strings.Contains(text.String(), secret) || strings.Contains(err.Error(), secret) {
					t.Errorf("the token is shown:\n%s", text.String())
				}
			}
			noValues(t, diags.Diags)
		})
	}
}

func noValues(t *testing.T, diags hcl.Diagnostics) {
	t.Helper()
	for _, d := range diags {
		if d.Expression != nil || d.EvalContext != nil || d.Extra != nil {
			t.Errorf("%s carries the values of its variables", d.Summary)
		}
	}
}

// What is wrong with a value from the environment is still said.
func TestSecretRuleIsTold(t *testing.T) {
	t.Parallel()
	got := refuse(t, `platforms = [env("TOKEN")]`, "plugins.hcl")
	want := `plugins.hcl:1: Invalid platform; (a value from the environment) is not a platform: ` +
		`write it as OS/ARCH, for example "linux/amd64".`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The lock records a source's text, so a token in it stays out of the lock.
func TestSecretInSourceText(t *testing.T) {
	t.Parallel()
	s := only(t, parse(t, `plugin "p" { source = "https://h/x?token=${env("TOKEN")}" }`)).Source
	if strings.Contains(s.Text, "s3cr3t") {
		t.Errorf("Text = %q", s.Text)
	}
	if at, err := s.Locate(plugin.Version{}, plugin.AnyPlatform); err != nil || !strings.HasSuffix(at, "=s3cr3t-t0ken") {
		t.Errorf("Locate = %q, %v", at, err)
	}
}
