package plugins_test

import (
	"bytes"
	"fmt"
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
	within := regexp.MustCompile(`\]\(#([^)]+)\)`)
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
				target := filepath.Join(filepath.Dir(document), m[1])
				if _, err := os.Stat(target); err != nil {
					t.Errorf("%s links to %s: %v", document, m[1], err)
				} else if m[2] != "" && filepath.Ext(target) == ".md" && !anchors(t, target)[m[2][1:]] {
					t.Errorf("%s links to %s%s: there is no such heading", document, m[1], m[2])
				}
			}
			for _, m := range within.FindAllStringSubmatch(code.ReplaceAllString(string(text), ""), -1) {
				if !anchors(t, document)[m[1]] {
					t.Errorf("%s links to #%s in itself: there is no such heading", document, m[1])
				}
			}
		}
	}
}

// anchors are what links may lead to in a document: its headings, as GitHub calls them.
func anchors(t *testing.T, document string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	dropped := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	all := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+?)\r?$`).FindAllStringSubmatch(blocks.ReplaceAllString(string(text), ""), -1) {
		name := strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")
		again := name
		for n := 1; all[again]; n++ {
			again = fmt.Sprintf("%s-%d", name, n)
		}
		all[again] = true
	}
	return all
}
