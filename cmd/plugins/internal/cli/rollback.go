package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/project"
)

type rollbackFlags struct {
	autoApprove bool
	lockTimeout time.Duration
}

func (a *app) rollbackCommand() *cobra.Command {
	var flags rollbackFlags
	cmd := &cobra.Command{
		Use:   "rollback",
		Short: "Put back what the last apply replaced",
		Long: `What the last apply replaced, removed or added is put back: all of it, or nothing.
Rolling back twice is as if nothing had happened. An apply that only repaired what had
changed on disk leaves that as it was: what it repaired is kept in .plugins/repaired of
the plugin directory. Rollback asks first as apply does, unless --auto-approve is given;
--json cannot ask, and needs it.

The configuration and the lock file still ask for what was rolled back, so that plan
shows it as changes, and apply would make them again. To stay with what was put back,
restore the lock file from version control. Where --plugin-dir says which directory is
meant, neither of the two is needed.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.beginAsking(cmd, !flags.autoApprove, "--auto-approve"); err != nil {
				return err
			}
			return a.rollback(cmd.Context(), flags)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&flags.autoApprove, "auto-approve", false, "do not ask")
	lockTimeoutFlag(f, &flags.lockTimeout)
	return cmd
}

func (a *app) rollback(ctx context.Context, flags rollbackFlags) error {
	p, err := a.openDir(flags.lockTimeout)
	if err != nil {
		return err
	}
	a.left = "Nothing was changed in " + p.ShownDir + "."
	changes, err := p.PlanRollback(ctx)
	if err != nil {
		return err
	}
	if a.stream == nil && (!flags.autoApprove || !a.flags.quiet) {
		if _, err := fmt.Fprint(a.stdout, ui.Rollback(p.ShownDir, changes, a.out)); err != nil {
			return err
		}
	}
	if !flags.autoApprove {
		if err := a.ask(ctx, "Do you want to put this back?"); err != nil {
			return err
		}
	}
	if err := a.stream.Err(); err != nil {
		return err
	}
	result, err := p.Rollback(ctx, changes)
	if err != nil {
		return err
	}
	a.view.Close()
	a.left = ""
	o := outcome{command: "Rollback", done: result.Done, word: ui.PutBack}
	a.summary.add(o)
	if err := a.showDone(o); err != nil {
		return err
	}
	a.sayStillAsked(ctx, p)
	return nil
}

// sayStillAsked tells that what was rolled back is still asked for, if it is.
func (a *app) sayStillAsked(ctx context.Context, p *project.Project) {
	after, err := p.Plan(ctx)
	if errors.Is(err, project.ErrNoConfig) || err == nil && after.Empty() {
		return
	}
	a.say("\nThe lock file still asks for what was rolled back: plugins plan shows it, plugins apply\nwould make it so again. To stay here, restore the lock file from version control.")
}
