package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

func (a *app) imageCommand() *cobra.Command {
	var platforms []string
	cmd := &cobra.Command{
		Use:   "image oci://HOST/REPOSITORY[:TAG]",
		Short: "Push the set that the lock file names as a container image",
		Long: `The image holds each plugin in a folder of its own, as apply would install it, and nothing
else: Kubernetes mounts it read-only as an image volume, and a new digest is a new set.
It is for several platforms, a layer a plugin (of more than a hundred, some share one), and the same lock gives the same digest on
every machine. What the registry has already is not sent again.

It needs no plugin directory. Without --platform it is for the platforms that the
configuration declares, else for those that every plugin is locked for; plugins that run
anywhere name none. The registry is
told who asks as "docker login" keeps it, or as a credentials block says. After an error
the tag names what it did before.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || !plugin.IsOCI(args[0]) {
				return usage(cmd, errors.New("image takes one argument, where to push to: oci://HOST/REPOSITORY[:TAG]"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("platform") && (len(platforms) == 0 || slices.ContainsFunc(platforms, blank)) {
				return usage(cmd, errNoPlatform)
			}
			a.begin()
			return a.image(cmd.Context(), args[0], platforms)
		},
	}
	cmd.Flags().StringSliceVar(&platforms, "platform", nil, "for the platform `OS/ARCH`, and others so named, alone")
	return cmd
}

func (a *app) image(ctx context.Context, to string, platforms []string) error {
	p, err := a.open(0)
	if err != nil {
		return err
	}
	var o project.ImageOptions
	if o.Platforms, err = parsePlatforms(platforms); err != nil {
		return err
	}
	view := a.events()
	a.left = "No image was pushed."
	done, err := p.Image(ctx, to, o)
	if err != nil {
		return err
	}
	a.left = ""
	view.Close()
	if a.stream != nil {
		a.stream.Write(imageSummary{"summary", done})
		return a.stream.Err()
	}
	if !a.flags.quiet {
		a.say("%s %s for %s: %s (%s), %d added, %d already there.", a.err.Bold(a.err.Green("Pushed")), ui.Count(done.Plugins, "plugin"),
			plugin.PlatformList(done.Platforms), ui.Count(done.Layers, "layer"), plugin.Size(done.Bytes), done.Added, done.Present)
	}
	_, err = fmt.Fprintln(a.stdout, done.Image)
	return err
}

// imageSummary is the last object of its stream.
type imageSummary struct {
	Type string `json:"type"`
	*project.Imaged
}
