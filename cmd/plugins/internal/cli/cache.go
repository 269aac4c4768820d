package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

func (a *app) cacheCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Show or empty the cache of packages",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "path",
			Short: "Print the folder of the cache",
			Args:  noArguments,
			RunE: func(*cobra.Command, []string) error {
				dir, err := a.requireCacheDir()
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(a.stdout, ui.Clean(dir))
				return err
			},
		},
		&cobra.Command{
			Use:   "clean",
			Short: "Delete every cached package and document",
			Args:  noArguments,
			RunE: func(*cobra.Command, []string) error {
				dir, err := a.requireCacheDir()
				if err != nil {
					return err
				}
				freed, n, err := project.CleanCache(dir)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(a.stdout, "Deleted %s, %s.\n", ui.Count(n, "package"), plugin.Size(freed))
				return err
			},
		},
	)
	return cmd
}

func (a *app) requireCacheDir() (string, error) {
	dir := a.cacheDir()
	if dir == "" {
		return "", errors.New("the system names no cache directory: say with --cache-dir or PLUGINS_CACHE_DIR which one")
	}
	return dir, nil
}
