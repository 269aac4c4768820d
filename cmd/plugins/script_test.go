package main

import (
	"flag"
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
	p := scripttest.Params("../../testdata/scripts", *update)
	testscript.Run(t, p)
}
