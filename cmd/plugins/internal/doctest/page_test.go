package doctest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../../../.."

// page is a document, taken apart.
type page struct {
	name  string // from the root of the repository, with slashes
	lines []string
	parts []part
	edits []edit
}

// part is a comment that makes the world, or a block of code.
type part struct {
	line  int    // of its first line of text, from 0
	world string // lines of a script; "" for a block
	block block
}

type block struct {
	language string
	indent   string
	text     []string
	marks    map[string]string // what the comments right above it say
}

// edit replaces lines of a page.
type edit struct {
	from, to int // [from, to)
	with     []string
}

// at is a place in a page, as editors understand it.
func (p *page) at(line int) string { return fmt.Sprintf("%s:%d", p.name, line+1) }

var (
	fence = regexp.MustCompile("^( *)(```+)([A-Za-z0-9+_-]*)(?: .*)?$")
	// A comment is one line, or starts one and ends with a line of its own.
	comment = regexp.MustCompile(`^<!-- ([a-z]+(?: [a-z]+)?)(?:: *(.*?))?( -->)?$`)
)

// marks are what may be said of a block.
var knownMarks = []string{"file", "shows", "exits", "types", "hcl", "example", "needs", "not run"}

func readPage(name string) (*page, error) {
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	p := &page{name: name, lines: strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")}
	return p, p.parse()
}

func (p *page) parse() error {
	marks := map[string]string{}
	for i := 0; i < len(p.lines); i++ {
		line := p.lines[i]
		if m := fence.FindStringSubmatch(line); m != nil {
			end := i + 1
			for end < len(p.lines) && strings.TrimSpace(p.lines[end]) != m[2] {
				end++
			}
			if end == len(p.lines) {
				return fmt.Errorf("%s: this block of code does not end", p.at(i))
			}
			b := block{language: m[3], indent: m[1], marks: marks}
			for _, text := range p.lines[i+1 : end] {
				b.text = append(b.text, strings.TrimPrefix(text, m[1]))
			}
			if b.language == "" && slices.ContainsFunc(b.text, isTyped) {
				return fmt.Errorf("%s: say what this block is: ```console (with lines that start with %q) is run, ```text is not", p.at(i), prompt)
			}
			p.parts = append(p.parts, part{line: i + 1, block: b})
			marks, i = map[string]string{}, end
			continue
		}
		m := comment.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			if trimmed := strings.TrimSpace(line); trimmed != "" && !strings.HasPrefix(trimmed, "<!--") && len(marks) > 0 {
				return fmt.Errorf("%s: a comment above says something of a block of code, and no block follows", p.at(i))
			}
			continue
		}
		from, text := i, m[2]
		if m[3] == "" { // it goes on
			var lines []string
			for i++; i < len(p.lines) && p.lines[i] != "-->"; i++ {
				lines = append(lines, p.lines[i])
			}
			text = strings.Join(append([]string{text}, lines...), "\n")
		}
		switch key := m[1]; {
		case key == "world":
			p.parts = append(p.parts, part{line: from, world: strings.TrimSpace(text)})
		case key == "file" && strings.Contains(text, "\n"): // one that readers do not see
			name, text, _ := strings.Cut(text, "\n")
			p.parts = append(p.parts, part{line: from + 1, block: block{
				text: strings.Split(text, "\n"), marks: map[string]string{"file": name},
			}})
		case slices.Contains(knownMarks, key):
			marks[key] = text
		case strings.HasPrefix(strings.TrimSpace(line), "<!-- "+key+":"):
			return fmt.Errorf("%s: <!-- %s: … --> is not known here; there are world and %s: see the comment in cmd/plugins/internal/doctest/doc.go",
				p.at(from), key, strings.Join(knownMarks, ", "))
		}
	}
	return nil
}

// isTyped reports whether a line looks as if somebody should type it.
func isTyped(line string) bool {
	return strings.HasPrefix(line, prompt) || strings.HasPrefix(line, "plugins ")
}

// replace notes that a part of the page is to be another text.
func (p *page) replace(from, to int, indent string, with []string) {
	lines := make([]string, len(with))
	for i, line := range with {
		if line != "" {
			lines[i] = indent + line
		}
	}
	p.edits = append(p.edits, edit{from, to, lines})
}

// save writes what was noted.
func (p *page) save() error {
	if len(p.edits) == 0 {
		return nil
	}
	slices.SortFunc(p.edits, func(a, b edit) int { return b.from - a.from })
	for _, e := range p.edits {
		p.lines = slices.Replace(p.lines, e.from, e.to, e.with...)
	}
	return os.WriteFile(filepath.Join(root, filepath.FromSlash(p.name)), []byte(strings.Join(p.lines, "\n")), 0o644)
}

// pages are all documents.
func pages() ([]string, error) {
	names := []string{"README.md"}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, d os.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".md" {
			var name string
			name, err = filepath.Rel(root, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	return names, err
}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, wrong := range map[string]string{
		"```console\n$ plugins plan\n```":                           "",
		"<!-- exits: 2 -->\n\n```console\n$ plugins plan\n```":      "",
		"<!-- What follows is made by a script. -->\ntext":          "",
		"<!-- world\npublish r a 1.0.0\n-->\ntext":                  "",
		"```yaml title=x\na: 1\n```":                                "",
		"```\njust a drawing\n```":                                  "",
		"```\n$ plugins plan\n```":                                  "say what this block is",
		"```console\n$ plugins plan":                                "does not end",
		"<!-- exit: 2 -->\n```console\n$ plugins plan\n```":         "not known here",
		"<!-- exits: 2 -->\ntext\n\n```console\n$ plugins\n```":     "no block follows",
		"<!-- file: x\nsome\n-->\n\n```text\n$ plugins plan\n```\n": "",
	} {
		p := &page{name: "x.md", lines: strings.Split(text, "\n")}
		err := p.parse()
		if (err == nil) != (wrong == "") || err != nil && !strings.Contains(err.Error(), wrong) {
			t.Errorf("%q: %v, want %q", text, err, wrong)
		}
	}
}
