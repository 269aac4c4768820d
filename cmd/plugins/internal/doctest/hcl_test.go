package doctest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// checkConfigurations demands that every block of HCL loads, and is in its canonical
// format.
func (p *page) checkConfigurations(t *testing.T) {
	t.Helper()
	for _, x := range p.parts {
		if x.block.language != "hcl" || *update && x.block.marks["shows"] != "" {
			continue
		}
		text := strings.Join(x.block.text, "\n") + "\n"
		if err := loads(text, x.block.marks["hcl"]); err != nil {
			t.Errorf("%s: %v", p.at(x.line), err)
			continue
		}
		laidOut := string(config.Format([]byte(text)))
		switch {
		case laidOut == text:
		case *update:
			p.replace(x.line, x.line+len(x.block.text), x.block.indent, strings.Split(strings.TrimSuffix(laidOut, "\n"), "\n"))
		default:
			t.Errorf("%s: plugins fmt lays this out otherwise, -update too:\n%s", p.at(x.line), laidOut)
		}
	}
}

// contexts are what a block of HCL may be, or be a part of, in the order in which they
// are tried.
var contexts = []struct {
	name string
	load func(text string) error
}{
	{"project", func(s string) error { return loadProject(s + missing(s)) }},
	{"plugin", inBlock(`plugin "example"`, "")},
	{"registry", inBlock(`registry "example"`, `url = "./registry"`)},
	{"policy", inBlock("policy", "")},
	{"verify", func(s string) error {
		return loadProject("plugin \"example\" {\nverify {\n" + s + "}\n}\n" + missing(""))
	}},
	{"limits", func(s string) error {
		return loadProject("plugin \"example\" {\nlimits {\n" + s + "}\n}\n" + missing(""))
	}},
	{"user", loadUser},
	{"lock", loadLock},
	{"lock plugin", func(s string) error { return loadLock("version = 1\n" + s) }},
	{"lock package", func(s string) error {
		return loadLock("version = 1\nplugin \"example\" {\nversion = \"1.0.0\"\nsource = \"r/example\"\n" + s + "}\n")
	}},
}

// loads tries what a text may be; with a name, that alone.
func loads(text, name string) error {
	var names []string
	var first error
	for _, c := range contexts {
		names = append(names, c.name)
		if name != "" && name != c.name {
			continue
		}
		err := c.load(text)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		return fmt.Errorf("<!-- hcl: %s --> is not known: there are %s", name, strings.Join(names, ", "))
	}
	return fmt.Errorf("this does not load: mend it, or write what it is a part of above it, as in <!-- hcl: plugin -->, one of %s:\n%w",
		strings.Join(names, ", "), first)
}

var (
	declared = regexp.MustCompile(`(?m)^\s*registry "([^"]*)"`)
	referred = regexp.MustCompile(`(?m)source\s*=\s*"([a-z0-9_-]+)/[a-z0-9._-]+"`)
)

// missing is what a part of a plugins.hcl needs besides: the registries that it names,
// one at least, and platforms.
func missing(text string) string {
	var have []string
	for _, m := range declared.FindAllStringSubmatch(text, -1) {
		have = append(have, m[1])
	}
	var b strings.Builder
	add := func(name string) {
		if !slices.Contains(have, name) {
			have = append(have, name)
			fmt.Fprintf(&b, "registry %q {\n  url = \"./registry\"\n}\n", name)
		}
	}
	for _, m := range referred.FindAllStringSubmatch(text, -1) {
		add(m[1])
	}
	if len(have) == 0 {
		add("example-registry")
	}
	if !strings.Contains(text, "platforms") {
		b.WriteString("platforms = [\"linux/amd64\"]\n")
	}
	return b.String()
}

func inBlock(header, besides string) func(string) error {
	return func(s string) error { return loadProject(header + " {\n" + besides + "\n" + s + "}\n" + missing(s)) }
}

func options() config.Options {
	return config.Options{
		Env:            func(string) (string, bool) { return "something", true },
		Home:           "/home/you",
		ProgramVersion: plugin.MustVersion("0.1.0"),
	}
}

func loadProject(text string) error {
	return parsed(config.Parse([]byte(text), "plugins.hcl", options()))
}

func loadUser(text string) error {
	dir, err := os.MkdirTemp("", "user")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	opts := options()
	opts.UserConfig = filepath.Join(dir, "config.hcl")
	// A file that it names need not be there: what one holds is not told on a page.
	text = regexp.MustCompile(`(?m)^ca_file.*$`).ReplaceAllString(text, "")
	if err := os.WriteFile(opts.UserConfig, []byte(text), 0o600); err != nil {
		return err
	}
	return parsed(config.Parse(nil, "plugins.hcl", opts))
}

func parsed(c *config.File, err error) error {
	if err != nil {
		return err
	}
	if len(c.Warnings) > 0 {
		return errors.New("it loads with a warning: " + c.Warnings.Error())
	}
	return nil
}

// cut is a digest that a page does not show to its end.
var cut = regexp.MustCompile(`sha256:[0-9a-f]*…`)

func loadLock(text string) error {
	_, err := lock.Parse([]byte(cut.ReplaceAllString(text, "sha256:"+strings.Repeat("0", 64))), "plugins.lock.hcl")
	return err
}

func TestLoads(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		`plugin "authz" {}`,
		`plugin "authz" { source = "acme/authz" }`,
		`keep = ["data"]`,
		`token = env("X")`,
		`require_signature = true`,
		`ca_file = "company.pem"`,
		"version = 1\n",
		"package \"linux/amd64\" {\n  url = \"https://example.com/…\"\n  digest = \"sha256:da61…\"\n}",
	} {
		if err := loads(good+"\n", ""); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{`plugin "authz" { sauce = "acme/authz" }`, `keeps = ["data"]`, `plugin "a" {`, `package "x" {}`, `registry "r" { url = "http://example.com" }`} {
		if loads(bad+"\n", "") == nil {
			t.Errorf("%s loads", bad)
		}
	}
}
