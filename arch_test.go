package plugins_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/plugins-hcl/plugins/"

// mayImport says which of our packages each public package may import, besides the
// ground floor. The data flows one way:
//
//	config → resolve → pin → lock → plan → apply
//
// and project is the whole way.
var mayImport = map[string][]string{
	"plugin":    {},
	"config":    {"plugin"},
	"lock":      {"plugin"},
	"source":    {"plugin"},
	"installed": {"plugin"},
	"resolve":   {"plugin", "lock", "source"},
	"pin":       {"plugin", "lock", "source", "resolve"},
	"plan":      {"plugin", "lock", "installed"},
	"apply":     {"plugin", "plan", "lock", "installed"},
	"project":   {"plugin", "config", "lock", "source", "installed", "resolve", "pin", "plan", "apply"},
}

// command is the only room that stands on project.
const command = "cmd/plugins/internal/cli"

// accessOwns are the packages that nobody else may reach the world by.
var accessOwns = []string{"internal/fetch", "internal/store", "internal/staging"}

// forbidden are packages from elsewhere that a package must not import.
var forbidden = map[string][]string{
	"plugin": {"os/exec", "net", "net/http", "github.com/hashicorp/hcl"},
	"plan":   {"os", "net", "net/http", "io/fs", "path/filepath", "github.com/hashicorp/hcl", module + "internal/"},
	"lock":   {"net", "net/http", "os/exec"},
}

// testsOnly are packages from elsewhere that must not get into the program.
var testsOnly = []string{"github.com/santhosh-tekuri/jsonschema", "github.com/rogpeppe/go-internal", "pgregory.net/rapid", "github.com/google/go-cmp"}

// isGround reports whether a package is on the ground floor: what the library is
// built on. Of the public rooms it knows the words alone.
func isGround(name string) bool { return strings.HasPrefix(name, "internal/") }

type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []goPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// The drawing of the house, held against the code.
func TestImportsGoOneWay(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		for _, imported := range p.Imports {
			for _, banned := range forbidden[name] {
				// net/url is about texts, and reaches nothing.
				if covers(banned, imported) && imported != "net/url" {
					t.Errorf("%s must not import %s", name, imported)
				}
			}
			if slices.ContainsFunc(testsOnly, func(banned string) bool { return covers(banned, imported) }) && name != "internal/scripttest" {
				t.Errorf("%s must not import %s: that is for tests", name, imported)
			}
			if ours, ok := strings.CutPrefix(imported, module); ok {
				if why := wrongWay(name, ours); why != "" {
					t.Errorf("%s must not import %s: %s", name, ours, why)
				}
			}
		}
	}
}

func covers(banned, imported string) bool {
	return imported == banned || strings.HasPrefix(imported, strings.TrimSuffix(banned, "/")+"/")
}

// wrongWay says why one of our packages must not import another; "" if it may.
func wrongWay(name, ours string) string {
	allowed, public := mayImport[name]
	switch {
	case name == "plugin":
		return "plugin imports nothing of ours"
	case name == "bench":
		return "it measures the program, from outside"
	case ours == "project" && name != command:
		return "only the command stands on it"
	case public && !slices.Contains(allowed, ours) && !isGround(ours):
		return fmt.Sprintf("it may import only %v and what is internal", allowed)
	case slices.Contains(accessOwns, ours) && name != "internal/access" && !slices.Contains(accessOwns, name):
		return "internal/access owns it, and hides its types"
	case isGround(name) && ours != "plugin" && !isGround(ours):
		return "the ground floor knows plugin and itself alone"
	case name == "cmd/plugins/internal/ui" && !slices.Contains([]string{"plugin", "plan", "lock", "installed"}, ours):
		return "it only draws"
	case name == "cmd/plugins/internal/actions":
		return "it knows what GitHub's runner reads, and nothing of plugins"
	}
	return ""
}

// No package is called after nothing in particular, and the four that the rest of
// the world relies on are there.
func TestRooms(t *testing.T) {
	t.Parallel()
	var names []string
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		names = append(names, name)
		switch name[strings.LastIndex(name, "/")+1:] {
		case "util", "utils", "common", "types", "helpers", "misc":
			t.Errorf("%s is called after nothing in particular", name)
		}
	}
	for _, want := range []string{"cmd/plugins", "plan", "apply", "lock"} {
		if !slices.Contains(names, want) {
			t.Errorf("there is no package %s", want)
		}
	}
}
