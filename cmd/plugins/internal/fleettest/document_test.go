package fleettest

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/config"
)

const examples = "../../../../examples/fleet"

func example(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(examples, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}

var (
	embedded  = regexp.MustCompile("(?s)<!-- examples/fleet/([^ ]+) -->\n(?:```.*?\n```\n)?")
	languages = map[string]string{".hcl": "hcl", ".yaml": "yaml", ".yml": "yaml", ".service": "ini", ".timer": "ini"}
)

// The document shows every file of the examples, as it is; -update puts them in.
func TestDocument(t *testing.T) {
	t.Parallel()
	const document = "../../../../docs/fleet.md"
	data, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	got := strings.ReplaceAll(string(data), "\r\n", "\n")
	want := embedded.ReplaceAllStringFunc(got, func(block string) string {
		name := embedded.FindStringSubmatch(block)[1]
		shown = append(shown, name)
		marker, _, _ := strings.Cut(block, "\n")
		return marker + "\n```" + languages[filepath.Ext(name)] + "\n" + example(t, name) + "```\n"
	})
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != want {
		t.Errorf("%s does not show the files as they are; go test ./cmd/plugins/internal/fleettest -update puts them in", document)
	}
	entries, err := os.ReadDir(examples)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(shown, e.Name()) {
			t.Errorf("%s does not show %s", document, e.Name())
		}
	}
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	src := []byte(example(t, "plugins.hcl"))
	c, err := config.Parse(src, "plugins.hcl", config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Plugins) == 0 || len(c.Warnings) > 0 || !bytes.Equal(config.Format(src), src) {
		t.Errorf("%d plugins, warnings %v, or it is not in its canonical format", len(c.Plugins), c.Warnings)
	}
}
