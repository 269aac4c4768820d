package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

func main() {
	if _, err := os.Stdout.Write(page()); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

const head = `# Commands

<!-- Made from the help of the commands: go test ./cmd/plugins/internal/commandref -update -->

What "plugins COMMAND --help" says, on one page. Results go to standard output, everything else to
standard error. What "--json" prints is told in [JSON](../json.md).

`

// page is the whole reference.
func page() []byte {
	root := cli.Command()
	root.InitDefaultCompletionCmd()
	var b bytes.Buffer
	b.WriteString(strings.NewReplacer(`"plugins COMMAND --help"`, "`plugins COMMAND --help`", `"--json"`, "`--json`").Replace(head))
	all := commands(root)
	b.WriteString("| command | does |\n|---|---|\n")
	for _, c := range all {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s |\n", c.CommandPath(), strings.ReplaceAll(c.CommandPath(), " ", "-"), cell(c.Short))
	}
	_, exits := split(root)
	fmt.Fprintf(&b, "\n## Exit codes\n\n%s\nWhat each means for one command stands there.\n", table(exits))
	fmt.Fprintf(&b, "\n## Flags of every command\n\n%s", flags(root.PersistentFlags()))
	b.WriteString("\nOf the environment count `PLUGINS_CONFIG` (your own configuration file), `PLUGINS_CACHE_DIR`, " +
		"`NO_COLOR` and `CLICOLOR_FORCE`.\n")
	for _, c := range all {
		section(&b, c)
	}
	return b.Bytes()
}

// commands are those below cmd that a user can see, in the order of the help.
func commands(cmd *cobra.Command) (all []*cobra.Command) {
	for _, sub := range cmd.Commands() {
		if !sub.IsAvailableCommand() || sub.Name() == "help" {
			continue
		}
		all = append(all, sub)
		if sub.Name() != "completion" { // each of its commands says the same of another shell
			all = append(all, commands(sub)...)
		}
	}
	return all
}

func section(b *bytes.Buffer, c *cobra.Command) {
	text, exits := split(c)
	fmt.Fprintf(b, "\n## %s\n\n", c.CommandPath())
	usage := c.UseLine()
	if c.HasAvailableSubCommands() && !c.Runnable() {
		usage = c.CommandPath() + " COMMAND"
	}
	fmt.Fprintf(b, "```text\n%s\n```\n\n%s\n", usage, prose(text))
	if f := flags(c.LocalNonPersistentFlags()); f != "" {
		fmt.Fprintf(b, "\n%s", f)
	}
	if c.Example != "" {
		fmt.Fprintf(b, "\n```text\n%s\n```\n", dedented(c.Example))
	}
	if exits != "" {
		fmt.Fprintf(b, "\n%s", table(exits))
	}
}

// split takes the table of exit codes off a help text.
func split(c *cobra.Command) (text, exits string) {
	text, exits, _ = strings.Cut(cmp.Or(c.Long, c.Short), "\nExit status:\n")
	return strings.TrimSpace(text), exits
}

// prose is a help text as Markdown: what stands aside in it is shown as it is.
func prose(text string) string {
	var b strings.Builder
	aside := false
	for line := range strings.Lines(text + "\n") {
		if in := strings.HasPrefix(line, "  "); in != aside && (in || strings.TrimSpace(line) != "" || aside) {
			if aside = in; in {
				b.WriteString("```text\n")
			} else {
				b.WriteString("```\n")
			}
		}
		if aside {
			line = strings.TrimPrefix(line, "  ")
		} else {
			line = escaped(line)
		}
		b.WriteString(line)
	}
	if aside {
		b.WriteString("```\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

func dedented(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "  ")
	}
	return strings.Join(lines, "\n")
}

// escaped keeps Markdown from reading anything into a text.
func escaped(text string) string {
	return strings.NewReplacer("*", `\*`, "<", `\<`, "`", "\\`").Replace(text)
}

func cell(text string) string { return strings.ReplaceAll(escaped(text), "|", `\|`) }

// table is the one of the exit codes.
func table(exits string) string {
	var codes, texts []string
	for _, line := range strings.Split(strings.TrimRight(exits, "\n"), "\n") {
		n := min(6, len(line))
		code, text := strings.TrimSpace(line[:n]), strings.TrimSpace(line[n:])
		if code != "" || len(codes) == 0 {
			codes, texts = append(codes, code), append(texts, text)
		} else {
			texts[len(texts)-1] += " " + text
		}
	}
	b := strings.Builder{}
	b.WriteString("| exit | means |\n|---|---|\n")
	for i := range codes {
		fmt.Fprintf(&b, "| %s | %s |\n", codes[i], cell(texts[i]))
	}
	return b.String()
}

// flags is a table of flags; "" where there are none.
func flags(set *pflag.FlagSet) string {
	var b strings.Builder
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		switch {
		case f.NoOptDefVal != "" && f.Value.Type() != "bool":
			name += "[=" + f.NoOptDefVal + "]" // help shows what may follow in its place
		case value != "":
			name += " " + value
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(name, "|", `\|`), cell(usage+fallback(f)))
	})
	if b.Len() == 0 {
		return ""
	}
	return "| flag | |\n|---|---|\n" + b.String()
}

func fallback(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "false", "0", "0s", "[]":
		return ""
	}
	return " (default " + f.DefValue + ")"
}
