package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

// completionPatience is how long somebody who pressed Tab is kept waiting for a network.
const completionPatience = 2 * time.Second

// complete makes a shell's Tab propose what a command takes. Whatever goes wrong, nothing
// is proposed, and nothing is told: a line is being written.
func (a *app) complete(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "apply", "diff": // a file
		case "add":
			cmd.ValidArgsFunction = a.completeAdd
		case "info":
			cmd.ValidArgsFunction = a.completeInfo
		case "remove", "why":
			cmd.ValidArgsFunction = a.completeNames(true)
		case "verify":
			cmd.ValidArgsFunction = a.completeNames(false)
		default:
			if cmd.ValidArgsFunction == nil {
				cmd.ValidArgsFunction = cobra.NoFileCompletions
			}
		}
		if cmd.Flags().Lookup("platform") != nil {
			proposeFor(cmd, "platform", a.completePlatforms)
		}
		for _, several := range []string{"upgrade", "force-compat"} {
			if cmd.Flags().Lookup(several) != nil {
				proposeFor(cmd, several, a.completeUpgrades)
			}
		}
		if cmd.Name() == "rollback" {
			proposeFor(cmd, "to", a.completeSets)
		}
		if cmd.Name() == "add" {
			proposeFor(cmd, "name", cobra.NoFileCompletions)
			proposeFor(cmd, "source", a.completeSources)
		}
	}
	for _, name := range []string{"chdir", "plugin-dir", "cache-dir"} {
		proposeFor(root, name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		})
	}
	proposeFor(root, "jobs", cobra.NoFileCompletions)
	proposeFor(root, "color", cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp))
}

// proposeFor completes a flag's value. That there is no such flag is a mistake in the
// program, and one that a test finds.
func proposeFor(cmd *cobra.Command, flag string, propose cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, propose); err != nil {
		panic(err)
	}
}

// quietly opens the project for completion: it tells nobody of anything.
func (a *app) quietly(ctx context.Context) (*project.Project, context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, completionPatience)
	path, err := a.configPath()
	if err != nil {
		return nil, ctx, cancel
	}
	o := a.options(0)
	o.Observe = nil
	p, err := project.Open(path, o)
	if err != nil {
		return nil, ctx, cancel
	}
	return p, ctx, cancel
}

// completeSets proposes the sets of the history that can be gone back to, the newest first.
func (a *app) completeSets(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	p, ctx, cancel := a.quietly(cmd.Context())
	defer cancel()
	var sets []string
	if p != nil {
		if history, err := p.History(ctx); err == nil {
			for _, e := range history.Entries {
				if e.Restorable {
					sets = append(sets, fmt.Sprintf("%d\t%s, %s", e.ID, e.Time.Local().Format("2006-01-02 15:04"), e.Command))
				}
			}
		}
	}
	return beginning(sets, begun), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// completeNames proposes plugins: the declared ones, else all that are known here.
func (a *app) completeNames(declared bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		names := slices.DeleteFunc(a.names(cmd.Context(), declared), func(n string) bool { return slices.Contains(args, n) })
		return beginning(names, begun), cobra.ShellCompDirectiveNoFileComp
	}
}

func (a *app) names(ctx context.Context, declared bool) []string {
	p, ctx, cancel := a.quietly(ctx)
	defer cancel()
	if p == nil {
		return nil
	}
	var names []string
	for _, r := range p.Config.Plugins {
		names = append(names, string(r.Name))
	}
	if declared {
		return names
	}
	if listing, err := p.List(ctx); err == nil {
		for _, l := range listing.Plugins {
			names = append(names, string(l.Name))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// completeUpgrades proposes the next of several names, with a comma between them.
func (a *app) completeUpgrades(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	before := begun[:strings.LastIndexByte(begun, ',')+1]
	var out []string
	for _, name := range a.names(cmd.Context(), true) {
		if !slices.Contains(strings.Split(before, ","), name) {
			out = append(out, before+name)
		}
	}
	return beginning(out, begun), cobra.ShellCompDirectiveNoFileComp
}

// completePlatforms proposes those that are declared or locked, and the usual ones.
func (a *app) completePlatforms(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	before := begun[:strings.LastIndexByte(begun, ',')+1]
	platforms := []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64", plugin.CurrentPlatform().String()}
	if p, _, cancel := a.quietly(cmd.Context()); p != nil {
		defer cancel()
		for _, platform := range append(p.Config.Platforms, p.LockedPlatforms()...) {
			if platform != plugin.AnyPlatform {
				platforms = append(platforms, platform.String())
			}
		}
	}
	slices.Sort(platforms)
	platforms = slices.Compact(platforms)
	for i := range platforms {
		platforms[i] = before + platforms[i]
	}
	return beginning(platforms, begun), cobra.ShellCompDirectiveNoFileComp
}

// completeInfo proposes declared plugins, and those of the registries.
func (a *app) completeInfo(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	if looksLikePath(begun) {
		return nil, cobra.ShellCompDirectiveDefault
	}
	out := append(a.names(cmd.Context(), true), a.listed(cmd.Context(), begun)...)
	slices.Sort(out)
	return beginning(slices.Compact(out), begun), cobra.ShellCompDirectiveNoFileComp
}

// completeAdd proposes plugins of the registries that are not declared, behind an "@"
// the versions that there are, and files for a path.
func (a *app) completeAdd(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	switch {
	case len(args) > 0:
		return nil, cobra.ShellCompDirectiveNoFileComp
	case looksLikePath(begun):
		return nil, cobra.ShellCompDirectiveDefault
	case strings.Contains(begun, "@"):
		what, _, _ := strings.Cut(begun, "@")
		return beginning(a.versions(cmd.Context(), what, what+"@"), begun), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
	declared := a.names(cmd.Context(), true)
	out := slices.DeleteFunc(a.listed(cmd.Context(), begun), func(n string) bool { return slices.Contains(declared, n) })
	return beginning(out, begun), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func (a *app) completeSources(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	if looksLikePath(begun) {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var out []string
	for _, name := range a.listed(cmd.Context(), begun) {
		if strings.Contains(name, "/") {
			out = append(out, name)
		}
	}
	return beginning(append(out, "./", "github.com/", "oci://", "https://"), begun), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// listed are the plugins of the registries: by their names alone those of the first, and
// all of them by REGISTRY/PLUGIN once that is being written, or in the other registries.
func (a *app) listed(ctx context.Context, begun string) []string {
	p, ctx, cancel := a.quietly(ctx)
	defer cancel()
	if p == nil {
		return nil
	}
	found, err := p.Search(ctx, "")
	if err != nil {
		return nil
	}
	var out []string
	for _, r := range p.Config.Registries[1:] {
		out = append(out, r.Name+"/")
	}
	for _, m := range found.Plugins {
		if m.Registry == p.Config.Registries[0].Name && !strings.Contains(begun, "/") {
			out = append(out, string(m.Name))
		} else {
			out = append(out, m.Registry+"/"+string(m.Name))
		}
	}
	return out
}

// versions proposes those of a plugin, the newest first.
func (a *app) versions(ctx context.Context, what, before string) []string {
	w, err := a.wanted(what)
	if err != nil {
		return nil
	}
	p, ctx, cancel := a.quietly(ctx)
	defer cancel()
	if p == nil {
		return nil
	}
	versions, err := p.Versions(ctx, w)
	if err != nil {
		return nil
	}
	var out []string
	for _, v := range versions {
		out = append(out, before+v.String())
	}
	return out
}

// beginning are those of the proposals that go on from what is written.
func beginning(proposals []string, begun string) []string {
	return slices.DeleteFunc(proposals, func(s string) bool { return !strings.HasPrefix(s, begun) })
}

func looksLikePath(s string) bool {
	return strings.HasPrefix(s, ".") || strings.HasPrefix(s, "/") || strings.HasPrefix(s, "~") || strings.HasPrefix(s, `\`)
}
