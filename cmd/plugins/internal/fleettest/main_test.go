package fleettest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

var update = flag.Bool("update", false, "put the examples into docs/fleet.md")

// TestMain makes this test's own binary the program where it is called plugins.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"plugins": func() { os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }})
}

// program is the program, in a folder of its own.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "plugins")
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}
