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
	to          int
	download    bool
}

func (a *app) rollbackCommand() *cobra.Command {
	var flags rollbackFlags
	cmd := &cobra.Command{
		Use:   "rollback [--to ID]",
		Short: "Put back what the last apply replaced",
		Long: `What the last apply replaced, removed or added is put back: all of it, or nothing.
Rolling back twice is as if nothing had happened. An apply that only repaired what had
changed on disk leaves that as it was: what it repaired is kept in .plugins/repaired of
the plugin directory. Rollback asks first as apply does, unless --auto-approve is given;
--json cannot ask, and needs it. On_change and health are run as after an apply; where the
host is not well, that is told, and left.

--to goes back to any set that plugins history lists, by its ID, from the packages that
are still cached and local folders that are still as they were: planned as by apply,
and one transaction. What is missing is listed, and nothing is changed; --download
fetches it.

The configuration and the lock file still ask for what was rolled back, so that plan
shows it as changes, and apply would make them again. To stay with what was put back,
restore the lock file from version control. Where --plugin-dir says which directory is
meant, neither of the two is needed, except for --to.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.download && (flags.to == 0 || a.flags.offline) {
				return usage(cmd, errors.New("--download is for --to, and not for --offline"))
			}
			if cmd.Flags().Changed("to") && flags.to < 1 {
				return usage(cmd, fmt.Errorf("--to takes an ID of plugins history, not %d", flags.to))
			}
			if err := a.beginAsking(cmd, !flags.autoApprove, "--auto-approve"); err != nil {
				return err
			}
			if flags.to > 0 {
				return a.restore(cmd.Context(), flags)
			}
			return a.rollback(cmd.Context(), flags)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&flags.autoApprove, "auto-approve", false, "do not ask")
	f.IntVar(&flags.to, "to", 0, "go back to the set `ID` of plugins history")
	f.BoolVar(&flags.download, "download", false, "with --to, fetch packages that are not cached any more")
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
		if _, err := fmt.Fprint(a.stdout, ui.Rollback(p.ShownDir, changes, width(a.stdout), a.out)); err != nil {
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
	began := time.Now()
	result, failed := p.Rollback(ctx, changes)
	defer a.afterwards(failed)
	if result == nil {
		return failed
	}
	a.view.Close()
	a.left = ""
	o := a.outcomeOf("Rollback", result, began)
	o.word = ui.PutBack
	a.summary.add(o)
	if err := errors.Join(failed, a.showDone(o)); err != nil {
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
