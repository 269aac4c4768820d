package cli

import (
	"strings"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

// next is the command line of another command for the same project: with the flags that
// say which one that is.
func (a *app) next(command ...string) string {
	words := []string{"plugins"}
	for _, f := range []struct{ flag, value string }{
		{"-C", a.flags.chdir},
		{"-f", a.flags.file},
		{"--lock-file", a.flags.lockFile},
		{"--plugin-dir", a.flags.pluginDir},
	} {
		if f.value != "" {
			words = append(words, f.flag, quoted(f.value))
		}
	}
	if fetches := command[0] == "apply" || command[0] == "lock"; fetches && a.flags.cacheDir != "" {
		words = append(words, "--cache-dir", quoted(a.flags.cacheDir))
	}
	return strings.Join(append(words, command...), " ")
}

// planned is a plan as it is shown; next is the command that does it, "" where it is
// done at once.
func (a *app) planned(p *project.Project, made *plan.Plan, next string) string {
	o := ui.PlanOptions{Packages: map[plugin.Name]ui.Package{}, Width: width(a.stdout), Verbose: a.flags.verbose, Next: next}
	for name, at := range p.Nearby(made) {
		o.Packages[name] = ui.Package(at)
	}
	return ui.Plan(made, o, a.out)
}
