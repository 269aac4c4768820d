package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/project"
)

type planFlags struct {
	out, metrics           string
	detailedExit, markdown bool
}

func (a *app) planCommand() *cobra.Command {
	var flags planFlags
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what apply would do",
		Long: `The plan follows from the configuration, the lock file and the plugin directory
alone: it needs no network and changes nothing.
` + metricsHelp,
		Args: planArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.markdown && a.flags.json {
				return usage(cmd, errors.New("--json and --markdown exclude each other"))
			}
			if cmd.Flags().Changed("out") && flags.out == "" {
				return usage(cmd, errors.New("--out= names no file"))
			}
			return a.plan(cmd.Context(), flags)
		},
	}
	cmd.Flags().StringVar(&flags.out, "out", "", "save the plan to `FILE`, for apply")
	cmd.Flags().BoolVar(&flags.markdown, "markdown", false, "print Markdown, for a pull request or a step summary")
	cmd.Flags().BoolVar(&flags.detailedExit, "detailed-exitcode", false, "exit 2 if there are changes")
	metricsFlag(cmd, &flags.metrics)
	return cmd
}

func (a *app) plan(ctx context.Context, flags planFlags) error {
	p, err := a.open(0)
	if err == nil {
		if err := a.checkMetrics(p, flags.metrics); err != nil {
			return err
		}
		err = a.showPlan(ctx, p, flags)
	}
	return orMetrics(err, a.writeMetrics(ctx, p, flags.metrics, project.Measured{}))
}

func (a *app) showPlan(ctx context.Context, p *project.Project, flags planFlags) error {
	made, err := p.Plan(ctx)
	if err != nil {
		return err
	}
	if flags.out != "" {
		if err := p.SavePlan(made, a.at(flags.out)); err != nil {
			return err
		}
	}
	if !flags.markdown { // who asks for that puts it into the summary, or elsewhere
		a.actions.show(ui.Markdown(made))
	}
	switch {
	case a.flags.json:
		err = a.document(made)
	case flags.markdown:
		_, err = fmt.Fprint(a.stdout, ui.Markdown(made))
	default:
		_, err = fmt.Fprint(a.stdout, a.planned(p, made, a.nextApply(made, flags.out)))
	}
	if err != nil {
		return err
	}
	if flags.out != "" && (made.Empty() || a.flags.json || flags.markdown || a.flags.quiet) {
		a.say("\nSaved to %s.", ui.Clean(flags.out))
	}
	if err := made.Err(); err != nil {
		return err
	}
	if flags.detailedExit && !made.Empty() {
		return &exitError{code: exitDiffers}
	}
	return nil
}

// nextApply is the command that does what was planned, and just that if it was saved.
func (a *app) nextApply(made *plan.Plan, saved string) string {
	switch {
	case a.flags.quiet || made.Err() != nil || made.Refused != nil:
		return ""
	case saved != "":
		return a.next("apply", quoted(saved))
	}
	return a.next("apply")
}

// document prints one JSON document.
func (a *app) document(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
