package lock

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const referencePage = "../docs/reference/lock.md"

var row = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| [^|]+ \\| [^|]+ \\| `([^`]+)` \\| [^|]+ \\|$")

// rows are the attributes that the reference lists in a section, and their examples.
func rows(t *testing.T, section string) (names, examples []string) {
	t.Helper()
	data, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n## `"+section+"`\n")
	text, _, _ = strings.Cut(text, "\n## ")
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		names, examples = append(names, m[1]), append(examples, m[2])
	}
	return names, examples
}

// The reference lists each attribute of a lock file, in its order, with an example that is
// valid.
func TestReference(t *testing.T) {
	t.Parallel()
	var of [2][]string
	for i, want := range [][]string{pluginAttributes(), packageAttributes()} {
		section := []string{"plugin", "package"}[i]
		names, examples := rows(t, section)
		if !slices.Equal(names, want) {
			t.Errorf("%s, ## `%s`, has rows for %v; there are %v", referencePage, section, names, want)
		}
		of[i] = examples
	}
	if t.Failed() {
		return
	}
	url, path, digest := of[1][0], of[1][1], of[1][2]
	text := "version = 1\nplugin \"authz\" {\n" + strings.Join(of[0], "\n") +
		"\npackage \"linux/amd64\" {\n" + url + "\n" + digest + "\n}\npackage \"any\" {\n" + path + "\n" + digest + "\n}\n}\n"
	if _, err := Parse([]byte(text), "plugins.lock.hcl"); err != nil {
		t.Errorf("the examples: %v\n%s", err, text)
	}
}
