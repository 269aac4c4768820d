package plugins_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// The example says nothing that the program does not understand or cannot do, and
// is in the format that the program itself writes.
func TestExampleIsValid(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("plugins.hcl.example")
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse(src, "plugins.hcl", config.Options{Home: "/home/somebody", ProgramVersion: plugin.MustVersion("0.1.0")})
	if err != nil {
		t.Fatal(err)
	}
	if unsupported := c.Unsupported(); len(unsupported) > 0 {
		t.Errorf("it asks for what is not supported: %v", unsupported)
	}
	if len(c.Warnings) > 0 {
		t.Errorf("it gives warnings: %v", c.Warnings)
	}
	if !bytes.Equal(config.Format(src), src) {
		t.Error("it is not in its canonical format")
	}
}

// The quickstart's lock is what its configuration and its registry make of it.
func TestQuickstartIsLocked(t *testing.T) {
	t.Parallel()
	c, err := config.Load("examples/quickstart/plugins.hcl", config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := lock.Load("examples/quickstart/plugins.lock.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Check(c.Plugins, c.Platforms, plugin.Host{}, nil); err != nil {
		t.Error(err)
	}
}

// What the documents link to is there.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile("`[^`\n]*`")
	link := regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	for _, glob := range []string{"*.md", "docs/*.md", "docs/*/*.md", "testdata/scripts/*.md"} {
		documents, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range documents {
			text, err := os.ReadFile(document)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(string(text), ""), -1) {
				if strings.Contains(m[1], "://") {
					continue
				}
				if _, err := os.Stat(filepath.Join(filepath.Dir(document), m[1])); err != nil {
					t.Errorf("%s links to %s: %v", document, m[1], err)
				}
			}
		}
	}
}
