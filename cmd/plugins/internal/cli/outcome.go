package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// outcome is what an apply or a rollback did.
type outcome struct {
	command string // "Apply", "Rollback"
	done    []plan.Change
	failed  []plugin.Name // left as they were, with --keep-going; sorted
	keep    int
	word    func(action string) string // for what is done: "installed"

	staged  int           // new trees
	swapped time.Duration // how long that took
	took    time.Duration // all of it, from the answer on
	fetched int64         // bytes
	undo    string        // the command that undoes it; "" for none
}

// outcomeOf is what a result tells of an apply that began at a time.
func (a *app) outcomeOf(command string, r *apply.Result, began time.Time) outcome {
	o := outcome{command: command, done: r.Done, word: ui.Done, staged: r.Staged, swapped: r.Took, took: time.Since(began)}
	if r.Plan != nil {
		o.keep = r.Plan.Summary.Keep
	}
	o.fetched = a.work.Fetched()
	if len(r.Done) > 0 && r.Repaired == "" && command == "Apply" {
		o.undo = a.next("rollback")
	}
	return o
}

// applySummary is the last object of the stream of an apply or a rollback, which ends
// with it whatever happens.
type applySummary struct {
	Type string `json:"type"`
	plan.Summary
	Failed     int           `json:"failed"`
	Changed    bool          `json:"changed"`               // something in the plugin directory
	LockDigest plugin.Digest `json:"lock_digest,omitempty"` // of an apply that could read the lock
	hostSummary
}

func (s *applySummary) add(o outcome) {
	counts := o.counts()
	s.Summary = plan.Summary{
		Install: counts[plan.Install], Upgrade: counts[plan.Upgrade], Downgrade: counts[plan.Downgrade],
		Repair: counts[plan.Repair], Remove: counts[plan.Remove], Keep: o.keep,
	}
	s.Changed = s.Changed || len(o.done) > 0
}

// endStream writes the last object of a stream, of the commands that have it told behind
// the errors.
func (a *app) endStream(err error) error {
	if a.recovering && a.stream != nil {
		a.recovering = false
		a.stream.Write(recoverSummary{Type: "summary", Recovered: true, hostSummary: a.host})
	}
	if s := a.summary; s != nil && a.stream != nil {
		a.summary = nil
		s.hostSummary = a.host
		s.Failed = len(failedPlugins(err))
		var half *apply.CommitError
		s.Changed = s.Changed || errors.As(err, &half) && !half.Undone
		a.stream.Write(s)
	}
	return a.stream.Err()
}

func (o outcome) counts() map[plan.Action]int {
	counts := map[plan.Action]int{}
	for _, c := range o.done {
		counts[c.Action]++
	}
	return counts
}

// steps is "Staged and verified 11 (66.0 MiB downloaded). Swapped 11 in 4 ms."; "" where
// nothing was changed.
func (o outcome) steps() string {
	if len(o.done) == 0 {
		return ""
	}
	var staged string
	if o.staged > 0 {
		staged = fmt.Sprintf("Staged and verified %d", o.staged)
		if o.fetched > 0 {
			staged += fmt.Sprintf(" (%s downloaded)", plugin.Size(o.fetched))
		}
		staged += ". "
	}
	return fmt.Sprintf("%sSwapped %d in %s.", staged, len(o.done), ui.Took(o.swapped))
}

// line is "Apply complete: 2 installed, 1 removed (1.2 s). Undo: plugins rollback".
func (o outcome) line(c ui.Palette) string {
	var words []string
	for _, action := range []plan.Action{plan.Install, plan.Upgrade, plan.Downgrade, plan.Repair, plan.Remove} {
		if n := o.counts()[action]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, o.word(string(action))))
		}
	}
	title := c.Green(o.command + " complete:")
	switch {
	case len(o.failed) > 0:
		title = c.Red(o.command + " incomplete:")
		words = append(words, fmt.Sprintf("%d failed (%s)", len(o.failed), nameList(o.failed)))
	case len(words) == 0:
		words = append(words, "nothing was left to do")
	}
	line := c.Bold(title) + " " + strings.Join(words, ", ")
	switch {
	case len(o.failed) > 0 || len(o.done) == 0:
		return line + "."
	case o.took > 0:
		line += fmt.Sprintf(" (%s)", ui.Took(o.took))
	}
	line += "."
	if o.undo != "" {
		line += " Undo: " + o.undo
	}
	return line
}

func nameList(names []plugin.Name) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = string(n)
	}
	return strings.Join(texts, ", ")
}

// failedPlugins are those that an error of --keep-going is about.
func failedPlugins(err error) []plugin.Name {
	var names []plugin.Name
	for _, e := range flatten(err) {
		var failed *plugin.Error
		if errors.As(e, &failed) && !slices.Contains(names, failed.Plugin) {
			names = append(names, failed.Plugin)
		}
	}
	slices.Sort(names)
	return names
}

// showDone tells what was done. Where standard output cannot be written, the error
// ends with it, on standard error.
func (a *app) showDone(o outcome) error {
	var err error
	switch {
	case a.stream != nil:
		if err = a.stream.Err(); err == nil {
			a.left = o.line(a.err)
		}
	case !a.flags.quiet:
		text := "\n"
		if steps := o.steps(); steps != "" {
			text += steps + "\n"
		}
		if len(o.failed) > 0 {
			a.closing = o.line(a.out)
		} else {
			text += o.line(a.out) + "\n"
		}
		_, err = fmt.Fprint(a.stdout, text)
	}
	switch {
	case err != nil:
		a.left = o.line(a.err)
	case len(o.failed) > 0:
		a.left = "The other plugins were changed as planned."
	}
	return err
}
