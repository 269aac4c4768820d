package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/project"
)

// fewVersions are those that info lists without --all.
const fewVersions = 10

func (a *app) infoCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "info WHAT",
		Short: "Show what there is to know of a plugin",
		Long: `WHAT is the name of a declared plugin, or of one in a registry, or any source:
REGISTRY/PLUGIN, github.com/OWNER/REPOSITORY, oci://HOST/REPOSITORY, an address or a path.
Shown are its description, author, license and homepage, which versions there are, and
of the one that is locked (else the newest allowed) the platforms, the host it needs,
its dependencies and where its release notes are.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(cmd, fmt.Errorf("info takes one plugin, not %d", len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := a.wanted(args[0])
			if err != nil {
				return usage(cmd, err)
			}
			most := fewVersions
			if all {
				most = 0
			}
			return a.info(cmd.Context(), args[0], w, most)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "list all versions")
	return cmd
}

func (a *app) info(ctx context.Context, what string, w project.Wanted, most int) error {
	p, err := a.open(0)
	if err != nil {
		return err
	}
	info, err := p.Info(ctx, w, most)
	if err != nil {
		return err
	}
	if a.flags.json {
		return a.document(info)
	}
	var b strings.Builder
	a.writeInfo(&b, info)
	if rest := info.Total - len(info.Versions); rest > 0 {
		fmt.Fprintf(&b, "  and %d more: plugins info --all %s\n", rest, ui.Line(quoted(what)))
	}
	_, err = fmt.Fprint(a.stdout, b.String())
	return err
}

func (a *app) writeInfo(b *strings.Builder, i *project.Info) {
	b.WriteString(a.out.Bold(string(i.Name)) + "\n")
	if i.Description != "" {
		b.WriteString(oneLine(i.Description) + "\n")
	}
	b.WriteString("\n")
	var rows [][]string
	row := func(title string, values ...string) {
		if text := oneLine(strings.Join(present(values), ", ")); text != "" {
			rows = append(rows, []string{"  " + title, text})
		}
	}
	row("source", i.Source)
	row("author", i.Author)
	row("license", i.License)
	row("homepage", i.Homepage)
	if i.Repository != i.Homepage {
		row("repository", i.Repository)
	}
	row("kind", i.Type, i.Tier, i.Status, i.Category)
	row("keywords", i.Keywords...)
	row("declared", declaredAs(i))
	row("locked", i.Locked.String())
	row("installed", i.Installed.String())
	for _, c := range i.Capabilities {
		row("can do", strings.TrimSuffix(c.Kind+": "+strings.Join(c.Names, ", "), ": "))
	}
	for _, line := range ui.Columns(rows) {
		b.WriteString(line + "\n")
	}
	a.writeRelease(b, i)
	a.writeVersions(b, i)
}

func declaredAs(i *project.Info) string {
	switch {
	case !i.Declared:
		return "no"
	case i.Constraint == "":
		return "any version"
	}
	return i.Constraint
}

func (a *app) writeRelease(b *strings.Builder, i *project.Info) {
	if i.Builtin {
		b.WriteString("\nIt is built into the host: there is nothing to install.\n")
	}
	if i.Problem != "" {
		b.WriteString("\n" + oneLine(i.Problem) + "\n")
	}
	if i.Release == nil {
		return
	}
	var platforms, needs []string
	for _, p := range i.Release.Platforms {
		platforms = append(platforms, p.String())
	}
	for _, d := range i.Release.Dependencies {
		needs = append(needs, strings.TrimSpace(d.Name+" "+d.Constraint))
	}
	rows := [][]string{}
	for _, r := range [][2]string{
		{"platforms", strings.Join(platforms, ", ")},
		{"needs host", i.Release.MinHost.String()},
		{"needs", strings.Join(needs, "; ")},
		{"release notes", i.Release.Notes},
	} {
		if r[1] != "" {
			rows = append(rows, []string{"  " + r[0], oneLine(r[1])})
		}
	}
	b.WriteString("\n" + a.out.Bold("Version "+i.Release.Version.String()) + "\n")
	for _, line := range ui.Columns(rows) {
		b.WriteString(line + "\n")
	}
}

func (a *app) writeVersions(b *strings.Builder, i *project.Info) {
	if len(i.Versions) == 0 {
		return
	}
	b.WriteString("\n" + a.out.Bold("Versions, newest first") + "\n")
	var rows [][]string
	for _, v := range i.Versions {
		var marks []string
		for _, m := range []struct {
			is   bool
			word string
		}{{v.Locked, "locked"}, {v.Installed, "installed"}, {!v.Allowed && !i.Builtin, "not allowed"}} {
			if m.is {
				marks = append(marks, m.word)
			}
		}
		rows = append(rows, []string{"  " + v.Version.String(), orDash(v.Released), strings.Join(marks, ", ")})
	}
	for _, line := range ui.Columns(rows) {
		b.WriteString(line + "\n")
	}
}

// present are the texts that are some, each once.
func present(texts []string) []string {
	var out []string
	for _, t := range texts {
		if t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}
