package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/actions"
	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

// nothingDone is what the summary says of a command that had nothing to do.
var nothingDone = map[string]string{
	"plugins apply":    "Nothing was left to do.\n",
	"plugins rollback": "Nothing was left to do.\n",
	"plugins lock":     "The lock file is up to date.\n",
}

// summary is the Markdown for a run: its result, and what went wrong. It is empty for a
// command that went well and has no result that somebody would look for there.
func (o *onActions) summary(command, chdir string, code int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	result := o.result(code)
	if result == "" && code == exitDone {
		result = nothingDone[command]
	}
	failed := code != exitDone && code != exitDiffers && code != exitInterrupted
	problems := ""
	if result != "" || failed || code == exitDiffers {
		problems = o.problems()
	}
	if failed {
		result += fmt.Sprintf("\n**Failed**, with exit code %d.\n", code)
	}
	if result == "" && problems == "" {
		return ""
	}
	title := "`" + command + "`"
	if chdir != "" {
		title += " in " + actions.Text(ui.Line(chdir))
	}
	return "### " + title + "\n\n" + strings.Trim(result, "\n") + "\n\n" + problems
}

// result is what the command did or found.
func (o *onActions) result(code int) string {
	if o.shown != "" {
		return o.shown
	}
	var rows [][]string
	for _, r := range o.found {
		did := "finished"
		if r.Undone {
			did = "undone"
		}
		rows = append(rows, []string{did, nameList(r.Plugins), "an interrupted apply"})
	}
	for _, c := range o.changes {
		rows = append(rows, []string{c.Action, string(c.Plugin), ui.Versions(c.From, c.To)})
	}
	if len(rows) > 0 {
		return actions.Table([]string{"done", "plugin", "version"}, rows)
	}
	if code != exitDone {
		return "" // what was decided was not written
	}
	for _, e := range o.locked {
		rows = append(rows, []string{e.Action, string(e.Plugin), ui.Versions(e.From, e.To), remarks(e)})
	}
	return actions.Table([]string{"lock", "plugin", "version", ""}, rows)
}

// remarks are what a reviewer wants to know of a change of the lock.
func remarks(e plugin.LockEvent) string {
	var lines []string
	if e.Why != "" {
		lines = append(lines, ui.Line(plugin.Redact(e.Why)))
	}
	if len(e.Started) > 0 {
		lines = append(lines, "now declares "+ui.Line(strings.Join(e.Started, ", ")))
	}
	if len(e.Stopped) > 0 {
		lines = append(lines, "no longer declares "+ui.Line(strings.Join(e.Stopped, ", ")))
	}
	return strings.Join(lines, "\n")
}

// problems is a table of the errors and warnings.
func (o *onActions) problems() string {
	var rows [][]string
	for _, level := range []actions.Level{actions.Error, actions.Warning} {
		for _, n := range o.notes {
			if n.Level != level {
				continue
			}
			where := n.File
			if n.Line > 0 {
				where += fmt.Sprintf(":%d", n.Line)
			}
			text := n.Message
			if n.Title != "" {
				text = n.Title + "\n" + text
			}
			rows = append(rows, []string{level.String(), where, text})
		}
	}
	return actions.Table([]string{"", "where", "what"}, rows)
}

// outdated takes note of newer versions.
func (o *onActions) outdated(out *project.Outdated, all bool) {
	var rows [][]string
	for _, e := range out.Plugins {
		rows = append(rows, []string{string(e.Name), e.Locked.String(), e.Allowed.String(), e.Newest.String(), ui.Line(strings.Join(e.HeldBack, "; "))})
	}
	switch {
	case len(rows) > 0:
		o.show(actions.Table([]string{"plugin", "locked", "allowed", "newest", "held back by"}, rows))
	case all:
		o.show("Everything is up to date.\n")
	}
}

// unformatted takes note of a configuration that is not in its canonical format.
func (o *onActions) unformatted(path string) {
	o.at(actions.Error, plugin.Pos{File: path}, filepath.Base(path)+" is not in its canonical format.", "Run: plugins fmt")
}
