package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

func (a *app) initCommand() *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a plugins.hcl to start from",
		Long: `An example, or with --from what there is already:

  plugins init                       an example
  plugins init --from wfctl.yaml     what wfctl was asked for, in the versions of
                                     .wfctl-lock.yaml, from the registries of
                                     .wfctl.yaml, both beside it
  plugins init --from data/plugins   what is installed in a directory, in the versions
                                     that are there

Versions are written exactly, so that moving in upgrades nothing. Registries are asked
what they call the plugins, unless --offline. No token is written down. What cannot be
taken over is told, with file and line. A file that is there already is never replaced,
and nothing but the new one is written: after "plugins lock", "plugins plan" shows what
would be taken over before anything happens.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from == "" && cmd.Flags().Changed("from") {
				return usage(cmd, errors.New("--from is empty: it names a wfctl.yaml or a directory of installed plugins"))
			}
			return a.initialize(cmd.Context(), from)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "start from `WHAT` is there: a wfctl.yaml or a directory of installed plugins")
	return cmd
}

// initialized is what init prints as JSON.
type initialized struct {
	FormatVersion string        `json:"format_version"`
	File          string        `json:"file"`
	Plugins       []plugin.Name `json:"plugins"`
}

func (a *app) initialize(ctx context.Context, from string) error {
	path := a.at(project.ConfigFile)
	if a.flags.file != "" {
		path = a.at(a.flags.file)
	}
	started, err := project.Init(ctx, path, project.InitOptions{From: a.atIf(from)}, a.options(0))
	if err != nil {
		return err
	}
	for _, n := range started.Notes {
		a.warn(n.String())
	}
	if a.flags.json {
		return a.document(initialized{"1.0", filepath.Clean(path), append([]plugin.Name{}, started.Plugins...)})
	}
	if a.flags.quiet {
		return nil
	}
	if _, err := fmt.Fprintf(a.stdout, "Wrote %s: %s.\n", ui.Clean(filepath.Clean(path)), ui.Count(len(started.Plugins), "plugin")); err != nil {
		return err
	}
	if len(started.Plugins) == 0 {
		a.say("Next: write a plugin block for each plugin that is wanted, and run: plugins lock")
	} else {
		a.say("Next: plugins lock, and then plugins plan, which shows what would be taken over.")
	}
	return nil
}
