package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/actions"
	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

// onActions is what GitHub Actions is to show of a run: errors and warnings beside the
// lines that they are about, and the summary of the step. Elsewhere it is nil, and its
// methods do nothing.
type onActions struct {
	env    func(string) (string, bool)
	stderr io.Writer // as the runner reads it

	mu      sync.Mutex
	project *project.Project // once it is open
	notes   []actions.Annotation
	shown   string                // the result, as Markdown
	changes []plugin.CommitEvent  // that were made
	locked  []plugin.LockEvent    // that were decided
	found   []plugin.RecoverEvent // what an interrupted apply had left
}

// beginActions makes output harmless where the runner of GitHub Actions reads it. A
// terminal is none there.
func (a *app) beginActions() {
	if on, _ := a.env("GITHUB_ACTIONS"); on != "true" {
		return
	}
	a.actions = &onActions{env: a.env, stderr: a.stderr}
	a.stdout = output{actions.Disarm(a.stdout, func() bool { return a.flags.json })}
	a.stderr = actions.Disarm(a.stderr, func() bool { return false })
}

// endActions shows it.
func (a *app) endActions(command string, code int) {
	if a.actions == nil {
		return
	}
	if path, _ := a.env("GITHUB_STEP_SUMMARY"); path != "" {
		if text := a.actions.summary(command, a.flags.chdir, code); text != "" {
			if err := actions.AppendSummary(path, text); err != nil {
				e := plugin.WarningEvent{Message: "the summary of the step was not written: " + err.Error()}
				fmt.Fprintln(a.stderr, ui.Warning(e, a.err))
				a.actions.warned(e)
			}
		}
	}
	if d, ok := a.stderr.(*actions.Disarmed); ok && !d.Between() {
		fmt.Fprintln(a.stderr)
	}
	for i, n := range a.actions.notes {
		if n.Title == "" {
			a.actions.notes[i].Title = command
		}
	}
	_ = actions.Print(a.actions.stderr, a.actions.notes) // the errors were told in words
}

// opened takes note of the project, which knows where plugins are declared, and of what
// its configuration warns of.
func (o *onActions) opened(p *project.Project) {
	if o == nil {
		return
	}
	o.mu.Lock()
	o.project = p
	o.mu.Unlock()
	o.diagnosed(p.Config.Warnings)
}

func (o *onActions) diagnosed(diags hcl.Diagnostics) {
	for _, d := range diags {
		level := actions.Warning
		if d.Severity == hcl.DiagError {
			level = actions.Error
		}
		n := actions.Annotation{Level: level, Title: d.Summary, Message: d.Detail}
		if d.Detail == "" {
			n.Title, n.Message = "", d.Summary
		}
		if s := d.Subject; s != nil {
			n.File, n.Line, n.Column = o.fromRoot(s.Filename), s.Start.Line, s.Start.Column
			if n.EndLine = s.End.Line; n.EndLine == n.Line {
				n.EndColumn = s.End.Column
			}
		}
		o.note(n)
	}
}

// failed takes note of an error, with the command that mends it.
func (o *onActions) failed(err error, hint string) {
	if o == nil {
		return
	}
	var diags *config.DiagnosticsError
	var outOfDate *lock.OutOfDateError
	switch {
	case errors.As(err, &diags):
		o.diagnosed(diags.Diags)
	case errors.As(err, &outOfDate):
		for _, r := range outOfDate.Reasons {
			o.at(actions.Error, o.declared(r.Plugin), string(r.Plugin)+": "+r.Text, hint)
		}
	default:
		var failed *plugin.Error
		var pos plugin.Pos
		if errors.As(err, &failed) {
			if pos = failed.Pos; pos.Line == 0 {
				pos = o.declared(failed.Plugin)
			}
		}
		o.at(actions.Error, pos, err.Error(), hint)
	}
}

// drifted takes note of a plugin that is not as it should be.
func (o *onActions) drifted(r *project.Report) {
	if o == nil {
		return
	}
	var rows [][]string
	for _, v := range r.Plugins {
		var lines []string
		for _, p := range v.Problems {
			text := p.Message
			if p.Path != "" {
				text = string(v.Name) + "/" + p.Path + ": " + text
			}
			lines = append(lines, ui.Line(text))
		}
		if v.OK {
			continue
		}
		rows = append(rows, []string{string(v.Name), v.Version.String(), strings.Join(lines, "\n")})
		o.at(actions.Error, o.declared(v.Name), string(v.Name)+" drifted:\n"+strings.Join(lines, "\n"), "")
	}
	if len(rows) == 0 {
		o.show(ui.Count(len(r.Plugins), "plugin") + ", every file as installed.\n")
		return
	}
	o.show(fmt.Sprintf("%d of %s drifted.\n\n", r.Drifted, ui.Count(len(r.Plugins), "plugin")) +
		actions.Table([]string{"plugin", "version", "what is wrong"}, rows))
}

// warned takes note of a warning.
func (o *onActions) warned(e plugin.WarningEvent) {
	if o == nil {
		return
	}
	text, pos := e.Message, plugin.Pos{}
	if e.Plugin != "" {
		text, pos = string(e.Plugin)+": "+text, o.declared(e.Plugin)
	}
	o.at(actions.Warning, pos, text, "")
}

// happened takes note of an event.
func (o *onActions) happened(e plugin.Event) {
	if o == nil {
		return
	}
	if w, ok := e.(plugin.WarningEvent); ok {
		o.warned(w)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch e := e.(type) {
	case plugin.CommitEvent:
		o.changes = append(o.changes, e)
	case plugin.LockEvent:
		if e.Action != lock.Keep {
			o.locked = append(o.locked, e)
		}
	case plugin.RecoverEvent:
		o.found = append(o.found, e)
	}
}

// show takes note of a result.
func (o *onActions) show(markdown string) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.shown += markdown
}

// at takes note of something about a place.
func (o *onActions) at(level actions.Level, pos plugin.Pos, text, hint string) {
	if o == nil {
		return
	}
	text = plugin.Redact(text)
	if hint != "" {
		text += "\n" + hint
	}
	n := actions.Annotation{Level: level, Message: text, Line: pos.Line, Column: pos.Column}
	if pos.File != "" {
		n.File = o.fromRoot(pos.File)
	}
	o.note(n)
}

// note keeps an annotation, once.
func (o *onActions) note(n actions.Annotation) {
	n.File, n.Title, n.Message = ui.Line(n.File), ui.Line(n.Title), ui.Clean(n.Message)
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Contains(o.notes, n) {
		o.notes = append(o.notes, n)
	}
}

// declared is where the configuration declares a plugin, if it does.
func (o *onActions) declared(name plugin.Name) plugin.Pos {
	if o == nil || o.project == nil {
		return plugin.Pos{}
	}
	for _, r := range o.project.Config.Plugins {
		if r.Name == name {
			return r.Pos
		}
	}
	return plugin.Pos{}
}

// fromRoot is a path as GitHub knows it: from the root of the repository.
func (o *onActions) fromRoot(path string) string {
	root, _ := o.env("GITHUB_WORKSPACE")
	abs, err := filepath.Abs(path)
	if root == "" || err != nil {
		return filepath.ToSlash(path)
	}
	for _, resolve := range []func(string) (string, error){filepath.Abs, filepath.EvalSymlinks} {
		from, err1 := resolve(root)
		to, err2 := resolve(abs)
		if rel, err := filepath.Rel(from, to); errors.Join(err1, err2, err) == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.ToSlash(path)
}
