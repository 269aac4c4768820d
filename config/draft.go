package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/plugins-hcl/plugins/plugin"
)

// Draft is a configuration that is to be written for the first time.
type Draft struct {
	Comment     []string // lines at its top
	PluginDir   string   // "": the default is said
	Registries  []DraftRegistry
	Credentials []DraftCredential
	Plugins     []DraftPlugin
}

// DraftRegistry is a registry block. Its token is never in the file: only the variable
// that holds it is.
type DraftRegistry struct{ Name, URL, TokenEnv string }

// DraftCredential is a credentials block; its token is in a variable, too.
type DraftCredential struct{ Host, TokenEnv string }

// DraftPlugin is a plugin block.
type DraftPlugin struct {
	Name    plugin.Name
	Source  string // "": the first registry's plugin of that name
	Version string // a constraint; "": any
	Why     string // what is to be said of the version; "": nothing
}

// Text is the draft as a file, in the canonical format. Whatever the draft holds, the
// text is one that [Parse] reads, and says the same; where there is none, that is an
// error.
func (d Draft) Text() ([]byte, error) {
	f := hclwrite.NewEmptyFile()
	body := f.Body()
	for _, line := range d.Comment {
		comment(body, line)
	}
	body.AppendNewline()
	dir := d.PluginDir
	if dir == "" {
		dir = DefaultPluginDir
	}
	body.SetAttributeValue("plugin_dir", cty.StringVal(dir))
	body.AppendNewline()
	comment(body, "What to lock for; without this line, all that is published.")
	comment(body, `platforms = ["linux/amd64", "darwin/arm64"]`)
	body.AppendNewline()
	for i, r := range d.Registries {
		if i == 0 {
			comment(body, "The first registry is where a plugin without a source comes from.")
		}
		block := body.AppendNewBlock("registry", []string{r.Name}).Body()
		block.SetAttributeValue("url", cty.StringVal(r.URL))
		token(block, r.TokenEnv)
		body.AppendNewline()
	}
	for _, c := range d.Credentials {
		token(body.AppendNewBlock("credentials", []string{c.Host}).Body(), c.TokenEnv)
		body.AppendNewline()
	}
	for i, p := range d.Plugins {
		if i > 0 {
			body.AppendNewline()
		}
		p.write(body)
	}
	if len(d.Plugins) == 0 {
		for _, line := range []string{`plugin "authz" {`, `  version = "~> 0.6" # >= 0.6, < 1`, "}"} {
			comment(body, line)
		}
	}
	text := Format(f.Bytes())
	return text, d.check(text)
}

func (p DraftPlugin) write(body *hclwrite.Body) {
	block := body.AppendNewBlock("plugin", []string{string(p.Name)}).Body()
	if p.Source != "" {
		block.SetAttributeValue("source", cty.StringVal(p.Source))
	}
	if p.Why != "" {
		comment(block, p.Why)
	}
	if p.Version != "" {
		block.SetAttributeValue("version", cty.StringVal(p.Version))
	}
}

// token reads a token from a variable; name "" reads none.
func token(body *hclwrite.Body, name string) {
	if name != "" {
		body.SetAttributeRaw("token", hclwrite.TokensForFunctionCall("env", hclwrite.TokensForValue(cty.StringVal(name))))
	}
}

// comment appends a line that is one, whatever the text holds.
func comment(body *hclwrite.Body, text string) {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	body.AppendUnstructuredTokens(hclwrite.Tokens{
		{Type: hclsyntax.TokenComment, Bytes: []byte(strings.TrimRight("# "+text, " ") + "\n")},
	})
}

// check reads the text again and compares.
func (d Draft) check(text []byte) error {
	// The variables are set to something, so that a block without a token counts.
	file, err := Parse(text, "plugins.hcl", Options{Env: func(string) (string, bool) { return "x", true }, Home: "~"})
	if err != nil {
		return err
	}
	if len(file.Plugins) != len(d.Plugins) || len(file.Registries) != len(d.Registries) || len(file.Credentials) != len(d.Credentials) {
		return fmt.Errorf("it would say something else: %d plugins, %d registries and %d credentials",
			len(file.Plugins), len(file.Registries), len(file.Credentials))
	}
	if d.PluginDir != "" && file.PluginDir != asRead(d.PluginDir) {
		return errors.New("it would say something else of the plugin directory")
	}
	for _, p := range d.Plugins {
		got, ok := file.Plugin(p.Name)
		want, err := plugin.ParseConstraint(p.Version)
		if err != nil {
			return err
		}
		if !ok || got.Constraint.String() != want.String() || p.Source != "" && got.Source.Text != p.Source {
			return fmt.Errorf("it would say something else of plugin %q", p.Name)
		}
	}
	for _, r := range d.Registries {
		got, ok := file.Registry(r.Name)
		if !ok || strings.TrimRight(got.URL, "/") != strings.TrimRight(asRead(r.URL), "/") || (got.Token != "") != (r.TokenEnv != "") {
			return fmt.Errorf("it would say something else of registry %q", r.Name)
		}
	}
	return nil
}

// asRead is a text as it comes back: HCL composes its characters.
func asRead(s string) string { return cty.StringVal(s).AsString() }
