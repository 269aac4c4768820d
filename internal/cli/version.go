package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/plugin"
)

// Version is the program's version.
const Version = "0.1.0"

func programVersion() plugin.Version { return plugin.MustVersion(Version) }

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the program's version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if a.flags.json {
				return a.document(struct {
					Version  string `json:"version"`
					Platform string `json:"platform"`
				}{Version, plugin.CurrentPlatform().String()})
			}
			_, err := fmt.Fprintf(a.stdout, "plugins %s %s %s\n", Version, plugin.CurrentPlatform(), runtime.Version())
			return err
		},
	}
}
