package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "manpages takes one argument, the folder to write to")
		os.Exit(1)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

// write writes a page for each command that a user can see into dir, which is made.
func write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root := cli.Command()
	root.DisableAutoGenTag = true // it tells the day
	return each(root, func(cmd *cobra.Command) error {
		text, err := page(cmd)
		if err != nil {
			return err
		}
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
		return os.WriteFile(filepath.Join(dir, name), text, 0o644)
	})
}

func each(cmd *cobra.Command, do func(*cobra.Command) error) error {
	if !cmd.IsAvailableCommand() {
		return nil
	}
	if err := do(cmd); err != nil {
		return err
	}
	for _, sub := range cmd.Commands() {
		if err := each(sub, do); err != nil {
			return err
		}
	}
	return nil
}

// title is the line that names a page; cobra puts the day between the section and the
// program.
var title = regexp.MustCompile(`(?m)^(\.TH "[^"]*" "1") "[^"]*"`)

func page(cmd *cobra.Command) ([]byte, error) {
	described := *cmd
	// Markdown would run the lines of the table together.
	text, table, _ := strings.Cut(cmd.Long, "\nExit status:\n")
	described.Long = strings.TrimSpace(indented(text))
	var b bytes.Buffer
	if err := doc.GenMan(&described, &doc.GenManHeader{
		Section: "1", Source: "plugins " + cmd.Root().Version, Manual: "plugins",
	}, &b); err != nil {
		return nil, err
	}
	out := title.ReplaceAll(b.Bytes(), []byte(`$1 ""`))
	out = bytes.ReplaceAll(out, []byte("\t``"), []byte("\t")) // a usage that names no value
	out = bytes.Replace(out, []byte("\n.SH EXAMPLE\n"), []byte(exitStatus(table)+"\n.SH EXAMPLE\n"), 1)
	return ascii(out), nil
}

// ascii writes other characters as every troff reads them.
func ascii(page []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(page) {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	return b.Bytes()
}

// indented makes what stands aside in a help text stand aside in Markdown, too.
func indented(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "  ") {
			lines[i] = "\t" + line
		}
	}
	return strings.Join(lines, "\n")
}

// exitStatus is a section of a page.
func exitStatus(table string) string {
	var b strings.Builder
	b.WriteString("\n.SH EXIT STATUS\n")
	for _, line := range strings.Split(strings.TrimRight(table, "\n"), "\n") {
		code, text := strings.TrimSpace(line[:min(6, len(line))]), strings.TrimSpace(line[min(6, len(line)):])
		if code != "" {
			fmt.Fprintf(&b, ".TP\n\\fB%s\\fP\n", code)
		}
		b.WriteString(strings.ReplaceAll(text, "-", `\-`) + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}
