package citest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

const document = "docs/ci.md"

var (
	shown     = regexp.MustCompile("(?s)<!-- ([^ ]+(?: [^ ]+)?) -->\n(?:\n?```[^\n]*\n.*?\n```\n)?")
	languages = map[string]string{".yaml": "yaml", ".yml": "yaml", ".json": "json"}
	// writing is held by whoever updates the document.
	writing sync.Mutex
)

// shows demands that the document shows this below the marker; -update puts it in.
func shows(t *testing.T, marker, language, text string) {
	t.Helper()
	writing.Lock()
	defer writing.Unlock()
	got, there := file(t, document), false
	want := shown.ReplaceAllStringFunc(got, func(block string) string {
		if shown.FindStringSubmatch(block)[1] != marker {
			return block
		}
		there = true
		return "<!-- " + marker + " -->\n```" + language + "\n" + text + "```\n"
	})
	switch {
	case !there:
		t.Errorf("%s does not show %s", document, marker)
	case *update:
		if err := os.WriteFile(filepath.Join(root, document), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	case got != want:
		t.Errorf("%s does not show %s as it is; go test ./cmd/plugins/internal/citest -update puts it in:\n%s", document, marker, text)
	}
}

// outputs are what tests have the document show besides files.
var outputs = []string{"output pre-commit", "output comment", "output gitlab", "output lock-after-bot"}

// The document shows every file of the examples, as it is, and nothing else that no test
// looks at.
func TestDocument(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(filepath.Join(root, "examples/ci"))
	if err != nil {
		t.Fatal(err)
	}
	known := slices.Clone(outputs)
	for _, e := range entries {
		name := "examples/ci/" + e.Name()
		known = append(known, name)
		shows(t, name, languages[filepath.Ext(name)], file(t, name))
	}
	for _, m := range shown.FindAllStringSubmatch(file(t, document), -1) {
		if !slices.Contains(known, m[1]) {
			t.Errorf("nothing looks at %s", m[1])
		}
	}
}

// It tells of all that the action takes and gives, and of every hook.
func TestDocumentIsWhole(t *testing.T) {
	t.Parallel()
	text, a := file(t, document), readAction(t)
	for name := range a.Inputs {
		mustSay(t, text, "\n| `"+name+"` |")
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(text, -1) {
		if _, ok := a.Inputs[m[1]]; !ok {
			t.Errorf("the action has no input %s", m[1])
		}
	}
	for name := range a.Outputs {
		mustSay(t, text, "`"+name+"`")
	}
	for _, m := range regexp.MustCompile(`(?m)^- id: (\S+)$`).FindAllStringSubmatch(file(t, ".pre-commit-hooks.yaml"), -1) {
		mustSay(t, text, m[1])
	}
	if strings.Count(text, "github>plugins-hcl/plugins//renovate/plugins") != 2 {
		t.Error("the preset is called otherwise in the document")
	}
}
