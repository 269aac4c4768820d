package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

func (a *app) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the plugins that are declared, locked and installed",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.list(cmd.Context()) },
	}
}

func (a *app) list(ctx context.Context) error {
	p, err := a.open(0)
	if err != nil {
		return err
	}
	listing, err := p.List(ctx)
	if err != nil {
		return err
	}
	if a.flags.json {
		return a.document(listing)
	}
	return a.showListed(listing)
}

func (a *app) showListed(r *project.Listing) error {
	rows := [][]string{{"NAME", "INSTALLED", "LOCKED", "SOURCE"}}
	dash := func(v plugin.Version) string {
		if v.IsZero() {
			return "-"
		}
		return v.String()
	}
	for _, p := range r.Plugins {
		rows = append(rows, []string{string(p.Name), dash(p.Installed), dash(p.Locked), ui.Line(p.Source)})
	}
	var b strings.Builder
	for i, line := range ui.Columns(rows) {
		if i == 0 {
			line = a.out.Bold(line)
		}
		b.WriteString(line + "\n")
	}
	for _, p := range r.Plugins {
		if p.Problem != "" {
			fmt.Fprintf(&b, "\n%s %s: %s\n", a.out.Red("!"), p.Name, ui.Line(p.Problem))
		}
	}
	if len(r.Unmanaged) > 0 {
		fmt.Fprintf(&b, "\n%s %s\n", a.out.Faint("Unmanaged, left alone:"), ui.Line(strings.Join(r.Unmanaged, ", ")))
	}
	if r.Interrupted {
		b.WriteString("\n" + a.out.Yellow("An interrupted apply was found") + "; the next apply finishes or undoes it.\n")
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}
