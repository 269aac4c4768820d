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
		Long: `For each plugin, how what is installed compares with what is locked: "ok", or what
differs, files that were changed included. It changes nothing, and needs no network.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.list(cmd.Context()) },
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

// maxListedFiles is how many changed files of a plugin a person is shown.
const maxListedFiles = 5

// state is a plugin's state in words.
func state(p project.Listed) string {
	switch p.State {
	case project.StateBlocked:
		return "blocked"
	case project.StateUndeclared:
		return "not declared"
	case project.StateUnlocked:
		return "not locked"
	case project.StateMissing:
		return "not installed"
	case project.StateForeign:
		return "not from plugins"
	case project.StateVersion:
		return "to be changed"
	case project.StateElsewhere:
		return "not for " + plugin.CurrentPlatform().String()
	case project.StateFiles:
		return ui.Count(len(p.Files), "file") + " changed"
	}
	return string(p.State)
}

func (a *app) showListed(r *project.Listing) error {
	rows := [][]string{{"NAME", "INSTALLED", "LOCKED", "STATE", "SOURCE"}}
	dash := func(v plugin.Version) string {
		if v.IsZero() {
			return "-"
		}
		return v.String()
	}
	for _, p := range r.Plugins {
		rows = append(rows, []string{string(p.Name), dash(p.Installed), dash(p.Locked), state(p), ui.Line(p.Source)})
	}
	var b strings.Builder
	for i, line := range ui.Columns(rows) {
		if i == 0 {
			line = a.out.Bold(line)
		}
		b.WriteString(line + "\n")
	}
	for _, p := range r.Plugins {
		for i, f := range p.Files {
			if i == maxListedFiles {
				fmt.Fprintf(&b, "  %s: and %d more: %s\n", p.Name, len(p.Files)-i, a.next("verify", string(p.Name)))
				break
			}
			if i == 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "%s %s: %s\n", a.out.Yellow("!"), p.Name, ui.Line(f))
		}
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
