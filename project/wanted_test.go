package project_test

import (
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/project"
)

func TestParseWanted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"authz":                              "name authz",
		" authz@~> 0.6 ":                     "name authz version ~> 0.6",
		"authz@v1.2.3":                       "name authz version 1.2.3",
		"authz@latest":                       "name authz",
		"acme/billing@>= 2.1, < 3":           "source acme/billing version >= 2.1, < 3",
		"github.com/acme/x@^1":               "source github.com/acme/x version ^1",
		"https://github.com/acme/x":          "source github.com/acme/x",
		"https://github.com/acme/x.git@1.x":  "source github.com/acme/x version 1.x",
		"https://github.com/acme/x/raw/y.gz": "source https://github.com/acme/x/raw/y.gz",
		"oci://ghcr.io/acme/x@1":             "source oci://ghcr.io/acme/x version 1",
		"https://h/@scope/x.tgz":             "source https://h/@scope/x.tgz",
		"https://h/${version}/x.tgz@2.0.1":   "source https://h/${version}/x.tgz version 2.0.1",
		"./odd@1.0.0":                        "source ./odd@1.0.0",
		"../x":                               "source ../x",
		`C:\x@y`:                             `source C:\x@y`,
		"file:///srv/x@1":                    "source file:///srv/x@1",
	} {
		w, err := project.ParseWanted(text)
		got := ""
		for _, part := range [][2]string{{"name", string(w.Name)}, {"source", w.Source}, {"version", w.Version}} {
			if part[1] != "" {
				got += " " + part[0] + " " + part[1]
			}
		}
		if got = strings.TrimSpace(got); err != nil || got != want {
			t.Errorf("ParseWanted(%q) is %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", " ", "@1", "Authz", "authz@", "authz@x y", "acme/x@>>1", "con"} {
		if w, err := project.ParseWanted(text); err == nil {
			t.Errorf("ParseWanted(%q) is %+v", text, w)
		}
	}
}
