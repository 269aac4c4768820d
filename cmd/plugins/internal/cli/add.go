package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

func (a *app) addCommand() *cobra.Command {
	var name, source string
	cmd := &cobra.Command{
		Use:   "add WHAT[@CONSTRAINT]",
		Short: "Declare a plugin in plugins.hcl and lock it",
		Long: `WHAT is the name of a plugin of the first registry, or any source: REGISTRY/PLUGIN,
github.com/OWNER/REPOSITORY, oci://HOST/REPOSITORY, an address or a path. Without a
constraint, the newest version is looked up and "~> X.Y" is written: what is compatible
with it. A path, or an address of one package, gets none. A plugin that is declared
already gets the CONSTRAINT, where one is given.

The block is written behind the others, or between them where they are in the order of
the alphabet; everything else in the file stays as it is, byte for byte. Either both
plugins.hcl and plugins.lock.hcl are written, or neither. The plugin directory is not
touched.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(cmd, fmt.Errorf("add takes one plugin, not %d", len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := a.wanted(args[0])
			if err == nil && source != "" {
				w, err = a.wantedFrom(w, source)
			}
			if err == nil && name != "" {
				w.Name, err = plugin.ParseName(name)
			}
			if err != nil {
				return usage(cmd, err)
			}
			a.begin()
			return a.add(cmd.Context(), w)
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "call it `NAME`, whatever its source calls it")
	cmd.Flags().StringVar(&source, "source", "", "take the plugin that WHAT names from `SOURCE`")
	return cmd
}

// wanted is what an argument asks for.
func (a *app) wanted(text string) (project.Wanted, error) {
	w, err := project.ParseWanted(text)
	w.Dir = a.flags.chdir
	return w, err
}

// wantedFrom is a name with a source of its own.
func (a *app) wantedFrom(w project.Wanted, source string) (project.Wanted, error) {
	if w.Name == "" || w.Source != "" {
		return w, errors.New("with --source, the argument is the plugin's name")
	}
	from, err := a.wanted(source)
	switch {
	case err != nil:
		return w, err
	case from.Source == "":
		return w, fmt.Errorf("%q is not a source: it is a path (./%s), an address, or REGISTRY/PLUGIN", source, source)
	case from.Version != "" && w.Version != "" && from.Version != w.Version:
		return w, errors.New("two constraints are given")
	case w.Version != "":
		from.Version = w.Version
	}
	from.Name = w.Name
	return from, nil
}

func (a *app) add(ctx context.Context, w project.Wanted) error {
	p, err := a.open(0)
	if err != nil {
		return err
	}
	a.left = leftAsItWas(p)
	added, err := p.Add(ctx, w)
	if err != nil {
		return err
	}
	a.left = ""
	a.view.Close()
	action, verb := "add", "Added"
	if added.Updated {
		action, verb = "update", "Updated"
	}
	version := added.Version
	if version != "" {
		version = " " + version
	}
	if err := a.showEdited(p, action, added.Name, added.Version, added.Pos.Line,
		fmt.Sprintf("%s %s%s, line %d of %s.", verb, added.Name, version, added.Pos.Line, ui.Line(filepath.Base(p.Config.Path)))); err != nil {
		return err
	}
	// What others could be is not what somebody asks who adds one.
	held := slices.DeleteFunc(slices.Clone(added.Locked.HeldBack), func(e plugin.HeldBackEvent) bool {
		i := slices.IndexFunc(added.Locked.Changes, func(c lock.Change) bool { return c.Name == e.Plugin })
		return i >= 0 && added.Locked.Changes[i].Action == lock.Keep
	})
	return a.showLocked(p, added.Locked, held, a.next("plan"))
}

func leftAsItWas(p *project.Project) string {
	return fmt.Sprintf("%s and %s were left as they were.", ui.Clean(p.Config.Path), ui.Clean(p.LockPath))
}

// edited is a change of the configuration, in the stream.
type edited struct {
	Type       string      `json:"type"`
	Action     string      `json:"action"` // add, update, remove
	Name       plugin.Name `json:"name"`
	Constraint string      `json:"constraint,omitempty"`
	File       string      `json:"file"`
	Line       int         `json:"line,omitempty"`
}

// showEdited tells of a change of the configuration: in the stream, else in a line.
func (a *app) showEdited(p *project.Project, action string, name plugin.Name, constraint string, line int, text string) error {
	if a.stream != nil {
		a.stream.Write(edited{Type: "edit", Action: action, Name: name, Constraint: constraint, File: p.Config.Path, Line: line})
		return nil
	}
	if a.flags.quiet {
		return nil
	}
	if _, err := fmt.Fprintln(a.stdout, text); err != nil {
		a.left = text
		return err
	}
	return nil
}
