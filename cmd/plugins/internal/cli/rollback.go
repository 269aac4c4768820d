package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
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
Rolling back twice is as if nothing had happened. An apply that only repaired what had
changed on disk leaves that as it was: what it repaired is kept in .plugins/repaired of
the plugin directory.

The configuration and the lock file still ask for what was rolled back, so that plan
shows it as changes, and apply would make them again. To stay with what was put back,
restore the lock file from version control.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.rollback(cmd.Context(), flags) },
	}
	f := cmd.Flags()
	f.BoolVar(&flags.autoApprove, "auto-approve", false, "do not ask")
	lockTimeoutFlag(f, &flags.lockTimeout)
	return cmd
}

func (a *app) rollback(ctx context.Context, flags rollbackFlags) error {
	if a.flags.json {
		a.show(true)
	}
	p, err := a.open()
	if err != nil {
		return err
	}
	a.left = "Nothing was changed in " + p.shownDir + "."
	if err := p.recoverFirst(ctx, flags.lockTimeout); err != nil {
		return err
	}
	changes, err := apply.PlanRollback(ctx, p.pluginDir)
	if err != nil {
		return err
	}
	if a.stream == nil && !a.flags.quiet {
		fmt.Fprint(a.stdout, ui.Rollback(p.shownDir, changes, a.out))
	}
	if !flags.autoApprove && a.stream == nil && isTerminal(a.stdin) {
		if err := a.ask(ctx, "Do you want to put this back?"); err != nil {
			return err
		}
	}
	return p.session(ctx, flags.lockTimeout, func(s *apply.Session) error {
		now, err := apply.PlanRollback(ctx, p.pluginDir)
		if err != nil {
			return err
		}
		if !(&plan.Plan{Changes: now}).Same(&plan.Plan{Changes: changes}) {
			return &plan.StaleError{Changed: []string{"the plugin directory"}}
		}
		result, err := s.Rollback(ctx, p.keep())
		if err != nil {
			return err
		}
		a.left = ""
		if err := a.showDone(result, plan.Summary{}, "Rollback complete:", ui.PutBack); err != nil {
			return err
		}
		if after, err := p.plan(ctx); err == nil && after.Empty() {
			return nil
		}
		a.say("\nThe lock file still asks for what was rolled back: plugins plan shows it, plugins apply\nwould make it so again. To stay here, restore the lock file from version control.")
		return nil
	})
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
	view := p.app.view
	if view == nil {
		view = p.app.show(false)
	}
	s, err := apply.Open(ctx, p.pluginDir, apply.Options{LockTimeout: timeout, Observe: view.Event})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	p.app.showRecovered(s)
	return do(s)
}

func (a *app) recoverCommand() *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "recover",
		Short: "Finish or undo what a killed apply left",
		Long: `After a crash the plugin directory may hold some of an apply's changes and not the
others. This makes it the whole old set or the whole new one. Apply and rollback do so
by themselves before anything else.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.open()
			if err != nil {
				return err
			}
			if _, err := os.Lstat(p.pluginDir); errors.Is(err, fs.ErrNotExist) {
				return a.result("There is nothing to recover: %s does not exist.", p.shownDir)
			}
			return p.session(cmd.Context(), timeout, func(s *apply.Session) error {
				if s.Recovered == nil {
					return a.result("There is nothing to recover in %s.", p.shownDir)
				}
				return nil
			})
		},
	}
	lockTimeoutFlag(cmd.Flags(), &timeout)
	return cmd
}

func (a *app) result(format string, args ...any) error {
	if a.flags.quiet {
		return nil
	}
	_, err := fmt.Fprintln(a.stdout, ui.Clean(fmt.Sprintf(format, args...)))
	return err
}

// showRecovered tells what was done about an interrupted apply.
func (a *app) showRecovered(s *apply.Session) {
	r := s.Recovered
	if r == nil {
		return
	}
	names := make([]string, len(r.Plugins))
	for i, n := range r.Plugins {
		names[i] = string(n)
	}
	did := "finished"
	if r.Undone {
		did = "undone"
	}
	a.say("%s an interrupted apply was found and %s (%s).", a.err.Yellow("Recovered:"), did, strings.Join(names, ", "))
}
