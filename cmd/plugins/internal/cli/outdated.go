package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/project"
)

func (a *app) outdatedCommand() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "outdated",
		Short: "Show which locked plugins have newer versions, and what holds them back",
		Long: `The sources are asked. For each plugin of which there is a newer version: the locked one,
the newest that is allowed, which "lock --upgrade" would choose, the newest there is, and
why that is not allowed. Nothing is changed.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.outdated(cmd.Context(), check) },
	}
	cmd.Flags().BoolVar(&check, "check", false, "exit 2 if an upgrade is allowed")
	return cmd
}

func (a *app) outdated(ctx context.Context, check bool) error {
	p, err := a.open(0)
	if err != nil {
		return err
	}
	out, err := p.Outdated(ctx)
	if out == nil {
		return err
	}
	shown := a.showOutdated(out, err == nil)
	if err = errors.Join(err, shown); err != nil {
		return err
	}
	if check && out.Upgrades() {
		return &exitError{code: exitDiffers}
	}
	return nil
}

// showOutdated prints what is outdated; that nothing is, only if all is known.
func (a *app) showOutdated(out *project.Outdated, all bool) error {
	a.actions.outdated(out, all)
	if a.flags.json {
		return a.document(out)
	}
	if len(out.Plugins) == 0 {
		if !all {
			return nil
		}
		_, err := fmt.Fprintln(a.stdout, "Everything is up to date.")
		return err
	}
	rows := [][]string{{"NAME", "LOCKED", "ALLOWED", "NEWEST", "HELD BACK BY"}}
	for _, e := range out.Plugins {
		allowed := e.Allowed.String()
		if e.Allowed.Equal(e.Locked) {
			allowed = "-"
		}
		rows = append(rows, []string{string(e.Name), e.Locked.String(), allowed, e.Newest.String(), ui.Line(strings.Join(e.HeldBack, "; "))})
	}
	var b strings.Builder
	for i, line := range ui.Columns(rows) {
		if i == 0 {
			line = a.out.Bold(line)
		}
		b.WriteString(line + "\n")
	}
	if out.Upgrades() {
		b.WriteString("\nTo take what is allowed: plugins lock --upgrade\n")
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}
