package config_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"pgregory.net/rapid"

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
	want := `plugins.hcl:1: Invalid platform; (sensitive) is not a platform: ` +
		`write it as OS/ARCH, for example "linux/amd64".`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What reaches the lock or the records must not come from the environment, by no
// way round.
func TestMadeWithEnv(t *testing.T) {
	t.Parallel()
	for body, what := range map[string]string{
		`source = "https://h/x?token=${env("TOKEN")}"`:                                     `Source made with env(); It depends on env("TOKEN").`,
		`source = env("UNSET")`:                                                            `Source made with env(); It depends on env("UNSET").`,
		`source = env("OS") == "linux" ? "./l" : "./w"`:                                    `Source made with env(); It depends on env("OS").`,
		`source = "https://${local.indirect}/x"`:                                           `Source made with env(); It depends on env("TOKEN").`,
		`source = "./${local.map.a}"`:                                                      `Source made with env(); It depends on env("TOKEN").`,
		`source = "./${local.map.b}${local.list[1]}"`:                                      `Source made with env(); It depends on env("OS").`,
		`source = format("./%s-%s", env("OS"), env("TOKEN"))`:                              `Source made with env(); It depends on env("OS") and env("TOKEN").`,
		`source = can(tonumber(env("TOKEN"))) ? "./a" : "./b"`:                             `Source made with env(); It depends on env("TOKEN").`,
		`source = try(tonumber(local.indirect), "./a")`:                                    `Source made with env(); It depends on env("TOKEN").`,
		`source = try(local.map[env("OS")], "./a")`:                                        `Source made with env(); It depends on env("OS") and env("TOKEN").`,
		`source = "./${{ linux = "a" }[env("OS")]}"`:                                       `Source made with env(); It depends on env("OS").`,
		`source = "./${join("", [for n in ["OS"] : env(n)])}"`:                             `Source made with env(); It depends on env("OS") and env("…").`,
		"platforms = [\"linux/amd64\"]\nsource = os == \"aix\" ? env(\"TOKEN\") : \"./x\"": `Source made with env(); It depends on env("TOKEN").`,
		`source = "./${length(env("TOKEN"))}"`:                                             `Source made with env(); It depends on env("TOKEN").`,
		`source = "./${join("", [for x in ["a", "b"] : x if x == env("OS")])}"`:            `Source made with env(); It depends on env("OS").`,
		"version = env(\"EMPTY\")\nsource = \"./x\"":                                       `Version made with env(); It depends on env("EMPTY").`,
		"version = \"~> ${local.map.a}\"\nsource = \"./x\"":                                `Version made with env(); It depends on env("TOKEN").`,
		"asset = \"${env(\"OS\")}-*\"":                                                     `Asset made with env(); It depends on env("OS").`,
		"asset = env(\"UNSET\")":                                                           `Asset made with env(); It depends on env("UNSET").`,
		"source = \"./x\"\nbinary = env(\"TOKEN\")":                                        `Binary made with env(); It depends on env("TOKEN").`,
		"manifest = env(\"UNSET\")":                                                        `Manifest made with env(); It depends on env("UNSET").`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			got := refuse(t, `registry "r" { url = "./r" }
locals {
  token    = env("TOKEN")
  indirect = lower("a${local.token}")
  map      = { a = local.token, b = "public" }
  list     = ["x", env("OS")]
}
plugin "demo" {
`+body+"\n}\n", "plugins.hcl")
			if !strings.Contains(got, what) || strings.Contains(got, "s3cr3t") || strings.Count(got, "\n") > 0 {
				t.Errorf("got %s", got)
			}
		})
	}
	// What only stands beside it is not made with it.
	parse(t, `locals { map = { a = env("TOKEN"), b = "public" } }
plugin "demo" { source = "./${local.map.b}" }`)
}

// In JSON, too, whose expressions are texts.
func TestMadeWithEnvJSON(t *testing.T) {
	t.Parallel()
	for _, source := range []string{`"./${env(\"TOKEN\")}"`, `"./${try({a = \"x\"}[env(\"TOKEN\")], \"a\")}"`, `"./${local.m.a}"`} {
		got := refuse(t, `{"locals": {"m": {"a": "${env(\"TOKEN\")}", "b": "x"}}, "plugin": {"p": {"source": `+source+`}}}`, "plugins.hcl.json")
		if !strings.Contains(got, `Source made with env(); It depends on env("TOKEN")`) && !strings.Contains(got, "keys of an object") {
			t.Errorf("got %s", got)
		}
	}
	f, err := config.Parse([]byte(`{"locals": {"m": {"a": "${env(\"TOKEN\")}", "b": "x"}}, "plugin": {"p": {"source": "./${local.m.b}"}}}`), "plugins.hcl.json", options())
	if err != nil || f.Plugins[0].Source.Text != "./${local.m.b}" {
		t.Errorf("Parse: %v", err)
	}
}

// Two machines read the same lock-to-be from a file: whatever expression a source is,
// either it is refused on both or it means the same on both.
func TestEnvironmentDoesNotInterfere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var locals string
		for _, name := range []string{"a", "b", "c"} {
			kind := map[string]string{"a": "$s", "b": "$s", "c": "$l"}[name]
			text := operand.ReplaceAllString(expression(t, kind, 2), `"k"`)
			if strings.Contains(text, "local.") || strings.Contains(text, "os") {
				text = map[string]string{"$s": `env("V")`, "$l": `["k", env("V")]`}[kind]
			}
			locals += "  " + name + " = " + text + "\n"
		}
		src := "locals {\n" + locals + "}\nplugin \"p\" {\n  platforms = [\"linux/amd64\"]\n  source = \"./x${" + expression(t, "$s", 3) + "}\"\n}\n"
		located := func(value string, set bool) (string, bool) {
			f, err := config.Parse([]byte(src), "plugins.hcl", config.Options{Env: func(string) (string, bool) { return value, set }})
			if err != nil {
				return err.Error(), false
			}
			at, err := f.Plugins[0].Source.Locate(plugin.MustVersion("1.0.0"), plugin.Platform{OS: "linux", Arch: "amd64"})
			if err != nil {
				return err.Error(), false
			}
			return at, true
		}
		first, ok := located("", false)
		for _, value := range []string{"", "7", "k", "true", "linux"} {
			other, otherOK := located(value, true)
			refused := strings.Contains(first+other, "made with env()")
			if ok && otherOK && first != other || ok != otherOK && refused {
				t.Fatalf("it is %s here and %s there:\n%s", first, other, src)
			}
		}
	})
}

// expression draws an expression of HCL, mostly of the right types, in which env() and
// locals occur: $s is a text, $b a bool, $l a list of texts, $m a map of texts.
func expression(t *rapid.T, kind string, depth int) string {
	forms := map[string][]string{
		"$s": {
			`"k"`, `"7"`, `os`, `env("V")`, `local.a`, `local.b`, `($b ? $s : $s)`, `try(tostring(tonumber($s)), $s)`, `$m[$s]`, `try($m[$s], $s)`,
			`$l[0]`, `try($l[tonumber($s)], $s)`, `"a${$s}"`, `"%{ if $b }x%{ else }y%{ endif }"`, `tostring(length($l))`, `coalesce($s, $s)`,
			`lookup($m, $s, $s)`, `join("", $l)`, `upper($s)`, `tostring($b)`, `jsonencode($l)`, `element($l, length($l))`, `tostring(index($l, $s))`,
			`$m.k`, `replace($s, $s, $s)`, `{ k = $s, z = $l }[$s]`, `{ k = $s, z = $l }.k`, `[$s, $b][tonumber($s)]`,
		},
		"$b": {
			`true`, `$s == $s`, `can($m[$s])`, `can(tonumber($s))`, `contains($l, $s)`, `!$b`, `$b && $b`, `$l == $l`, `try(tobool($s), $b)`,
			`$s == null`, `length($l) > 1`, `{ k = $b, z = $l }[$s]`,
		},
		"$l": {
			`["k", "z"]`, `[$s, $s]`, `[for x in $l : x if x == $s]`, `[for x in $l : $s]`, `keys($m)`, `values($m)`, `sort($l)`, `concat($l, $l)`,
			`split($s, $s)`, `try(slice($l, 0, tonumber($s)), $l)`, `($b ? $l : $l)`, `$l[*]`, `distinct($l)`, `compact($l)`, `flatten([$l, $l])`,
			`tolist(toset($l))`, `local.c`,
		},
		"$m": {
			`{ k = "y", z = "1" }`, `{ k = $s, z = $s }`, `{ ($s) = $s }`, `{ for x in $l : x => $s... }`, `{ for x in $l : x => $s if $b }`,
			`merge($m, $m)`, `zipmap($l, $l)`, `tomap($m)`,
		},
	}[kind]
	if depth == 0 {
		forms = forms[:1]
		if kind == "$s" {
			forms = []string{`"k"`, `"7"`, `os`, `env("V")`, `local.a`, `local.b`}
		}
	}
	form := rapid.SampledFrom(forms).Draw(t, kind)
	return operand.ReplaceAllStringFunc(form, func(kind string) string { return expression(t, kind, depth-1) })
}

var operand = regexp.MustCompile(`[$][sblm]\b`)
