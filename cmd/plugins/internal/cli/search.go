package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/project"
)

// mostFound bounds a table that nobody would read to its end.
const mostFound = 100

func (a *app) searchCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "search [TEXT…]",
		Short: "Search the registries for plugins",
		Long: `Finds the plugins of all declared registries in whose name, description or keywords
each word of TEXT stands; without TEXT, all of them. What fits best comes first. A registry
is searched by its index: one that has none is told, and is an error only where no
other one can be searched. That nothing is found is no error.`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.search(cmd.Context(), strings.Join(args, " ")) },
	}
}

func (a *app) search(ctx context.Context, query string) error {
	p, err := a.open(0)
	if err != nil {
		return err
	}
	found, err := p.Search(ctx, query)
	if err != nil {
		return err
	}
	for _, problem := range found.Problems {
		a.warn(problem.Message)
	}
	if a.flags.json {
		return a.document(found)
	}
	if len(found.Plugins) == 0 {
		a.say("No plugin matches.")
		return nil
	}
	return a.showFound(p, found)
}

func (a *app) showFound(p *project.Project, found *project.Matches) error {
	first := p.Config.Registries[0].Name
	rows := [][]string{{"NAME", "VERSION", "TIER", "DESCRIPTION"}}
	for _, m := range found.Plugins[:min(len(found.Plugins), mostFound)] {
		name, tier := string(m.Name), m.Tier
		if m.Registry != first {
			name = m.Registry + "/" + name
		}
		if m.Type == "builtin" {
			tier = strings.TrimPrefix(tier+", builtin", ", ")
		}
		version := m.Version.String()
		rows = append(rows, []string{name, orDash(version), orDash(cutTo(oneLine(tier), 20)), oneLine(m.Description)})
	}
	var b strings.Builder
	columns := a.columns()
	for i, line := range ui.Columns(rows) {
		line = cutTo(line, columns)
		if i == 0 {
			line = a.out.Bold(line)
		}
		b.WriteString(line + "\n")
	}
	if _, err := fmt.Fprint(a.stdout, b.String()); err != nil {
		return err
	}
	if rest := len(found.Plugins) - mostFound; rest > 0 {
		a.say("and %d more: search for more words.", rest)
	}
	return nil
}

// columns is the width of the terminal on standard output; 0 where there is none.
func (a *app) columns() int {
	o, ok := a.stdout.(output)
	if !ok {
		return 0
	}
	if f, ok := o.Writer.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			return w
		}
	}
	return 0
}

// oneLine is somebody's text without what would break a table.
func oneLine(s string) string { return ui.Line(strings.Join(strings.Fields(s), " ")) }

// cutTo cuts a text to a width; 0 is none.
func cutTo(s string, width int) string {
	if width <= 0 || utf8.RuneCountInString(s) <= width {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:width-1]), " ") + "…"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
