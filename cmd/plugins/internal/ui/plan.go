package ui

import (
	"fmt"
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
	if len(p.Unmanaged) > 0 {
		fmt.Fprintf(&b, "\n%s %s\n", c.Faint("Unmanaged, left alone:"), Line(strings.Join(p.Unmanaged, ", ")))
	}
	return b.String()
}

func interrupted(p *plan.Plan) string {
	return " in " + Line(p.PluginDir) + "; the next apply finishes or undoes it first.\n\n"
}

func kept(p *plan.Plan) string {
	switch p.Summary.Keep {
	case 0:
		return "No plugins are wanted in " + Line(p.PluginDir) + " on " + p.Platform.String() + "."
	case 1:
		return "The one plugin in " + Line(p.PluginDir) + " is what the lock file says."
	}
	return fmt.Sprintf("All %d plugins in %s are what the lock file says.", p.Summary.Keep, Line(p.PluginDir))
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
		if ch.Verify != nil {
			b.WriteString("      " + c.Faint("runs "+Line(fmt.Sprintf("%q", ch.Verify))) + "\n")
		}
	}
}

// Rollback renders what a rollback would put back.
func Rollback(dir string, changes []plan.Change, c Palette) string {
	var b strings.Builder
	fmt.Fprintf(&b, "In %s, this puts back what the last apply or rollback replaced:\n\n", Line(dir))
	changeLines(&b, changes, c)
	return b.String()
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
