package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plugins-hcl/plugins/internal/scripttest"
)

var update = flag.Bool("update", false, "rewrite the goldens in the scripts")

// TestMain makes the program a command of the scripts: a script's "plugins" is
// this test's own binary. So is the host that is told of changes.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"plugins": recorded, "testhost": scripttest.Host})
}

// TestScripts runs testdata/scripts; the README there tells how to write one. Whatever a
// script has printed with --json is held against the schemas.
func TestScripts(t *testing.T) {
	page, err := filepath.Abs("../../docs/howto/upgrade-in-ci.md")
	if err != nil {
		t.Fatal(err)
	}
	p := scripttest.Params("../../testdata/scripts", *update)
	setup, schemas, records := p.Setup, loadSchemas(t), t.TempDir()
	p.Setup = func(e *testscript.Env) error {
		dir, err := os.MkdirTemp(records, "")
		if err != nil {
			return err
		}
		schemas.scripts.Add(1)
		e.Setenv("CI_PAGE", page)
		e.Setenv(recordVar, dir)
		e.T().(testing.TB).Cleanup(func() { schemas.checkRecords(e.T().(testing.TB), dir) })
		return setup(e)
	}
	t.Cleanup(func() { schemas.checkSeen(t, p.Dir) })
	testscript.Run(t, p)
}
