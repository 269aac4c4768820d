package config

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/plugins-hcl/plugins/plugin"
)

const referencePage = "../docs/reference/configuration.md"

// described are the schemas whose attributes the reference lists, by the heading that
// they stand below.
func described() map[string]func() *hcl.BodySchema {
	return map[string]func() *hcl.BodySchema{
		"At the top": projectSchema, "Your own file": userSchema,
		"`registry`": registrySchema, "`mirror`": mirrorSchema, "`credentials`": credentialsSchema, "`github`": gitHubSchema,
		"`host`": hostSchema, "`policy`": policySchema,
		"`on_change`": onChangeSchema, "`health`": healthSchema, "`plugin`": pluginSchema, "`verify`": verifySchema, "`limits`": limitsSchema,
	}
}

// entry is what the reference says of an attribute.
type entry struct {
	line                int
	facts               string // "*string · default: none*"
	fallback, example   string
	explained, declared bool // it has a sentence; it is in a table
}

var (
	section   = regexp.MustCompile(`^## (.+)$`)
	attribute = regexp.MustCompile("^### `([a-z_]+)`$")
	row       = regexp.MustCompile("^\\| `([a-z_]+)` \\| ([^|]+) \\| `([^|]+)` \\| `([^|]+)` \\| ([^|]+) \\|$")
	facts     = regexp.MustCompile(`^\*(string|bool|number|duration|list of strings) · (required|default: )`)
)

// readReference takes the page apart: sections, and their entries.
func readReference(t *testing.T) map[string]map[string]*entry {
	t.Helper()
	data, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]map[string]*entry{}
	var here map[string]*entry
	var e *entry
	code := false
	for i, line := range strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			code = line == "```hcl"
		case code:
			if e != nil {
				e.example += line + "\n"
			}
		case section.MatchString(line):
			here, e = map[string]*entry{}, nil
			sections[section.FindStringSubmatch(line)[1]] = here
		case attribute.MatchString(line):
			e = &entry{line: i + 1}
			here[attribute.FindStringSubmatch(line)[1]] = e
		case row.MatchString(line):
			m := row.FindStringSubmatch(line)
			here[m[1]] = &entry{line: i + 1, declared: true, explained: true, facts: m[2], fallback: m[3], example: "plugin \"x\" {\nlimits {\n" + m[4] + "\n}\n}\n"}
		case e != nil && e.facts == "" && line != "":
			e.facts = line
		case e != nil && line != "" && !strings.HasPrefix(line, "<!--"):
			e.explained = true
		}
	}
	return sections
}

// The reference has an entry for each attribute and block that the program reads, and for
// nothing else.
func TestReferenceIsComplete(t *testing.T) {
	t.Parallel()
	sections := readReference(t)
	var blocks []string
	for heading, schema := range described() {
		entries, ok := sections[heading]
		if !ok {
			t.Errorf("%s has no section ## %s", referencePage, heading)
			continue
		}
		for _, a := range schema().Attributes {
			if entries[a.Name] == nil {
				t.Errorf("%s says nothing of %s: below ## %s, write\n\n### `%s`\n\n*string · default: none*\n\nWhat it does.\n\nand an example, a block of hcl", referencePage, a.Name, heading, a.Name)
			}
		}
		for name, e := range entries {
			if !slices.ContainsFunc(schema().Attributes, func(a hcl.AttributeSchema) bool { return a.Name == name }) {
				t.Errorf("%s:%d: there is no attribute %s below ## %s", referencePage, e.line, name, heading)
				continue
			}
			checkEntry(t, heading, name, e)
		}
		for _, b := range schema().Blocks {
			blocks = append(blocks, b.Type)
			if sections["`"+b.Type+"`"] == nil {
				t.Errorf("%s has no section ## `%s`", referencePage, b.Type)
			}
		}
	}
	for heading := range sections {
		if name, ok := strings.CutPrefix(heading, "`"); ok && !slices.Contains(blocks, strings.TrimSuffix(name, "`")) {
			t.Errorf("%s: there is no block %s", referencePage, heading)
		}
	}
}

func checkEntry(t *testing.T, heading, name string, e *entry) {
	t.Helper()
	at := fmt.Sprintf("%s:%d: %s", referencePage, e.line, name)
	if !e.declared && !facts.MatchString(e.facts) {
		t.Errorf("%s: write its type and default below the heading, as *string · default: none*", at)
	}
	if !e.explained {
		t.Errorf("%s: say what it does", at)
	}
	parsed, diags := hclsyntax.ParseConfig([]byte(e.example), "example.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Errorf("%s: its example: %v", at, diags)
		return
	}
	if !shows(parsed.Body.(*hclsyntax.Body), strings.Trim(heading, "`"), name) {
		t.Errorf("%s: give an example that has it", at)
	}
}

// shows reports whether a block of that type, or the top, has the attribute.
func shows(body *hclsyntax.Body, block, name string) bool {
	if strings.Contains(block, " ") { // "At the top"
		return body.Attributes[name] != nil
	}
	for _, b := range body.Blocks {
		if b.Type == block && b.Body.Attributes[name] != nil || shows(b.Body, block, name) {
			return true
		}
	}
	return false
}

// No schema is left out of described.
func TestReferenceDescribesEverySchema(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("schema.go")
	if err != nil {
		t.Fatal(err)
	}
	n := len(regexp.MustCompile(`(?m)^func \w+Schema\(\)`).FindAll(src, -1))
	if n != len(described()) {
		t.Errorf("schema.go has %d schemas, and the reference is held against %d: add a row to described, and a section to %s", n, len(described()), referencePage)
	}
}

// What the reference calls the defaults of limits are those.
func TestReferenceOfLimits(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for name, e := range readReference(t)["`limits`"] {
		fmt.Fprintf(&b, "%s = %s\n", name, e.fallback)
	}
	f, err := Parse([]byte("plugin \"x\" {\nsource = \"./x\"\nlimits {\n"+b.String()+"}\n}\n"), "plugins.hcl", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Plugins[0].Limits; got != plugin.DefaultLimits() {
		t.Errorf("the defaults are %+v, the reference says %+v", plugin.DefaultLimits(), got)
	}
}

// The reference lists the functions that there are.
func TestReferenceOfFunctions(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(data), "| | functions |")
	text, _, _ = strings.Cut(text, "```")
	var listed []string
	for _, m := range regexp.MustCompile("`([a-z]+)`").FindAllStringSubmatch(text, -1) {
		listed = append(listed, m[1])
	}
	slices.Sort(listed)
	if want := slices.Sorted(maps.Keys(functions(nil))); !slices.Equal(listed, want) {
		t.Errorf("the reference lists the functions\n%v, there are\n%v", listed, want)
	}
}

// The reference's examples of constraints are right.
func TestReferenceOfConstraints(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(strings.ReplaceAll(string(data), `\|`, "¦"), "\n## Constraints\n")
	text, _, _ = strings.Cut(text, "\n## ")
	quoted := regexp.MustCompile("`([^`]+)`")
	n := 0
	for line := range strings.Lines(text) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 {
			continue
		}
		for _, written := range quoted.FindAllStringSubmatch(cells[1], -1) {
			n++
			constraint, err := plugin.ParseConstraint(strings.ReplaceAll(written[1], "¦", "|"))
			if err != nil {
				t.Errorf("%s: %v", written[1], err)
				continue
			}
			for cell, want := range map[int]bool{3: true, 4: false} {
				for _, v := range quoted.FindAllStringSubmatch(cells[cell], -1) {
					if constraint.Allows(plugin.MustVersion(v[1])) != want {
						t.Errorf("%s allows %s: %v", written[1], v[1], !want)
					}
				}
			}
		}
	}
	if n == 0 {
		t.Error("there are none")
	}
}
