package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// symbol is how a plan marks an action.
func symbol(a plan.Action) string {
	switch a {
	case plan.Install:
		return "+"
	case plan.Upgrade, plan.Downgrade:
		return "~"
	case plan.Repair:
		return "!"
	case plan.Remove:
		return "-"
	}
	return " "
}

func actionColor(a plan.Action) func(Palette, string) string {
	switch a {
	case plan.Install:
		return Palette.Green
	case plan.Repair:
		return Palette.Cyan
	case plan.Remove:
		return Palette.Red
	}
	return Palette.Yellow
}

// PlanOptions say how a plan is shown.
type PlanOptions struct {
	// Packages tells where the packages are; of one that is not in it, nothing is said.
	Packages map[plugin.Name]Package
	Width    int    // of the terminal; 0: there is none, and lines may be of any length
	Verbose  bool   // sources and digests, too
	Next     string // the command that does it; "" where it is done at once
}

// Package tells where a package is.
type Package struct {
	Cached bool
	Size   int64 // in bytes, of one that is to be fetched; -1: not known
}

func (p Package) String() string {
	switch {
	case p.Cached:
		return "cached"
	case p.Size < 0:
		return "to download"
	}
	return plugin.Size(p.Size) + " to download"
}

// Plan renders a plan for a person.
func Plan(p *plan.Plan, o PlanOptions, c Palette) string {
	var b strings.Builder
	if p.Interrupted {
		b.WriteString(c.Yellow("An interrupted apply was found") + interrupted(p))
	}
	if p.Empty() {
		b.WriteString(c.Bold("No changes.") + " " + kept(p) + "\n")
	} else {
		fmt.Fprintf(&b, "%s, %s\n\n", Line(p.PluginDir), p.Platform)
		b.WriteString(rows(planRows(p.Changes, o), o.Width, c))
		fmt.Fprintf(&b, "\n%s %s.%s\n", c.Bold("Plan:"), counts(p.Summary), toDownload(p, o.Packages))
		if o.Next != "" {
			fmt.Fprintf(&b, "Apply with: %s\n", c.Bold(Line(o.Next)))
		}
	}
	if len(p.Failed) > 0 {
		b.WriteString("\n" + c.Red("Cannot be planned:") + "\n")
		for _, f := range p.Failed {
			fmt.Fprintf(&b, "  %s: %s\n", f.Name, Line(f.Message))
		}
	}
	if len(p.Unmanaged) > 0 {
		fmt.Fprintf(&b, "\n%s %s\n", c.Faint("Unmanaged, left alone:"), Line(strings.Join(p.Unmanaged, ", ")))
	}
	return b.String() + After(p, c)
}

func interrupted(p *plan.Plan) string {
	return " in " + Line(p.PluginDir) + "; the next apply finishes or undoes it first.\n\n"
}

func kept(p *plan.Plan) string {
	others := ""
	if len(p.Failed) > 0 {
		others = "other "
	}
	switch p.Summary.Keep {
	case 0:
		return "No " + others + "plugins are wanted in " + Line(p.PluginDir) + " on " + p.Platform.String() + "."
	case 1:
		return "The one " + others + "plugin in " + Line(p.PluginDir) + " is what the lock file says."
	}
	return fmt.Sprintf("All %d %splugins in %s are what the lock file says.", p.Summary.Keep, others, Line(p.PluginDir))
}

func planRows(changes []plan.Change, o PlanOptions) []row {
	all := make([]row, len(changes))
	for i, ch := range changes {
		r := changeRow(ch)
		if where, ok := o.Packages[ch.Name]; ok {
			r.note = addNote(r.lead, r.note, where, ch.Action == plan.Repair)
		}
		if o.Verbose {
			r.below = append(r.below, detail{Line(ch.Source) + ", " + ch.Digest.Short(), Palette.Faint})
		}
		all[i] = r
	}
	return all
}

// addNote adds where the package is: of a repair, only that it must be fetched.
func addNote(lead, note string, where Package, repair bool) string {
	switch {
	case repair && where.Cached:
		return note
	case lead+note == "":
		return where.String()
	}
	return note + ", " + where.String()
}

// changeRow tells what is to be done with one plugin, and why.
func changeRow(ch plan.Change) row {
	r := row{mark: symbol(ch.Action), paint: actionColor(ch.Action), name: string(ch.Name), version: fromTo(ch)}
	var notes []string
	switch ch.Action {
	case plan.Upgrade:
		r.lead = ch.From.Step(ch.To)
	case plan.Downgrade:
		r.lead = strings.TrimSpace(ch.From.Step(ch.To) + " downgrade")
	case plan.Repair:
		r.lead = "repair"
	case plan.Remove:
		notes = append(notes, "no longer declared")
	}
	if ch.Action != plan.Remove && slices.Contains(ch.Reasons, plan.Foreign) {
		notes = append(notes, "plugins did not install what is there")
	}
	if ch.Action == plan.Repair && slices.Contains(ch.Reasons, plan.Digest) {
		notes = append(notes, "the lock has another package of this version")
	}
	hint := ch.Action != plan.Remove
	// What is said in one line needs no second one.
	if files, gone := differing(ch), ch.Deletes; ch.Action == plan.Repair && len(files)+len(gone) == 1 {
		for _, f := range files {
			notes = append(notes, "file "+Line(f))
		}
		for _, f := range gone {
			notes = append(notes, "deletes "+Line(f)+keepHint(gone))
		}
	} else {
		for _, f := range files {
			r.below = append(r.below, detail{Line(f), Palette.Faint})
		}
		r.below = append(r.below, deleted(gone, hint)...)
	}
	r.note = strings.Join(notes, "; ")
	if r.lead != "" && r.note != "" {
		r.note = ": " + r.note
	}
	if ch.Verify != nil {
		r.below = append(r.below, detail{"runs " + Line(fmt.Sprintf("%q", ch.Verify)), Palette.Faint})
	}
	return r
}

// differing are the files that differ, but for those that are deleted.
func differing(ch plan.Change) (files []string) {
	for _, f := range ch.Files {
		if !slices.ContainsFunc(ch.Deletes, func(gone string) bool {
			return f == installed.Drift{Path: gone, Kind: installed.Extra}.String()
		}) {
			files = append(files, f)
		}
	}
	return files
}

// maxDeleted is how many files that a change deletes a person is shown; the JSON has
// all.
const maxDeleted = 10

// deleted lists what a change deletes that no package brings back.
func deleted(files []string, hint bool) []detail {
	var lines []detail
	for i, f := range files {
		if more := len(files) - i; i == maxDeleted && more > 1 {
			lines = append(lines, detail{fmt.Sprintf("deletes %d more files that are not from the package", more), Palette.Red})
			break
		}
		lines = append(lines, detail{"deletes " + Line(f), Palette.Red})
	}
	if last := len(lines) - 1; hint && last >= 0 {
		lines[last].text += keepHint(files)
	}
	return lines
}

// keepHint tells how to keep files that are to be deleted.
func keepHint(files []string) string {
	const most = 3
	quoted := make([]string, min(len(files), most))
	for i := range quoted {
		if strings.ContainsAny(files[i], `*?[]{}\$%`) || Line(files[i]) != files[i] {
			return ""
		}
		quoted[i] = strconv.Quote(files[i])
	}
	what := "them"
	if len(files) == 1 {
		what = "it"
	}
	if len(files) > most {
		quoted = append(quoted, "…")
	}
	return fmt.Sprintf(" (to keep %s: keep = [%s])", what, strings.Join(quoted, ", "))
}

// toDownload is how much there is to be fetched.
func toDownload(p *plan.Plan, packages map[plugin.Name]Package) string {
	n, total := 0, int64(0)
	for _, ch := range p.Changes {
		where, ok := packages[ch.Name]
		if !ok || where.Cached {
			continue
		}
		n++
		if where.Size < 0 || total < 0 {
			total = -1
		} else {
			total += where.Size
		}
	}
	switch {
	case n == 0:
		return ""
	case total < 0:
		return " " + Count(n, "package") + " to download."
	}
	return " " + plugin.Size(total) + " to download."
}

func fromTo(ch plan.Change) string {
	switch {
	case ch.From.IsZero():
		return ch.To.String()
	case ch.To.IsZero(), ch.From.Equal(ch.To):
		return ch.From.String()
	}
	return ch.From.String() + " → " + ch.To.String()
}

func reasons(ch plan.Change) string {
	words := make([]string, len(ch.Reasons))
	for i, r := range ch.Reasons {
		words[i] = string(r)
	}
	return strings.Join(words, ", ")
}

// counts is "1 install, 2 upgrade, 7 unchanged".
func counts(s plan.Summary) string {
	var words []string
	for _, c := range []struct {
		n    int
		word string
	}{
		{s.Install, "install"},
		{s.Upgrade, "upgrade"},
		{s.Downgrade, "downgrade"},
		{s.Repair, "repair"},
		{s.Remove, "remove"},
		{s.Keep, "unchanged"},
	} {
		if c.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", c.n, c.word))
		}
	}
	return strings.Join(words, ", ")
}

// Done is what an action is called when it is done: "installed".
func Done(a string) string {
	switch plan.Action(a) {
	case plan.Install:
		return "installed"
	case plan.Upgrade:
		return "upgraded"
	case plan.Downgrade:
		return "downgraded"
	case plan.Repair:
		return "repaired"
	case plan.Remove:
		return "removed"
	}
	return a
}

// Versions is "1.0.0 → 1.1.0", or the one of the two that there is.
func Versions(from, to plugin.Version) string {
	return fromTo(plan.Change{From: from, To: to})
}
