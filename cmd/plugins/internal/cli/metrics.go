package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/project"
)

// metricsHelp is for the help of the commands that have the flag.
const metricsHelp = `
With --metrics the file is written anew, atomically, for the textfile collector of
Prometheus' node exporter: the lock's digest, pending changes, drift, whether an
interrupted apply was found, whether the host is owed something or the lock refused, and
when the last apply ended, and how. What could not be found out is left out. One file is about one plugin directory; let plan, apply and
verify write the same one.`

// metricsFlag is the flag that names the file; a mistake in it is found before
// anything is done.
func metricsFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "metrics", "", "write metrics for Prometheus to `FILE.prom`")
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed("metrics") && *path == "" {
			return usage(cmd, errors.New("--metrics= names no file"))
		}
		if before != nil {
			return before(cmd, args)
		}
		return nil
	}
}

// checkMetrics refuses a file that metrics cannot be written to, if one is named.
func (a *app) checkMetrics(p *project.Project, path string) error {
	if path == "" {
		return nil
	}
	return p.CheckMetrics(a.at(path))
}

// writeMetrics writes them, if a file is named; p is nil where there is no
// configuration to read. An interrupt does not keep them from being written.
func (a *app) writeMetrics(ctx context.Context, p *project.Project, path string, m project.Measured) error {
	switch {
	case path == "":
		return nil
	case p == nil:
		return project.WriteUnknownMetrics(a.at(path), m)
	}
	return p.WriteMetrics(context.WithoutCancel(ctx), a.at(path), m)
}

// orMetrics is the error of a command that only reads, and was to write metrics: that
// it could not is one, even beside an exit code that is no failure.
func orMetrics(err, metrics error) error {
	var exit *exitError
	if metrics != nil && errors.As(err, &exit) {
		return metrics
	}
	return errors.Join(err, metrics)
}
