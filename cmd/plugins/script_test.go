package main

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plugins-hcl/plugins/internal/scripttest"
)

var update = flag.Bool("update", false, "rewrite the goldens in the scripts")

// TestMain makes the program a command of the scripts: a script's "plugins" is
// this test's own binary.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"plugins": main})
}

// TestScripts runs testdata/scripts; the README there tells how to write one.
func TestScripts(t *testing.T) {
	page, err := filepath.Abs("../../docs/howto/upgrade-in-ci.md")
	if err != nil {
		t.Fatal(err)
	}
	p := scripttest.Params("../../testdata/scripts", *update)
	setup := p.Setup
	p.Setup = func(e *testscript.Env) error {
		e.Setenv("CI_PAGE", page)
		return setup(e)
	}
	testscript.Run(t, p)
}
