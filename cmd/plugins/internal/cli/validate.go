package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/project"
)

func (a *app) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate",
		Short: "Check the configuration",
		Long:  "The configuration is read and checked, without network; nothing is changed.",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return a.validate() },
	}
}

func (a *app) validate() error {
	p, err := a.open(0)
	var diags *config.DiagnosticsError
	if a.flags.json && errors.As(err, &diags) {
		return errors.Join(err, a.document(validated{FormatVersion: "1.0", Diagnostics: diagnosticsOf(diags.Diags)}))
	}
	if err != nil {
		return err
	}
	if a.flags.json {
		return a.document(validatedProject(p))
	}
	if a.flags.quiet {
		return nil
	}
	_, err = fmt.Fprintf(a.stdout, "%s is valid: %s.\n", ui.Clean(p.Config.Path), ui.Count(len(p.Config.Plugins), "plugin"))
	return err
}

func (a *app) fmtCommand() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "fmt",
		Short: "Write the configuration in its canonical format",
		Long: `Only white space changes. Where the file is a symbolic link, what it leads to is
written, if that is in the same folder or below.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return a.format(check) },
	}
	cmd.Flags().BoolVar(&check, "check", false, "only tell whether it is; exit 2 if not")
	return cmd
}

// formatted is what fmt prints as JSON.
type formatted struct {
	FormatVersion string `json:"format_version"`
	File          string `json:"file"`
	Formatted     bool   `json:"formatted"` // it is in its canonical format now
	Changed       bool   `json:"changed"`   // it was written
}

func (a *app) format(check bool) error {
	path, err := a.configPath()
	if err != nil {
		return err
	}
	changed, err := project.Format(path, check)
	if err != nil {
		return err
	}
	switch {
	case a.flags.json:
		err = a.document(formatted{FormatVersion: "1.0", File: path, Formatted: !changed || !check, Changed: changed && !check})
	case changed:
		_, err = fmt.Fprintln(a.stdout, ui.Clean(path))
	}
	if err != nil || !changed {
		return err
	}
	if check {
		a.actions.unformatted(path)
		a.say("It is not in its canonical format; plugins fmt writes it so.")
		return &exitError{code: exitDiffers}
	}
	return nil
}
