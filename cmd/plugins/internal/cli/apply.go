package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/project"
)

type applyFlags struct {
	autoApprove bool
	keepGoing   bool
	retry       bool
	lockTimeout time.Duration
	planFile    string
	metrics     string
}

// asks reports whether somebody must say yes to what there is to do.
func (f applyFlags) asks() bool { return !f.autoApprove && f.planFile == "" }

func (a *app) applyCommand() *cobra.Command {
	var flags applyFlags
	cmd := &cobra.Command{
		Use:   "apply [PLANFILE]",
		Short: "Make the plugin directory what the lock file says",
		Long: `Everything is staged and verified before anything is swapped in, and an error
leaves everything as it was. Apply shows the plan and asks first, at a terminal or not,
unless --auto-approve or a saved plan is given; anything but "yes", the end of the
input included, changes nothing and exits 1. --json cannot ask, and needs one of the two.

An interrupt (Ctrl-C) before the first swap leaves everything as it was and exits 130.
The swaps take milliseconds: one that comes then lets them finish, and the exit is 0.

After a change the command of on_change is run, then that of health, both of which the
plan shows. Where the host is not well, what was there before is put back, on_change is
run again, and the exit code is 1; apply then refuses that lock file until it changes or
--retry is given. An apply that was killed before it got there leaves that to the next.

The command of a verify block is run: whoever wrote the configuration chose it, and
the plan shows it.
` + metricsHelp + ` That they cannot be written is an
error before anything is done, and a warning after that.`,
		Args: applyArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				flags.planFile = args[0]
			}
			if err := a.beginAsking(cmd, flags.asks(), "--auto-approve or a saved plan"); err != nil {
				return err
			}
			return a.apply(cmd, flags)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&flags.autoApprove, "auto-approve", false, "do not ask")
	f.BoolVar(&flags.keepGoing, "keep-going", false, "leave the plugins that fail, and go on with the others")
	f.BoolVar(&flags.retry, "retry", false, "try a lock file again that the host was not well with")
	lockTimeoutFlag(f, &flags.lockTimeout)
	metricsFlag(cmd, &flags.metrics)
	return cmd
}

func lockTimeoutFlag(f *pflag.FlagSet, timeout *time.Duration) {
	f.Var((*lockTimeout)(timeout), "lock-timeout", "wait `DURATION` for another process that is changing the directory; 0s does not wait (default: as long as it takes)")
}

// lockTimeout is a flag: unset it is 0, which waits as long as it takes.
type lockTimeout time.Duration

func (d *lockTimeout) String() string { return "" }
func (d *lockTimeout) Type() string   { return "duration" }

// Set reads a duration; none at all is the shortest there is.
func (d *lockTimeout) Set(s string) error {
	parsed, err := time.ParseDuration(s)
	if err == nil && parsed < 0 {
		err = errors.New("it is negative")
	}
	*d = lockTimeout(max(parsed, 1))
	return err
}

func (a *app) apply(cmd *cobra.Command, flags applyFlags) error {
	ctx := cmd.Context()
	p, err := a.open(flags.lockTimeout)
	if err == nil && flags.planFile != "" && a.isPlugin(p, flags.planFile) {
		return noneByName(cmd, flags.planFile)
	}
	if err == nil {
		if err := a.checkMetrics(p, flags.metrics); err != nil {
			return err
		}
		err = a.reconcile(ctx, p, flags)
	}
	if errors.Is(err, errDeclined) {
		return err // what nobody wanted is no apply that failed
	}
	ended := project.Measured{Apply: &project.Applied{At: time.Now(), OK: err == nil}}
	if err := a.writeMetrics(ctx, p, flags.metrics, ended); err != nil {
		a.warn(err.Error())
	}
	return err
}

// reconcile makes the plugin directory what the lock says.
func (a *app) reconcile(ctx context.Context, p *project.Project, flags applyFlags) error {
	a.left = "Nothing was changed in " + p.ShownDir + "."
	a.summary.LockDigest, _ = p.LockDigest() // the plan says what is wrong with it
	if err := p.Configured(); err != nil {
		return err
	}
	made, err := p.Plan(ctx)
	if err != nil {
		return err
	}
	approved, err := a.approved(flags, made)
	if err != nil {
		return err
	}
	asks := flags.asks() && !made.Empty()
	if a.stream == nil && (asks || !a.flags.quiet) {
		if _, err := fmt.Fprint(a.stdout, a.planned(p, made, "")); err != nil {
			return err
		}
	}
	if err := made.Err(); err != nil && !flags.keepGoing {
		return err
	}
	if made.Empty() && !made.Interrupted && !made.Owes() && len(made.Stale) == 0 {
		a.summary.Keep = made.Summary.Keep
		return made.Err()
	}
	o := project.ApplyOptions{KeepGoing: flags.keepGoing, Retry: flags.retry}
	if err := p.MayApply(made, o); err != nil && !made.Owes() && !made.Interrupted {
		return err
	}
	if !flags.keepGoing {
		if err := p.Missing(ctx, made); err != nil {
			return err
		}
	}
	if asks {
		if err := a.ask(ctx, "Do you want to make these changes?"); err != nil {
			return err
		}
	}
	return a.carryOut(ctx, p, approved, o)
}

// approved is what there is to be held against what is done; nil where anything goes.
func (a *app) approved(flags applyFlags, made *plan.Plan) (*plan.Plan, error) {
	if flags.autoApprove && flags.planFile == "" {
		return nil, nil
	}
	if flags.planFile == "" {
		return made, nil
	}
	saved, err := project.LoadPlan(a.at(flags.planFile))
	if err != nil {
		return nil, err
	}
	return saved, saved.Check(made)
}

func (a *app) carryOut(ctx context.Context, p *project.Project, approved *plan.Plan, o project.ApplyOptions) error {
	if err := a.stream.Err(); err != nil {
		return err
	}
	began := time.Now()
	result, err := p.Apply(ctx, approved, o)
	defer a.afterwards(err)
	if result == nil {
		return err
	}
	a.view.Close()
	a.left, a.summary.LockDigest = "", result.Plan.Inputs.Lock
	what := a.outcomeOf("Apply", result, began)
	what.failed = failedPlugins(err)
	a.summary.add(what)
	var undone *project.ChangedAtOnceError
	if errors.As(err, &undone) {
		return err
	}
	err = errors.Join(err, a.showDone(what))
	if result.Repaired != "" {
		a.say("\nWhat was repaired is kept in %s until the next repair.", ui.Clean(result.Repaired))
	}
	return err
}
