package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

func (a *app) mirrorCommand() *cobra.Command {
	var platforms []string
	var config string
	cmd := &cobra.Command{
		Use:   "mirror DIR|oci://HOST/REPOSITORY",
		Short: "Export all that the lock file names, for machines without network",
		Long: `DIR gets every package that the lock file names, each under its digest, and a file
config.hcl. Carry it wherever you like: there, that file is all it takes.

  plugins mirror /media/usb/plugins
  PLUGINS_CONFIG=/media/usb/plugins/config.hcl plugins apply     # on the other machine

Only what is missing is fetched. What is there is rehashed, and replaced if it is
harmed; nothing else is deleted, so that several projects can share DIR. A run that
was killed, or that failed, is gone on with by the next one.

With an oci:// address the packages go to that repository of an OCI registry, which a fleet
mostly has already, and what makes a machine use it is printed, or written with --config:

  plugins mirror --config fleet.hcl oci://registry.example.com/plugins
  PLUGINS_CONFIG=fleet.hcl plugins apply                         # on each machine

What a plugin whose source is a path is made from is not exported: it comes along with
the configuration. Tokens are used to fetch, and never written.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || blank(args[0]) {
				return usage(cmd, errors.New("mirror takes one argument, the folder or the repository to export to"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("platform") && (len(platforms) == 0 || slices.ContainsFunc(platforms, blank)) {
				return usage(cmd, errNoPlatform)
			}
			if cmd.Flags().Changed("config") && blank(config) {
				return usage(cmd, errors.New("--config needs the name of a file"))
			}
			a.begin()
			return a.mirror(cmd.Context(), args[0], config, platforms)
		},
	}
	cmd.Flags().StringSliceVar(&platforms, "platform", nil, "only packages for the platform `OS/ARCH`; without it, for all that are locked")
	cmd.Flags().StringVar(&config, "config", "", "write what makes a machine use an oci:// repository to `FILE`")
	return cmd
}

func (a *app) mirror(ctx context.Context, to, config string, platforms []string) error {
	p, err := a.open(0)
	if err != nil {
		return err
	}
	var o project.MirrorOptions
	if o.Platforms, err = parsePlatforms(platforms); err != nil {
		return err
	}
	view := a.events()
	a.left = "Nothing was exported."
	if config != "" {
		o.Config = a.at(config)
	}
	at := to
	if !strings.Contains(to, "://") {
		at = a.at(to)
	}
	done, err := p.Mirror(ctx, at, o)
	if err != nil && done != nil {
		a.left = fmt.Sprintf("%d of %s are in %s; the next run goes on from there.", done.Added+done.Present, ui.Count(done.Packages, "package"), ui.Line(to))
	}
	if err != nil {
		return err
	}
	a.left = ""
	view.Close()
	return a.showMirrored(to, done)
}

// mirrorSummary is the last object of its stream.
type mirrorSummary struct {
	Type string `json:"type"`
	*project.Mirrored
}

func (a *app) showMirrored(to string, done *project.Mirrored) error {
	if a.stream != nil {
		a.stream.Write(mirrorSummary{"summary", done})
		return a.stream.Err()
	}
	if a.flags.quiet {
		return nil
	}
	if len(done.Local) > 0 {
		a.say("Not exported, since what they are made from comes along with the configuration: %s.", nameList(done.Local))
	}
	next := fmt.Sprintf("On the other machine:\n  PLUGINS_CONFIG=%s plugins apply\n", ui.Line(quoted(done.Config)))
	if done.Config == "" {
		next = "On each machine, in the user's own file (PLUGINS_CONFIG):\n\n" + project.MirrorConfig(done.Mirror)
	}
	_, err := fmt.Fprintf(a.stdout, "%s %s (%s) of %s into %s: %d added, %d already there.\n\n%s",
		a.out.Bold(a.out.Green("Mirrored")), ui.Count(done.Packages, "package"), plugin.Size(done.Bytes), ui.Count(done.Plugins, "plugin"),
		ui.Line(to), done.Added, done.Present, next)
	return err
}
