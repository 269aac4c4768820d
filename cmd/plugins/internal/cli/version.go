package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/plugin"
)

// Version is the program's version.
const Version = "0.1.0"

func versionLine() string {
	return fmt.Sprintf("plugins %s %s %s\n", Version, plugin.CurrentPlatform(), runtime.Version())
}

func programVersion() plugin.Version { return plugin.MustVersion(Version) }

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the program's version",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			if a.flags.json {
				return a.document(struct {
					FormatVersion string `json:"format_version"`
					Version       string `json:"version"`
					Platform      string `json:"platform"`
				}{"1.0", Version, plugin.CurrentPlatform().String()})
			}
			_, err := fmt.Fprint(a.stdout, versionLine())
			return err
		},
	}
}
