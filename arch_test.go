package plugins_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/plugins-hcl/plugins/"

// mayImport says which of our packages each package may import, besides internal
// leaves. The data flows one way:
//
//	config → resolve → pin → lock → plan → apply
var mayImport = map[string][]string{
	"plugin":    {},
	"config":    {"plugin"},
	"lock":      {"plugin"},
	"source":    {"plugin"},
	"installed": {"plugin"},
	"resolve":   {"plugin", "lock", "source"},
	"pin":       {"plugin", "lock", "source", "resolve"},
	"plan":      {"plugin", "lock", "installed"},
	"apply":     {"plugin", "plan", "lock", "source", "installed"},
}

// leaves are the internal packages that the library is built on.
var leaves = []string{"internal/access", "internal/archive", "internal/fetch", "internal/parallel", "internal/store", "internal/staging", "internal/swap", "internal/trust"}

// forbidden are packages from elsewhere that a package must not import.
var forbidden = map[string][]string{
	"plugin": {"os/exec", "net", "net/http", "github.com/hashicorp/hcl"},
	"plan":   {"os", "net", "net/http", "io/fs", "path/filepath", "github.com/hashicorp/hcl", module + "internal/"},
	"lock":   {"net", "net/http", "os/exec"},
}

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
				if imported == banned || strings.HasPrefix(imported, banned+"/") || strings.HasSuffix(banned, "/") && strings.HasPrefix(imported, banned) {
					t.Errorf("%s must not import %s", name, imported)
				}
			}
			ours, ok := strings.CutPrefix(imported, module)
			if !ok {
				continue
			}
			allowed, public := mayImport[name]
			switch {
			case name == "plugin":
				t.Errorf("plugin imports nothing of ours, not %s", ours)
			case public && !slices.Contains(allowed, ours) && !slices.Contains(leaves, ours):
				t.Errorf("%s may import only %v and the leaves %v, not %s", name, allowed, leaves, ours)
			case slices.Contains(leaves, name) && ours != "plugin" && !slices.Contains(leaves, ours):
				t.Errorf("%s is a leaf: it may import plugin and leaves, not %s", name, ours)
			case name == "cmd/plugins/internal/ui" && !slices.Contains([]string{"plugin", "plan", "lock", "installed"}, ours):
				t.Errorf("cmd/plugins/internal/ui must not import %s", ours)
			}
		}
	}
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
