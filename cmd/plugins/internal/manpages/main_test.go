package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A page for each command has what readers of manual pages look for, and is the same
// whenever it is made.
func TestPages(t *testing.T) {
	dir, again := t.TempDir(), t.TempDir()
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "86400")
	if err := write(again); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"plugins.1", "plugins-add.1", "plugins-lock.1", "plugins-apply.1", "plugins-cache-clean.1"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	pages, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	day := regexp.MustCompile(`(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}`)
	for _, p := range pages {
		data, err := os.ReadFile(filepath.Join(dir, p.Name()))
		if err != nil {
			t.Fatal(err)
		}
		other, err := os.ReadFile(filepath.Join(again, p.Name()))
		if err != nil || string(other) != string(data) {
			t.Errorf("%s is another one when it is made again: %v", p.Name(), err)
		}
		text := string(data)
		wanted := []string{"\n.TH \"PLUGINS", "\n.SH NAME\n", "\n.SH SYNOPSIS\n"}
		if !strings.Contains(p.Name(), "completion") {
			wanted = append(wanted, "\n.SH DESCRIPTION\n", "\n.SH EXIT STATUS\n.TP\n\\fB0\\fP\n", "\n.SH EXAMPLE\n")
		}
		for _, want := range wanted {
			if !strings.Contains("\n"+text, want) {
				t.Errorf("%s has no %q", p.Name(), strings.TrimSpace(want))
			}
		}
		if found := day.FindString(text); found != "" || strings.Contains(text, "spf13") {
			t.Errorf("%s tells when or by what it was made: %q", p.Name(), found)
		}
	}
}
