package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
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

func (a *app) applyCommand() *cobra.Command {
	var flags applyFlags
	cmd := &cobra.Command{
		Use:   "apply [PLANFILE]",
		Short: "Make the plugin directory what the lock file says",
		Long: `Everything is staged and verified before anything is swapped in, and an error
leaves everything as it was. At a terminal apply shows the plan and asks first.

The command of a verify block is run: whoever wrote the configuration chose it, and
the plan shows it.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				flags.planFile = args[0]
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
	if a.flags.json {
		a.show(true)
	}
	p, err := a.open()
	if err != nil {
		return err
	}
	asks := flags.planFile == "" && !flags.autoApprove && !a.flags.json && isTerminal(a.stdin)
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
	if !a.flags.json && !a.flags.quiet {
		if _, err := fmt.Fprint(a.stdout, ui.Plan(made.Plan, a.out)); err != nil {
			return err
		}
	}
	if made.Empty() && !made.Interrupted {
		return a.showDone(&apply.Result{}, made.Summary, "")
	}
	if asks && !made.Empty() {
		if err := a.ask(ctx, "Do you want to make these changes?"); err != nil {
			return err
		}
	}
	return p.carryOut(ctx, made, asks || flags.planFile != "", flags)
}

// carryOut makes the plan again under the directory's lock and carries it out. A
// plan that somebody approved must not have become another one meanwhile.
func (p *project) carryOut(ctx context.Context, approved *planned, asked bool, flags applyFlags) (err error) {
	a := p.app
	view := a.view
	if view == nil {
		view = a.show(false)
	}
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
	a.showRecovered(session)
	now, err := p.plan(ctx)
	if err != nil {
		return err
	}
	if asked && !approved.Interrupted && !now.Same(approved.Plan) {
		return &plan.StaleError{Changed: []string{"the plugin directory"}}
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
	if err != nil {
		a.left = "The other plugins were changed as planned."
	}
	return errors.Join(err, a.showDone(result, now.Summary, "Apply complete:"))
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

// errDeclined ends a command whose question was not answered with yes.
var errDeclined = errors.New("not approved: the answer was not yes")

// ask asks a question at the terminal; anything but "yes" declines.
func (a *app) ask(ctx context.Context, question string) error {
	fmt.Fprintf(a.stderr, "\n%s\n  Only \"yes\" is taken for an answer: ", a.err.Bold(question))
	answer := make(chan string, 1)
	go func() {
		line, err := bufio.NewReader(io.LimitReader(a.stdin, 1024)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			line = ""
		}
		answer <- strings.TrimRight(line, "\r\n")
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.stderr)
		return context.Canceled
	case line := <-answer:
		fmt.Fprintln(a.stderr)
		if line != "yes" {
			return errDeclined
		}
		return nil
	}
}

// showDone tells what was done, behind a title.
func (a *app) showDone(result *apply.Result, planned plan.Summary, title string) error {
	counts := map[plan.Action]int{}
	for _, c := range result.Done {
		counts[c.Action]++
	}
	if a.stream != nil {
		a.stream.Write(applySummary{
			Type: "summary",
			Summary: plan.Summary{
				Install: counts[plan.Install], Upgrade: counts[plan.Upgrade], Downgrade: counts[plan.Downgrade],
				Repair: counts[plan.Repair], Remove: counts[plan.Remove], Keep: planned.Keep,
			},
		})
		return nil
	}
	if a.flags.quiet || len(result.Done) == 0 {
		return nil
	}
	var words []string
	for _, action := range []plan.Action{plan.Install, plan.Upgrade, plan.Downgrade, plan.Repair, plan.Remove} {
		if n := counts[action]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, ui.Done(string(action))))
		}
	}
	_, err := fmt.Fprintf(a.stdout, "\n%s %s.\n", a.out.Bold(a.out.Green(title)), strings.Join(words, ", "))
	return err
}

type applySummary struct {
	Type string `json:"type"`
	plan.Summary
}
