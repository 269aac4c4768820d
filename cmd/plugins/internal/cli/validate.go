package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/project"
)

func (a *app) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate",
		Short: "Check the configuration",
		Long:  "The configuration is read and checked, without network; nothing is changed.",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			p, err := a.open(0)
			if err != nil {
				return err
			}
			for _, u := range p.Config.Unsupported() {
				a.say("%s %s: %s is read, but lock and apply do not support it yet.", a.err.Yellow("Warning:"), u.Pos, ui.Clean(u.What))
			}
			if a.flags.json {
				return a.document(struct {
					FormatVersion string `json:"format_version"`
					Valid         bool   `json:"valid"`
					Plugins       int    `json:"plugins"`
				}{"1.0", true, len(p.Config.Plugins)})
			}
			if a.flags.quiet {
				return nil
			}
			_, err = fmt.Fprintf(a.stdout, "%s is valid: %s.\n", ui.Clean(p.Config.Path), ui.Count(len(p.Config.Plugins), "plugin"))
			return err
		},
	}
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

func (a *app) format(check bool) error {
	path, err := a.configPath()
	if err != nil {
		return err
	}
	changed, err := project.Format(path, check)
	if err != nil || !changed {
		return err
	}
	if _, err := fmt.Fprintln(a.stdout, ui.Clean(path)); err != nil {
		return err
	}
	if check {
		a.say("It is not in its canonical format; plugins fmt writes it so.")
		return &exitError{code: exitDiffers}
	}
	return nil
}
