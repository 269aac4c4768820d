package ui

import (
	"fmt"
	"slices"
	"strings"

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

func (p Palette) action(a plan.Action, s string) string {
	switch a {
	case plan.Install:
		return p.Green(s)
	case plan.Repair:
		return p.Cyan(s)
	case plan.Remove:
		return p.Red(s)
	}
	return p.Yellow(s)
}

// Plan renders a plan for a person.
func Plan(p *plan.Plan, c Palette) string {
	var b strings.Builder
	if p.Interrupted {
		b.WriteString(c.Yellow("An interrupted apply was found") + interrupted(p))
	}
	if p.Empty() {
		b.WriteString(c.Bold("No changes.") + " " + kept(p) + "\n")
	} else {
		planChanges(&b, p, c)
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

func planChanges(b *strings.Builder, p *plan.Plan, c Palette) {
	fmt.Fprintf(b, "In %s, for %s:\n\n  %s\n\n", Line(p.PluginDir), p.Platform, legend(p, c))
	changeLines(b, p.Changes, c)
	b.WriteString("\n" + c.Bold("Plan:") + " " + counts(p.Summary) + ".\n")
}

func changeLines(b *strings.Builder, changes []plan.Change, c Palette) {
	rows := make([][]string, len(changes))
	for i, ch := range changes {
		rows[i] = []string{
			symbol(ch.Action) + " " + string(ch.Name), string(ch.Action), fromTo(ch),
			reasons(ch), Line(ch.Source), ch.Digest.Short(),
		}
	}
	for i, line := range Columns(rows) {
		ch := changes[i]
		mark, rest, _ := strings.Cut(line, " ")
		b.WriteString("  " + c.action(ch.Action, mark) + " " + rest + "\n")
		for _, f := range ch.Files {
			b.WriteString("      " + c.Faint(Line(f)) + "\n")
		}
		for _, f := range deleted(ch) {
			b.WriteString("      " + c.Red(Line(f)) + "\n")
		}
		if ch.Verify != nil {
			b.WriteString("      " + c.Faint("runs "+Line(fmt.Sprintf("%q", ch.Verify))) + "\n")
		}
	}
}

// maxDeleted is how many files that a change deletes a person is shown; the JSON has
// all.
const maxDeleted = 10

// deleted lists what a change deletes that no package brings back.
func deleted(ch plan.Change) []string {
	var lines []string
	for i, f := range ch.Deletes {
		if more := len(ch.Deletes) - i; i == maxDeleted && more > 1 {
			return append(lines, fmt.Sprintf("deletes %d more files that are not from the package", more))
		}
		lines = append(lines, "deletes "+f)
	}
	return lines
}

// Rollback renders what a rollback would put back.
func Rollback(dir string, changes []plan.Change, c Palette) string {
	var b strings.Builder
	fmt.Fprintf(&b, "In %s, this puts back what the last apply or rollback replaced:\n\n", Line(dir))
	shown := slices.Clone(changes)
	for i, ch := range changes {
		shown[i].Files = returns(ch)
	}
	changeLines(&b, shown, c)
	return b.String()
}

// returns tells what a rollback puts back that is not as a plan would install it.
func returns(ch plan.Change) []string {
	var lines []string
	for _, r := range ch.Reasons {
		what := ""
		switch r {
		case plan.Files:
			what = "the copy whose files had changed"
		case plan.Foreign:
			what = "the folder that plugins had not installed"
		case plan.Digest:
			what = "the copy from another package of this version"
		default:
			continue
		}
		lines = append(lines, strings.TrimSpace(string(ch.Name)+" "+ch.To.String())+": "+what)
		if r == plan.Files {
			for _, f := range ch.Files {
				lines = append(lines, "  "+f)
			}
		}
	}
	return lines
}

// PutBack is [Done] for a rollback, which repairs nothing.
func PutBack(a string) string {
	if plan.Action(a) == plan.Repair {
		return "put back"
	}
	return Done(a)
}

// legend explains the symbols that the plan uses.
func legend(p *plan.Plan, c Palette) string {
	var words []string
	add := func(a plan.Action, word string, n int) {
		if n > 0 {
			words = append(words, c.action(a, symbol(a))+" "+word)
		}
	}
	s := p.Summary
	add(plan.Install, "install", s.Install)
	switch {
	case s.Downgrade == 0:
		add(plan.Upgrade, "upgrade", s.Upgrade)
	case s.Upgrade == 0:
		add(plan.Downgrade, "downgrade", s.Downgrade)
	default:
		add(plan.Upgrade, "upgrade or downgrade", s.Upgrade)
	}
	add(plan.Repair, "repair", s.Repair)
	add(plan.Remove, "remove", s.Remove)
	return strings.Join(words, "   ")
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

// counts is "1 to install, 2 to upgrade, 7 unchanged".
func counts(s plan.Summary) string {
	var words []string
	for _, c := range []struct {
		n    int
		word string
	}{
		{s.Install, "to install"},
		{s.Upgrade, "to upgrade"},
		{s.Downgrade, "to downgrade"},
		{s.Repair, "to repair"},
		{s.Remove, "to remove"},
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
