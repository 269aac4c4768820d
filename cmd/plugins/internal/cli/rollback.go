package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
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
Rolling back twice is as if nothing had happened. Rollback asks first as apply does,
unless --auto-approve is given; --json cannot ask, and needs it.

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
	p, err := a.openDir()
	if err != nil {
		return err
	}
	a.left = "Nothing was changed in " + p.shownDir + "."
	if err := p.recoverFirst(ctx, flags.lockTimeout); err != nil {
		return err
	}
	changes, err := p.planRollback(ctx)
	if err != nil {
		return err
	}
	if a.stream == nil && (!flags.autoApprove || !a.flags.quiet) {
		if _, err := fmt.Fprint(a.stdout, ui.Rollback(p.shownDir, changes, a.out)); err != nil {
			return err
		}
	}
	if !flags.autoApprove {
		if err := a.ask(ctx, "Do you want to put this back?"); err != nil {
			return err
		}
	}
	return p.session(ctx, flags.lockTimeout, func(s *apply.Session) error {
		now, err := p.planRollback(ctx)
		if err != nil {
			return err
		}
		if !(&plan.Plan{Changes: now}).Same(&plan.Plan{Changes: changes}) {
			return &plan.StaleError{Changed: []string{"the plugin directory"}}
		}
		if err := a.stream.Err(); err != nil {
			return err
		}
		result, err := s.Rollback(ctx, p.keep())
		if err != nil {
			return err
		}
		a.left = ""
		if err := a.showDone(outcome{command: "Rollback", done: result.Done}); err != nil {
			return err
		}
		p.sayStillAsked(ctx)
		return nil
	})
}

// planRollback tells what a rollback would change. Without a configuration it is not
// known what keep names: what could be such a file is not rolled back.
func (p *project) planRollback(ctx context.Context) ([]plan.Change, error) {
	changes, err := apply.PlanRollback(ctx, p.pluginDir)
	if err != nil || !p.blind {
		return changes, err
	}
	snap, err := installed.Scan(ctx, p.pluginDir, installed.Options{})
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, c := range changes {
		now, ok := snap.Plugin(c.Name)
		if ok && now.Present && (now.Record == nil || len(now.Drift) > 0) {
			errs = append(errs, &plugin.Error{Plugin: c.Name, Err: &keepUnknownError{drift: now.Drift}})
		}
	}
	return changes, errors.Join(errs...)
}

// keepUnknownError says that files of a plugin could be such as keep names, which
// must not be lost.
type keepUnknownError struct{ drift []installed.Drift }

func (e *keepUnknownError) Error() string {
	text := "its files are not those that were installed, and without the configuration it is not known which of them to keep"
	for _, d := range e.drift {
		text += "\n  " + d.String()
	}
	return text
}

// sayStillAsked tells that what was rolled back is still asked for, if it is.
func (p *project) sayStillAsked(ctx context.Context) {
	if p.blind {
		return
	}
	if after, err := p.plan(ctx); err == nil && after.Empty() {
		return
	}
	p.app.say("\nThe lock file still asks for what was rolled back: plugins plan shows it, plugins apply\nwould make it so again. To stay here, restore the lock file from version control.")
}

// recoverFirst finishes or undoes an interrupted apply: only then is it known what
// the last one replaced.
func (p *project) recoverFirst(ctx context.Context, timeout time.Duration) error {
	_, err := os.Lstat(installed.State{Dir: p.pluginDir}.Journal())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return p.session(ctx, timeout, func(*apply.Session) error { return nil })
}

// keep are the patterns of files that plugins write themselves.
func (p *project) keep() map[plugin.Name][]string {
	keep := map[plugin.Name][]string{}
	for _, r := range p.config.Plugins {
		keep[r.Name] = r.Keep
	}
	return keep
}

// session runs do under the lock on the plugin directory, after recovering what an
// interrupted apply left there.
func (p *project) session(ctx context.Context, timeout time.Duration, do func(*apply.Session) error) (err error) {
	s, err := apply.Open(ctx, p.pluginDir, apply.Options{LockTimeout: timeout, Observe: p.app.events().Event})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	p.showRecovered(s)
	return do(s)
}
