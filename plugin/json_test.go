package plugin_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestCheckJSON(t *testing.T) {
	t.Parallel()
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, s := range []string{`{}`, `[]`, `"x"`, `7`, `null`, ` {"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]} ` + "\n", nested(plugin.MaxJSONDepth)} {
		if err := plugin.CheckJSON([]byte(s), plugin.MaxJSONDepth); err != nil {
			t.Errorf("CheckJSON(%.40q): %v", s, err)
		}
	}
	for s, want := range map[string]string{
		"":                               "it is cut off: the JSON does not end",
		"{":                              "it is cut off: the JSON does not end",
		`{"a": `:                         "it is cut off: the JSON does not end",
		`{"a": 1, "a": 2}`:               `duplicate key "a"`,
		`{"name": 1, "Name": 2}`:         `duplicate key "Name"`,
		`{"x": [{"a": 1, "\u0061": 2}]}`: `duplicate key "a"`,
		`{} {}`:                          "something follows the document",
		`{}x`:                            "something follows the document",
		`{"a" 1}`:                        "it is not valid JSON",
		`{'a': 1}`:                       "it is not valid JSON",
		"\"\xff\"":                       "it is not UTF-8",
		"\ufeff{}":                       "it is not valid JSON",
		nested(plugin.MaxJSONDepth + 1):  "it is nested too deeply",
		strings.Repeat(`{"a":`, 100_000): "it is nested too deeply",
	} {
		err := plugin.CheckJSON([]byte(s), plugin.MaxJSONDepth)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("CheckJSON(%.40q): %v, want %q", s, err, want)
		}
		if errors.Is(err, plugin.ErrDuplicateKey) != strings.HasPrefix(want, "duplicate key") {
			t.Errorf("CheckJSON(%.40q): %v is ErrDuplicateKey, or is not", s, err)
		}
	}
}

// encoding/json takes a key that differs in case alone for the field's: whichever way
// it does so must count as a duplicate.
func TestDuplicateKeysOfEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		`{"version": "1.0.0", "VERSION": "2.0.0"}`,
		`{"version": "1.0.0", "ver\u017fion": "2.0.0"}`, // ſ folds to s
	} {
		var doc struct {
			Version string `json:"version"`
		}
		if err := json.Unmarshal([]byte(s), &doc); err != nil || doc.Version != "2.0.0" {
			t.Fatalf("%s is decoded as %q, %v: encoding/json has changed", s, doc.Version, err)
		}
		if err := plugin.CheckJSON([]byte(s), plugin.MaxJSONDepth); !errors.Is(err, plugin.ErrDuplicateKey) {
			t.Errorf("CheckJSON(%s): %v", s, err)
		}
	}
}

func TestParseManifest(t *testing.T) {
	t.Parallel()
	m, err := plugin.ParseManifest([]byte(`{
		"name": "workflow-plugin-Authz", "version": "v0.6", "host": {"anything": true},
		"dependencies": [{"name": "auth", "constraint": "^1"}, {"name": "b", "minVersion": "1", "maxVersion": "2"}]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	want := plugin.Manifest{
		Name: "workflow-plugin-Authz", Version: plugin.MustVersion("0.6.0"),
		Dependencies: []plugin.Dependency{{Name: "auth", Constraint: "^1"}, {Name: "b", MinVersion: "1", MaxVersion: "2"}},
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("ParseManifest (-want +got):\n%s", diff)
	}
	// Another program's idea of dependencies is not ours.
	for _, theirs := range []string{`{"npm": "x"}`, `["a", "b"]`, `null`, `7`} {
		m, err := plugin.ParseManifest([]byte(`{"name": "a", "version": "1.0.0", "dependencies": ` + theirs + `}`))
		if err != nil || m.Dependencies != nil {
			t.Errorf("dependencies %s: %+v, %v", theirs, m.Dependencies, err)
		}
	}
	for s, want := range map[string]string{
		`{}`:                                 `it has no "name"`,
		`{"name": ""}`:                       `it has no "name"`,
		`{"name": "a"}`:                      `it has no "version"`,
		`{"name": "a", "version": null}`:     `it has no "version"`,
		`{"name": "a", "version": ""}`:       `"" is not a version: write it as 1.2.3`,
		`{"name": "a", "version": "newest"}`: `"newest" is not a version: write it as 1.2.3`,
		`{"name": 7, "version": "1.0.0"}`:    "it is not the JSON expected",
		`[]`:                                 "it is not the JSON expected",
		`null`:                               `it has no "name"`,
		`{"name": "a", "name": "b"}`:         `duplicate key "name"`,
	} {
		_, err := plugin.ParseManifest([]byte(s))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseManifest(%s): %v, want %q", s, err, want)
		}
	}
}

// Whatever is accepted has a name and a version, and is what encoding/json would
// read; nothing panics.
func FuzzParseManifest(f *testing.F) {
	for _, seed := range []string{
		`{"name": "a", "version": "1.0.0"}`, `{"name": "a", "version": "v1", "dependencies": [{"name": "b"}]}`,
		`{"name": "a", "Name": "b", "version": "1"}`, `[[[[`, `{"a": {"b": 1e999}}`, "\ufeff{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := plugin.ParseManifest(data)
		if err != nil {
			return
		}
		if m.Name == "" || m.Version.IsZero() || !json.Valid(data) {
			t.Fatalf("ParseManifest accepts %q as %+v", data, m)
		}
		var exact map[string]json.RawMessage
		if err := json.Unmarshal(data, &exact); err != nil {
			t.Fatalf("%q: %v", data, err)
		}
	})
}
