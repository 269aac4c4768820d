package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/project"
)

func (a *app) removeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME…",
		Short: "Take plugins out of plugins.hcl and the lock",
		Long: `The plugins' blocks go, and the lines of comment right above each; everything else in
the file stays as it is, byte for byte. What is locked for them alone goes from the lock.
Either both files are written, or neither; no network is needed. The plugin directory is
not touched: the next apply removes there what is declared no more.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, errors.New("remove takes the name of a plugin, or several"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			a.begin()
			return a.remove(cmd.Context(), args)
		},
	}
}

func (a *app) remove(ctx context.Context, args []string) error {
	p, err := a.open(0)
	if err != nil {
		return err
	}
	a.left = leftAsItWas(p)
	removed, err := p.Remove(ctx, names(args)...)
	if err != nil {
		return err
	}
	a.left = ""
	file := ui.Line(filepath.Base(p.Config.Path))
	installed := false
	for _, r := range removed.Plugins {
		text := fmt.Sprintf("Removed %s from %s.", r.Name, file)
		if len(r.NeededBy) > 0 {
			text = fmt.Sprintf("Removed %s from %s; it stays locked, since it is needed by %s.", r.Name, file, nameList(r.NeededBy))
		}
		installed = installed || r.Installed && len(r.NeededBy) == 0
		if err := a.showEdited(p, "remove", r.Name, "", 0, text); err != nil {
			return err
		}
	}
	if err := a.showLocked(p, removed.Locked, nil, ""); err != nil {
		return err
	}
	a.afterRemoval(removed, installed)
	return nil
}

// afterRemoval says what is to be done next.
func (a *app) afterRemoval(removed *project.Removed, installed bool) {
	switch {
	case removed.Stale != nil:
		a.say("The lock is out of date, and not by this. Next: plugins lock")
	case installed:
		a.say("It is still in %s; plugins apply removes it there.", ui.Clean(a.shownDir))
	}
}
