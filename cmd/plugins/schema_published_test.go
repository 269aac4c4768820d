package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

const published = "https://raw.githubusercontent.com/plugins-hcl/plugins/main/docs/schema/"

// The schemas say what they are, and each is that of a command that there is.
func TestSchemasDescribe(t *testing.T) {
	t.Parallel()
	s := loadSchemas(t)
	for name, root := range s.raw {
		if root["$schema"] != "https://json-schema.org/draft/2020-12/schema" || root["$id"] != published+name+".schema.json" {
			t.Errorf("%s: it says that it is %v, in %v", name, root["$id"], root["$schema"])
		}
		if title, _ := root["title"].(string); !strings.HasPrefix(title, "plugins ") && name != stream {
			t.Errorf("%s: its title is %q", name, title)
		}
		if !slices.Contains(slices.Collect(maps.Values(schemaOf)), name) {
			t.Errorf("%s: no command prints that", name)
		}
		mustDescribe(t, name, root)
	}
	for command := range schemaOf {
		if cmd, _, err := cli.Command().Find(strings.Fields(command)); err != nil || cmd.CommandPath() != "plugins "+command {
			t.Errorf("there is no command %q", command)
		}
	}
}

// mustDescribe demands that each thing in a schema has a description, its own or that of
// what it refers to.
func mustDescribe(t *testing.T, at string, schema map[string]any) {
	t.Helper()
	for _, key := range []string{"properties", "$defs"} {
		of, _ := schema[key].(map[string]any)
		for name, s := range of {
			s, ok := s.(map[string]any)
			if !ok {
				continue // what later versions add
			}
			if s["description"] == nil && s["$ref"] == nil && s["const"] == nil {
				t.Errorf("%s/%s has no description", at, name)
			}
			mustDescribe(t, at+"/"+name, s)
		}
	}
	if items, ok := schema["items"].(map[string]any); ok {
		mustDescribe(t, at, items)
	}
}

// What a later minor version may add is valid for whoever has the schema of today, and for
// our tests it is not.
func TestSchemasTakeLaterVersions(t *testing.T) {
	t.Parallel()
	s := loadSchemas(t)
	for _, c := range []struct{ name, today, later string }{
		{"version", `{"format_version":"1.0","version":"1.2.3","platform":"linux/amd64","go":"go1.26"}`, `{"format_version":"1.7","version":"1.2.3","platform":"linux/amd64","go":"go1.26","built":"2026"}`},
		{"verify", `{"format_version":"1.0","plugin_dir":"p","plugins":[{"name":"a","ok":true,"problems":[]}],"interrupted":false,"drifted":0}`, `{"format_version":"1.0","plugin_dir":"p","plugins":[{"name":"a","ok":true,"problems":[],"files":7}],"interrupted":false,"drifted":0}`},
		{stream, `{"type":"change","name":"a","action":"install","to":"1.0.0"}`, `{"type":"change","name":"a","action":"adopt","to":"1.0.0"}`},
		{stream, `{"type":"recovered","action":"undone","plugins":["a"]}`, `{"type":"reticulated","splines":["a"]}`},
	} {
		if err := s.checkDocument(c.name, c.today); err != nil {
			t.Errorf("%s: %v", c.today, err)
		}
		var later any
		if err := json.Unmarshal([]byte(c.later), &later); err != nil {
			t.Fatal(err)
		}
		if err := s.published[c.name].Validate(later); err != nil {
			t.Errorf("%s: as published, it is refused: %v", c.later, err)
		}
		if s.strict[c.name].Validate(later) == nil {
			t.Errorf("%s: the tests would take it", c.later)
		}
	}
	for _, wrong := range []string{`{"type":"change","name":"a"}`, `{"name":"a"}`, `{"type":"change","name":"a","action":"install","to":"v1"}`, `[]`} {
		if s.checkDocument(stream, wrong) == nil {
			t.Errorf("%s is taken for a line of a stream", wrong)
		}
	}
}

// The examples of the documents are what the schemas say: ```json plan.
func TestDocumentedJSONIsValid(t *testing.T) {
	t.Parallel()
	s := loadSchemas(t)
	example := regexp.MustCompile("(?ms)^```json ([a-z-]+)\n(.*?)^```$")
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range example.FindAllStringSubmatch(strings.ReplaceAll(string(text), "\r\n", "\n"), -1) {
			found++
			r := record{Command: m[1], text: m[2]}
			if m[1] == stream {
				r.Command = "apply"
			}
			if err := s.check(r); err != nil {
				t.Errorf("%s: %s: %v", file, m[1], err)
			}
		}
	}
	if found < 2 {
		t.Errorf("%d examples were found", found)
	}
}
