package config_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/config"
)

// render is all that a person can see of a configuration: its errors, else its warnings.
func render(t interface{ Fatal(...any) }, src, filename string) string {
	var b strings.Builder
	f, err := config.Parse([]byte(src), filename, options())
	diags, ok := err.(*config.DiagnosticsError)
	switch {
	case err == nil:
		err = f.WriteWarnings(&b, 0, true)
	case ok:
		b.WriteString(diags.Error() + "\n")
		for _, file := range diags.Files {
			b.Write(file.Bytes)
		}
		err = diags.WriteText(&b, 0, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What a snippet shows of a line that holds a secret.
func TestSnippets(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, src, want string }{
		{
			"a token", "registry \"r\" {\n  url   = \"./r\"\n  token = \"abc def\"\n}",
			"   3:   token = \x1b[1;4m\"(sensitive)\"\x1b[0m\n",
		},
		{
			"the block, and what stands behind", "registry \"r\" {\n  url = \"https://u:p@h/\" # mine\n}",
			"on plugins.hcl line 2, in registry \"r\":\n   2:   url = \x1b[1;4m\"https://(sensitive)@h/\"\x1b[0m # mine",
		},
		{
			"a query, and lines before it", "plugin \"a\" {\n source = \"https://h/?q=1\"\n}\n\nplugin \"p\" {\n  source = \"git://h/x?sig=abc\"\n}",
			"   6:   source = \x1b[1;4m\"git://h/x?(sensitive)\"\x1b[0m",
		},
		{
			"the name of a variable stays", "registry \"r\" {\n  url = \"./r\"\n  token = tonumber(env(\"TOKEN\"))\n}",
			"token = \x1b[1;4mtonumber(\x1b[0menv(\"TOKEN\"))\n",
		},
		{
			"a secret highlighted in part", "credentials \"h\" { token = s3cr3t-t0ken.x }",
			"   1: credentials \"h\" { token = \x1b[1;4m",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := render(t, test.src, "plugins.hcl"); !strings.Contains(got, test.want) {
				t.Errorf("got\n%s\nwant %s", got, test.want)
			}
		})
	}
}

// Wherever a secret stands in a file, and whatever is wrong with that file, nobody
// sees it.
func TestSnippetsHideSecrets(t *testing.T) {
	t.Parallel()
	forms := []string{
		`token = "SECRET"`, `token = "SECRET x"`, `token "SECRET"`, `tokne = "SECRET"`, `token = SECRET`, `token = "SECRET`, `token = ["SECRET"]`,
		"token = <<EOT\nSECRET\nSECRET x\nEOT", `token = tonumber("SECRET")`, `token = "a${lower("SECRET")}"`, `token = SECRET + 1`, `acme_token = "SECRET"`,
		`token = { a = "SECRET" }`, `token = "${unknown.x}SECRET"`, `token = 7 # it was "SECRET"`, `# the token is SECRET`, `token = x == "SECRET" ? 1 : 2`,
		`url = "https://me:SECRET@h/v1"`, `url = "https://SECRET@h/v1"`, `url = "https://h/v1?sig=SECRET"`, `url = "ftp://me:SECRET@h/v1"`,
		`url = "https://h/%zz?SECRET"`, `url = "https://h/${unknown}?a=SECRET"`, `url = "https://h/a b?SECRET"`, `url = "https://me:SECRET%zz@h/"`,
		`url = format("https://h/%s?x=SECRET", 1 / 0)`, `url = "${local.base}?x=SECRET"`, `url = "https://h/#SECRET"`, `url = "x://h?SECRET" + 1`,
		`# see https://h/?SECRET`, `source = "https://me:SECRET@h/x"`, `source = "git://me:SECRET@h/x"`, `source = "oci://h/x?SECRET"`, `source = "oci://me:SECRET@h/x"`,
		`version = "https://h/?SECRET"`, `asset = "https://h/?SECRET"`, `minisign = "https://me:SECRET@h"`,
	}
	blocks := []string{
		"registry \"r\" {\n%\n}", "registry \"r\" { % }", "credentials \"h\" {\n%\n}", "credentials \"h\" {\n  pw = \"SECRET\"\n}", "plugin \"p\" {\n  %\n}",
		"locals {\n%\n}", "%", "registry \"r\" {\n  url = \"./r\"\n  %\n", "mirror \"https://h/\" {\n%\n}", "locals { s = \"SECRET\" }\ncredentials \"h\" {\n  token = local.s\n  x = 1\n}\nlocals { s = \"SECRET\" }",
		"mirror \"https://me:SECRET@h/\" { url = \"./x\" }", "mirror \"https://h/?SECRET\" { url = \"./x\" }", "credentials \"me:SECRET@h\" { token = \"x\" }",
		"credentials \"https://me:SECRET@h\" { token = \"x\" }", "github \"h\" {\n%\n  api_url = \"https://me:SECRET@h\"\n}", "plugin \"https://me:SECRET@h\" {}",
	}
	damage := []string{"", "}", "plugin \"P\" {}", "oops", "x = [", "plugin \"q\" { source = \"./q\" }\nplugin \"q\" {}", "x = \"${"}
	rapid.Check(t, func(t *rapid.T) {
		secret := "S" + rapid.StringMatching(`[a-zA-Z0-9]{6,12}`).Draw(t, "secret")
		src := rapid.SampledFrom(blocks).Draw(t, "block")
		src = strings.ReplaceAll(src, "%", rapid.SampledFrom(forms).Draw(t, "form"))
		src += rapid.SampledFrom([]string{"\n", " "}).Draw(t, "space") + rapid.SampledFrom(damage).Draw(t, "damage")
		src = strings.ReplaceAll(src, "SECRET", secret)
		if got := render(t, src, "plugins.hcl"); strings.Contains(got, secret) {
			t.Fatalf("it shows %s:\n%s\n--- of\n%s", secret, got, src)
		}
	})
}

func TestSnippetsHideSecretsJSON(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		`{"registry": {"r": {"url": "./r", "token": "S3CRET x"}}}`,
		`{"registry": {"r": {"url": "./r", "token": ["S3CRET"]}}}`,
		`{"registry": {"r": {"url": "./r", "tokne": "S3CRET"}}}`,
		`{"registry": {"r": {"url": "https://me:S3CRET@h/"}}}`,
		`{"registry": {"r": {"url": "https://h/?S3CRET"}}}`,
		`{"credentials": {"h": {"pw": "S3CRET"}}}`,
		`{"credentials": {"h": {"token": "S3CRET\" x", "y": 1}}}`,
		`{"credentials": {"h": {"token": "${lower(}S3CRET"}}}`,
		`{"plugin": {"p": {"source": "git://me:S3CRET@h/x"}}}`,
		`{"plugin" {"p": 1}, "registry": {"r": {"token": "S3CRET"}}}`,
		`{"registry": {"r": {"token": "S3CRET}}}`,
	} {
		if got := render(t, src, "plugins.hcl.json"); strings.Contains(got, "S3CRET") {
			t.Errorf("it shows the secret:\n%s\n--- of\n%s", got, src)
		}
	}
}

// No text, however broken, takes the rendering apart, and lines stay lines.
func FuzzSnippets(f *testing.F) {
	f.Add("registry \"r\" {\n  token = \"abc\"\n", false)
	f.Add("credentials \"a@b\" { token = <<EOT\nx\nEOT\n}}", false)
	f.Add(`{"credentials": {"h": {"token": "a\"b"}}}`, true)
	f.Fuzz(func(t *testing.T, src string, inJSON bool) {
		filename := "plugins.hcl"
		if inJSON {
			filename += ".json"
		}
		render(t, src, filename)
		_, err := config.Parse([]byte(src), filename, options())
		if diags, ok := err.(*config.DiagnosticsError); ok {
			for _, file := range diags.Files {
				if strings.Count(string(file.Bytes), "\n") != strings.Count(src, "\n") {
					t.Errorf("%q became %q", src, file.Bytes)
				}
			}
		}
	})
}
