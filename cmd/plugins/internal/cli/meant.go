package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

// meaning is what a word stands for here that is a command of other programs: all, or,
// with the name of a plugin behind it, one. Without is what to do as long as this
// version has no such command.
type meaning struct{ all, one, then, without string }

const (
	thenApply = ", then: plugins apply"
	adding    = "to add a plugin, write its block into plugins.hcl, then: plugins lock, plugins apply"
	removing  = "to remove a plugin, take its block out of plugins.hcl, then: plugins lock, plugins apply"
)

func meaningOf(word string) meaning {
	switch word {
	case "install", "i", "get":
		return meaning{all: "apply", one: "add %s", without: adding}
	case "uninstall", "rm", "delete", "purge":
		return meaning{all: "remove NAME", one: "remove %s", without: removing}
	case "update", "upgrade", "bump":
		return meaning{all: "lock --upgrade", one: "lock --upgrade=%s", then: thenApply}
	case "sync", "prune", "autoremove":
		return meaning{all: "apply"}
	case "ls":
		return meaning{all: "list"}
	case "show":
		return meaning{all: "list", one: "info %s", without: "plugins list shows what is declared, locked and installed"}
	case "status", "st", "dry-run":
		return meaning{all: "plan"}
	case "audit", "check", "doctor":
		return meaning{all: "verify"}
	case "undo", "revert":
		return meaning{all: "rollback"}
	case "log":
		return meaning{all: "history"}
	case "format":
		return meaning{all: "fmt"}
	}
	return meaning{}
}

// meant says what to do in place of a command that there is not; "" where nothing is
// meant by its name.
func meant(root *cobra.Command, args []string) string {
	m := meaningOf(args[0])
	line := m.all
	if len(args) > 1 && m.one != "" {
		line = fmt.Sprintf(m.one, args[1])
	}
	if !hasCommand(root, line) {
		return m.without
	}
	return fmt.Sprintf("did you mean %q?", "plugins "+line) + m.then
}

// hasCommand reports whether there is the command that a line starts with.
func hasCommand(root *cobra.Command, line string) bool {
	name, _, _ := strings.Cut(line, " ")
	for _, cmd := range root.Commands() {
		if cmd.Name() == name {
			return true
		}
	}
	return false
}

// noneByName refuses the name of a plugin for a command that is about all of them.
func noneByName(cmd *cobra.Command, name string) error {
	return usage(cmd, fmt.Errorf("%s takes no plugin, but %q was given: what is to be there follows from the lock file alone, "+
		"so that all machines that share it have the same. To change one plugin, change that: "+
		"plugins lock --upgrade=%s, or its block in plugins.hcl and plugins lock. The others stay as they are",
		cmd.CommandPath(), name, name))
}

// planArguments refuses all.
func planArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return noneByName(cmd, args[0])
}

// applyArguments lets a plan file by.
func applyArguments(cmd *cobra.Command, args []string) error {
	if len(args) < 2 {
		return nil
	}
	return noneByName(cmd, args[0])
}

// isPlugin reports whether somebody named a plugin where a plan file is meant: there is
// no such file.
func (a *app) isPlugin(p *project.Project, arg string) bool {
	_, declared := p.Config.Plugin(plugin.Name(arg))
	_, err := os.Lstat(a.at(arg))
	return declared && errors.Is(err, fs.ErrNotExist)
}
