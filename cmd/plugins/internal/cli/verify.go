package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

func (a *app) verifyCommand() *cobra.Command {
	var metrics string
	cmd := &cobra.Command{
		Use:   "verify [NAME…]",
		Short: "Rehash every installed file and compare it with what was installed",
		Long: `Every file is read and compared with the record of what was installed, and every
record with the lock file. Nothing is changed; exit 2 says that something drifted.

Where --plugin-dir says which directory is meant, neither configuration nor lock file
is needed: what cannot be read of them is not compared, and a warning says so.
` + metricsHelp,
		RunE: func(cmd *cobra.Command, args []string) error { return a.verify(cmd.Context(), args, metrics) },
	}
	metricsFlag(cmd, &metrics)
	return cmd
}

func (a *app) verify(ctx context.Context, args []string, metrics string) error {
	p, err := a.openDir(0)
	if err == nil {
		if err := a.checkMetrics(p, metrics); err != nil {
			return err
		}
	}
	var report *project.Report
	if err == nil {
		report, err = p.Verify(ctx, names(args)...)
	}
	if err == nil {
		err = a.showVerified(report)
	}
	if err == nil && report.Drifted > 0 {
		err = &exitError{code: exitDiffers}
	}
	return orMetrics(err, a.writeMetrics(ctx, p, metrics, project.Measured{Report: report}))
}

// names are the plugins that arguments name, declared or not.
func names(args []string) []plugin.Name {
	names := make([]plugin.Name, len(args))
	for i, arg := range args {
		names[i] = plugin.Name(strings.TrimSpace(arg))
	}
	return names
}

func (a *app) showVerified(r *project.Report) error {
	a.actions.drifted(r)
	if a.flags.json {
		return a.document(r)
	}
	var b strings.Builder
	if r.Interrupted {
		b.WriteString(a.out.Yellow("An interrupted apply was found") + "; the next apply finishes or undoes it.\n\n")
	}
	for _, v := range r.Plugins {
		if v.OK {
			continue
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("%s %s %s", a.out.Red("!"), a.out.Bold(string(v.Name)), v.Version), " ") + "\n")
		for _, problem := range v.Problems {
			text := problem.Message
			if problem.Path != "" {
				text = string(v.Name) + "/" + problem.Path + ": " + text
			}
			b.WriteString("    " + ui.Line(text) + "\n")
		}
	}
	switch {
	case r.Drifted > 0:
		fmt.Fprintf(&b, "\n%s %d of %s drifted; %s.\n", a.out.Bold("Verified:"), r.Drifted, ui.Count(len(r.Plugins), "plugin"), whoMends(r))
	default:
		fmt.Fprintf(&b, "%s %s, every file as installed.\n", a.out.Bold("Verified:"), ui.Count(len(r.Plugins), "plugin"))
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}

// whoMends tells how what drifted becomes what it was.
func whoMends(r *project.Report) string {
	if slices.ContainsFunc(r.Plugins, func(v project.Verified) bool { return v.Blocked }) {
		return "remove by hand what is no folder, then plugins apply mends the rest"
	}
	return "plugins apply mends that"
}
