package citest

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/config"
)

// manager is one of Renovate's custom managers.
type manager struct {
	CustomType, DatasourceTemplate, DepNameTemplate, ExtractVersionTemplate, VersioningTemplate string
	ManagerFilePatterns, MatchStrings                                                           []string
}

// found is a dependency: by whom, which, and what is wanted of it.
type found struct{ datasource, name, value, versioning, extract string }

func managers(t *testing.T, name string) []manager {
	t.Helper()
	var preset struct{ CustomManagers []manager }
	if err := json.Unmarshal([]byte(file(t, name)), &preset); err != nil {
		t.Fatal(err)
	}
	if len(preset.CustomManagers) == 0 {
		t.Fatalf("%s has no managers", name)
	}
	return preset.CustomManagers
}

// condition is the only one that our templates have: what depends on one group.
var condition = regexp.MustCompile(`\{\{#if (\w+)\}\}(.*?)(?:\{\{else\}\}(.*?))?\{\{/if\}\}`)

// fill fills in a template as Handlebars does.
func fill(template string, groups map[string]string) string {
	text := condition.ReplaceAllStringFunc(template, func(s string) string {
		m := condition.FindStringSubmatch(s)
		if groups[m[1]] != "" {
			return m[2]
		}
		return m[3]
	})
	for name, value := range groups {
		text = strings.ReplaceAll(text, "{{{"+name+"}}}", value)
	}
	return text
}

// extract does what Renovate does with a plugins.hcl: Go's regular expressions are of the
// same kind as those of RE2.
func extract(t *testing.T, all []manager, text string) (deps []found) {
	t.Helper()
	for _, m := range all {
		if m.CustomType != "regex" || !slices.Equal(m.ManagerFilePatterns, []string{`/(^|/)plugins\.hcl$/`}) {
			t.Errorf("%s looks at %v by %s", m.DatasourceTemplate, m.ManagerFilePatterns, m.CustomType)
		}
		for _, source := range m.MatchStrings {
			pattern, err := regexp.Compile(source)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range pattern.FindAllStringSubmatch(text, -1) {
				groups := map[string]string{}
				for i, name := range pattern.SubexpNames() {
					if name != "" {
						groups[name] = match[i]
					}
				}
				name := groups["packageName"]
				if m.DepNameTemplate != "" {
					name = fill(m.DepNameTemplate, groups)
				}
				deps = append(deps, found{
					m.DatasourceTemplate, name, groups["currentValue"], fill(m.VersioningTemplate, groups), fill(m.ExtractVersionTemplate, groups),
				})
			}
		}
	}
	return deps
}

const (
	fromGitHub = "github-releases"
	fromOCI    = "docker"
	fromAcme   = "custom.plugins-acme"
	plain      = "^v?(?<version>.+)$"
)

// The preset finds what the example declares on GitHub and in OCI registries.
func TestPresetFindsExample(t *testing.T) {
	t.Parallel()
	got := extract(t, managers(t, "renovate/plugins.json"), file(t, "plugins.hcl.example"))
	want := []found{
		{fromGitHub, "acme/workflow-plugin-payments", "^1.2", "npm", plain},
		{fromOCI, "registry.example.com/plugins/audit", "3.x", "npm", plain},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(found{})); diff != "" {
		t.Error(diff)
	}
}

// Each way to write a version is found as Renovate can raise it: what "~>" means is what
// it means in Terraform, and what Renovate would make something else of is left alone.
func TestPresetConstraints(t *testing.T) {
	t.Parallel()
	preset := managers(t, "renovate/plugins.json")
	for version, want := range map[string]found{
		"1.2.3":       {value: "1.2.3", versioning: "npm"},
		"v1.2.3":      {value: "v1.2.3", versioning: "npm"},
		"1":           {value: "1", versioning: "npm"},
		"^1.2":        {value: "^1.2", versioning: "npm"},
		"~1.2.3":      {value: "~1.2.3", versioning: "npm"},
		"3.x":         {value: "3.x", versioning: "npm"},
		">= 1.2":      {value: ">= 1.2", versioning: "npm"},
		"1.2 - 1.4":   {value: "1.2 - 1.4", versioning: "npm"},
		"~> 1":        {value: "1", versioning: "npm"}, // to npm, "~> 1" and "1" are one; only this one stays short
		"~>1.2":       {value: "~>1.2", versioning: "hashicorp"},
		"~> 1.2":      {value: "~> 1.2", versioning: "hashicorp"},
		"~> 1.2.3":    {value: "~> 1.2.3", versioning: "hashicorp"},
		">= 2.1, < 3": {},
		"^1 || ^2":    {},
		"~> 1.2, < 2": {},
		"${local.v}":  {},
		"":            {},
	} {
		for _, layout := range []string{
			"plugin \"p\" {\n  source  = \"github.com/acme/p\" # why\n  version = \"VERSION\" # why\n}\n",
			"plugin \"p\" {\n  version = \"VERSION\"\n  source  = \"github.com/acme/p\"\n  keep = [\"data\"]\n}\n",
			"plugin \"p\" {\r\n  source = \"github.com/acme/p\"\r\n\r\n  version = \"VERSION\"\r\n}\r\n",
		} {
			text := strings.ReplaceAll(layout, "VERSION", version)
			if _, err := config.Parse([]byte(text), "plugins.hcl", config.Options{}); err != nil && want.value != "" {
				t.Errorf("%q is no constraint: %v", version, err)
			}
			var wants []found
			if want.value != "" {
				wants = []found{{fromGitHub, "acme/p", want.value, want.versioning, plain}}
			}
			if diff := cmp.Diff(wants, extract(t, preset, text), cmp.AllowUnexported(found{})); diff != "" {
				t.Errorf("%q:\n%s", text, diff)
			}
		}
	}
}

// A version is never taken for that of another plugin's source, and what is not literal
// is not found. A repository of several plugins has their names in its tags.
func TestPresetSources(t *testing.T) {
	t.Parallel()
	text := `
plugin "one" {
  source  = "github.com/acme/plugins//one"
  version = "~> 1.2"
}
plugin "bare" { version = "9.9.9" }
plugin "two" {
  source = "github.com/acme/two"
}
plugin "three" {
  version = "3.0.0"
}
plugin "four" {
  source  = "oci://registry.example.com:5000/plugins/four"
  version = "~> 4.0"
}
plugin "five" {
  source  = "${local.base}/five"
  version = "5.0.0"
}
plugin "six" {
  version = "~> 6"
  source  = "acme/six"
}
`
	github := found{fromGitHub, "acme/plugins//one", "~> 1.2", "hashicorp", "^one/v?(?<version>.+)$"}
	oci := found{fromOCI, "registry.example.com:5000/plugins/four", "~> 4.0", "hashicorp", plain}
	if diff := cmp.Diff([]found{github, oci}, extract(t, managers(t, "renovate/plugins.json"), text), cmp.AllowUnexported(found{})); diff != "" {
		t.Error(diff)
	}
	// A registry is one's own; so are its manager and its datasource.
	acme := []found{{fromAcme, "acme/six", "6", "npm", ""}, {fromAcme, "acme/bare", "9.9.9", "npm", ""}, {fromAcme, "acme/three", "3.0.0", "npm", ""}}
	if diff := cmp.Diff(acme, extract(t, managers(t, "examples/ci/renovate.json"), text), cmp.AllowUnexported(found{})); diff != "" {
		t.Error(diff)
	}
	var own struct {
		Extends           []string
		CustomDatasources map[string]struct{ DefaultRegistryURLTemplate string }
	}
	if err := json.Unmarshal([]byte(file(t, "examples/ci/renovate.json")), &own); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(own.Extends, "github>plugins-hcl/plugins//renovate/plugins") {
		t.Errorf("it extends %v", own.Extends)
	}
	for _, name := range slices.Sorted(maps.Keys(own.CustomDatasources)) {
		if address := own.CustomDatasources[name].DefaultRegistryURLTemplate; "custom."+name != fromAcme || !strings.HasSuffix(address, "/plugins/{{packageName}}/versions.json") {
			t.Errorf("%s asks %s", name, address)
		}
	}
}
