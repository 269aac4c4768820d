package main

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

var update = flag.Bool("update", false, "write the page")

// The page is what the commands say of themselves now.
func TestPage(t *testing.T) {
	const file = "../../../../docs/reference/commands.md"
	got := page()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")); !bytes.Equal(got, want) {
		t.Errorf("%s is not what the help says; go test ./cmd/plugins/internal/commandref -update writes it", file)
	}
}

// Every command has a section, with its flags.
func TestPageIsComplete(t *testing.T) {
	t.Parallel()
	text := string(page())
	for _, c := range commands(cli.Command()) {
		_, section, ok := strings.Cut(text, "\n## "+c.CommandPath()+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		if !ok || !strings.Contains(section, "| exit | means |") || c.Flags().Lookup("upgrade") != nil && !strings.Contains(section, "`--upgrade[=NAME,…]`") {
			t.Errorf("%s is described as\n%s", c.CommandPath(), section)
		}
	}
}
