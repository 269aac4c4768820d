package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plan"
)

type applyFlags struct {
	autoApprove bool
	keepGoing   bool
	lockTimeout time.Duration
	planFile    string
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
The swaps take milliseconds: one that comes then lets them finish, and the exit is 0.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				flags.planFile = args[0]
			}
			if err := a.beginAsking(cmd, flags.asks(), "--auto-approve or a saved plan"); err != nil {
				return err
			}
			return a.apply(cmd.Context(), flags)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&flags.autoApprove, "auto-approve", false, "do not ask")
	f.BoolVar(&flags.keepGoing, "keep-going", false, "leave the plugins that fail, and go on with the others")
	lockTimeoutFlag(f, &flags.lockTimeout)
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

func (a *app) apply(ctx context.Context, flags applyFlags) error {
	p, err := a.open()
	if err != nil {
		return err
	}
	a.left = "Nothing was changed in " + p.shownDir + "."
	if err := p.supported(); err != nil {
		return err
	}
	made, err := p.plan(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(p.allowed(), p.signed(made.Plan)); err != nil {
		return err
	}
	if flags.planFile != "" {
		if err := a.checkSaved(flags.planFile, made); err != nil {
			return err
		}
	}
	asks := flags.asks() && !made.Empty()
	if a.stream == nil && (asks || !a.flags.quiet) {
		if _, err := fmt.Fprint(a.stdout, ui.Plan(made.Plan, a.out)); err != nil {
			return err
		}
	}
	if made.Empty() && !made.Interrupted {
		return a.showNothingDone(made.Summary.Keep)
	}
	if asks {
		if err := a.ask(ctx, "Do you want to make these changes?"); err != nil {
			return err
		}
	}
	return p.carryOut(ctx, made, flags)
}

// carryOut makes the plan again under the directory's lock and carries it out. A
// plan that somebody approved must not have become another one meanwhile.
func (p *project) carryOut(ctx context.Context, approved *planned, flags applyFlags) (err error) {
	a := p.app
	view := a.events()
	access, err := p.access(view.Event)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, access.Close()) }()
	session, err := apply.Open(ctx, p.pluginDir, apply.Options{
		Access: access, LockTimeout: flags.lockTimeout, KeepGoing: flags.keepGoing, Observe: view.Event,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	p.showRecovered(session)
	now, err := p.plan(ctx)
	if err != nil {
		return err
	}
	if approvedAsShown := flags.planFile != "" || !flags.autoApprove; approvedAsShown && !now.Same(approved.Plan) {
		return &plan.StaleError{Changed: []string{"the plugin directory"}}
	}
	if err := a.stream.Err(); err != nil {
		return err
	}
	result, err := session.Apply(ctx, now.Plan)
	if result == nil {
		return err
	}
	view.Close()
	a.left = ""
	if lookErr := p.lookAgain(context.WithoutCancel(ctx), result); lookErr != nil {
		return errors.Join(err, lookErr)
	}
	return errors.Join(err, a.showDone(outcome{command: "Apply", done: result.Done, failed: failedPlugins(err), keep: now.Summary.Keep}))
}

// lookAgain makes sure that what was reported as done is what is there.
func (p *project) lookAgain(ctx context.Context, result *apply.Result) error {
	after, err := p.plan(ctx)
	if err != nil {
		return fmt.Errorf("looking at the plugin directory after the apply: %w", err)
	}
	for _, done := range result.Done {
		for _, left := range after.Changes {
			if left.Name == done.Name {
				return fmt.Errorf("%s: it was %s, but something changed it at once: apply would %s it again",
					left.Name, ui.Done(string(done.Action)), left.Action)
			}
		}
	}
	return nil
}

// checkSaved compares a saved plan with the one made now.
func (a *app) checkSaved(path string, made *planned) error {
	data, err := os.ReadFile(a.at(path))
	if err != nil {
		return fmt.Errorf("reading the plan: %w", err)
	}
	saved, err := plan.Parse(data)
	if err != nil {
		return fmt.Errorf("reading the plan %s: %w", path, err)
	}
	return saved.Check(made.Plan, made.inputs)
}
