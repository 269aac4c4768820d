package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plan"
)

type planFlags struct {
	out                    string
	detailedExit, markdown bool
}

func (a *app) planCommand() *cobra.Command {
	var flags planFlags
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what apply would do",
		Long: `The plan follows from the configuration, the lock file and the plugin directory
alone: it needs no network and changes nothing.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.markdown && a.flags.json {
				return usage(cmd, errors.New("--json and --markdown exclude each other"))
			}
			return a.plan(cmd.Context(), flags)
		},
	}
	cmd.Flags().StringVar(&flags.out, "out", "", "save the plan to `FILE`, for apply")
	cmd.Flags().BoolVar(&flags.markdown, "markdown", false, "print Markdown, for a pull request or a step summary")
	cmd.Flags().BoolVar(&flags.detailedExit, "detailed-exitcode", false, "exit 2 if there are changes")
	return cmd
}

func (a *app) plan(ctx context.Context, flags planFlags) error {
	p, err := a.open()
	if err != nil {
		return err
	}
	made, err := p.plan(ctx)
	if err != nil {
		return err
	}
	// What apply would refuse is not promised.
	if err := errors.Join(p.allowed(), p.signed(made.Plan)); err != nil {
		return err
	}
	if flags.out != "" {
		if err := p.checkOut(a.at(flags.out)); err != nil {
			return err
		}
		if err := made.save(a.at(flags.out)); err != nil {
			return fmt.Errorf("saving the plan: %w", err)
		}
	}
	switch {
	case a.flags.json:
		err = a.document(made.Plan)
	case flags.markdown:
		_, err = fmt.Fprint(a.stdout, ui.Markdown(made.Plan))
	default:
		_, err = fmt.Fprint(a.stdout, ui.Plan(made.Plan, a.out))
	}
	if err != nil {
		return err
	}
	if flags.out != "" {
		a.say("\nSaved to %s; to do just this:\n  plugins apply %s", ui.Clean(flags.out), ui.Clean(flags.out))
	}
	if err := made.Err(); err != nil {
		return err
	}
	if flags.detailedExit && !made.Empty() {
		return &exitError{code: exitDiffers}
	}
	return nil
}

// checkOut refuses to save a plan over what it was made from, or into the directory
// that only apply changes.
func (p *project) checkOut(out string) error {
	info, err := os.Stat(out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("saving the plan: %w", err)
	}
	if err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("saving the plan: %s is not a file", out)
	}
	for _, path := range []string{p.config.Path, p.lockPath} {
		if other, statErr := os.Stat(path); err == nil && statErr == nil && os.SameFile(info, other) {
			return fmt.Errorf("saving the plan: %s is what it was made from", out)
		}
	}
	abs, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(p.pluginDir, abs); err == nil && filepath.IsLocal(rel) {
		return fmt.Errorf("saving the plan: %s is in the plugin directory, which only apply changes", out)
	}
	return nil
}

func (m *planned) save(path string) error {
	data, err := json.MarshalIndent(plan.Saved{Plan: *m.Plan, Inputs: m.inputs}, "", "  ")
	if err != nil {
		return err
	}
	return swap.WriteFile(path, append(data, '\n'), 0o644)
}

// document prints one JSON document.
func (a *app) document(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
