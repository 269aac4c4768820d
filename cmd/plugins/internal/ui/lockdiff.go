package ui

import (
	"fmt"
	"strings"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// LockDiff is what a changed lock means.
type LockDiff struct {
	Before, After string
	Changes       []lock.Difference
	Summary       lock.Summary
}

// Text renders it for a person.
func (d LockDiff) Text(c Palette) string {
	if len(d.Changes) == 0 {
		return c.Bold("No changes.") + " " + d.same() + "\n"
	}
	rows := make([][]string, len(d.Changes))
	for i, ch := range d.Changes {
		mark, _ := lockMark(ch.Action)
		rows[i] = []string{mark + " " + string(ch.Name), Versions(ch.From, ch.To), lockNote(ch)}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, from %s to now:\n\n", Line(d.After), Line(d.Before))
	for i, line := range Columns(rows) {
		ch := d.Changes[i]
		mark, rest, _ := strings.Cut(line, " ")
		_, paint := lockMark(ch.Action)
		b.WriteString("  " + paint(c, mark) + " " + rest + "\n")
		for _, f := range factLines(ch) {
			text := Line(f.text)
			if f.loud {
				text = c.Red(text)
			}
			b.WriteString("      " + text + "\n")
		}
	}
	fmt.Fprintf(&b, "\n%s %s.\n", c.Bold("Lock:"), lockCounts(d.Summary))
	if warning := d.warning(); warning != "" {
		fmt.Fprintf(&b, "\n%s %s\n", c.Red("Look at this:"), warning)
	}
	return b.String()
}

// Markdown renders it for a pull request's comment.
func (d LockDiff) Markdown() string {
	if len(d.Changes) == 0 {
		return "**No changes.** " + markdownText(d.same()) + "\n"
	}
	var b strings.Builder
	if warning := d.warning(); warning != "" {
		fmt.Fprintf(&b, "> [!CAUTION]\n> %s\n\n", markdownText(warning))
	}
	fmt.Fprintf(&b, "**`%s`**, from `%s` to now: %s.\n\n", code(d.After), code(d.Before), lockCounts(d.Summary))
	b.WriteString("| | plugin | version | what | more |\n|---|---|---|---|---|\n")
	for _, ch := range d.Changes {
		mark, _ := lockMark(ch.Action)
		var more []string
		for _, f := range factLines(ch) {
			text := cell(f.text)
			if f.loud {
				text = "**" + text + "**"
			}
			more = append(more, text)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", mark, ch.Name, Versions(ch.From, ch.To),
			cell(lockNote(ch)), strings.Join(more, "<br>"))
	}
	return b.String()
}

// cell is a text that can stand in a table's cell: it strikes nothing out and calls
// nobody.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "~", `\~`, "@", "&#64;").Replace(markdownText(Line(s)))
}

func (d LockDiff) same() string {
	return fmt.Sprintf("%s says what it said in %s: %s.", Line(d.After), Line(d.Before), Count(d.Summary.Keep, "plugin"))
}

// warning is what nobody who reviews may miss.
func (d LockDiff) warning() string {
	var names []string
	for _, ch := range d.Changes {
		if ch.Action == lock.Repin {
			names = append(names, string(ch.Name)+" "+ch.To.String())
		}
	}
	if len(names) == 0 {
		return ""
	}
	return strings.Join(names, ", ") + ": the version is the same, and its bytes are not. " +
		"A published version should never change: find out why before you merge this."
}

// lockMark is how an action is marked, and the color of that.
func lockMark(action string) (string, func(Palette, string) string) {
	switch action {
	case lock.Add:
		return "+", Palette.Green
	case lock.Remove, lock.Repin:
		return map[string]string{lock.Remove: "-", lock.Repin: "!"}[action], Palette.Red
	}
	return "~", Palette.Yellow
}

// lockNote says in a few words what an action is.
func lockNote(ch lock.Difference) string {
	switch ch.Action {
	case lock.Add:
		return fmt.Sprintf("added, from %s, for %s", Line(ch.Source), Count(ch.Packages, "platform"))
	case lock.Remove:
		return "removed"
	case lock.Upgrade:
		return ch.Step + " upgrade"
	case lock.Downgrade:
		return ch.Step + " downgrade"
	case lock.Repin:
		return "the same version with other bytes"
	}
	return "the same version"
}

type factLine struct {
	text string
	loud bool
}

// factLines tell the facts of a difference, those about platforms in one line.
func factLines(ch lock.Difference) []factLine {
	var lines []factLine
	var platforms []string
	for _, f := range ch.Facts {
		switch f.What {
		case lock.FactPlatformAdded:
			platforms = append(platforms, "+"+f.Platform)
		case lock.FactPlatformRemoved:
			platforms = append(platforms, "-"+f.Platform)
		default:
			lines = append(lines, factLine{text: factText(f), loud: f.What == lock.FactDigest || f.What == "signed_by" && f.To == ""})
		}
	}
	if platforms != nil {
		lines = append(lines, factLine{text: "platforms: " + strings.Join(platforms, ", ")})
	}
	return lines
}

func factText(f lock.Fact) string {
	platform := ""
	if f.Platform != "" && f.Platform != plugin.AnyPlatform.String() {
		platform = " for " + f.Platform
	}
	from, to := orNone(f.From), orNone(f.To)
	switch {
	case f.What == lock.FactDigest || f.What == lock.FactContents:
		from, to = plugin.Digest(f.From).Short(), plugin.Digest(f.To).Short()
	case f.What == "constraints":
		from, to = orAny(f.From), orAny(f.To)
	case f.What == "manifest":
		return "plugin.json: the lock has other contents"
	case f.From == f.To:
		from, to = from+" (what is not shown of it changed)", ""
	}
	words := map[string]string{
		"constraints": "constraint", "manifest_name": "name in its plugin.json", "required_by": "needed by",
		"min_host": "oldest host", "force_compat": "forced, whatever the host", "signed_by": "signature", "resolved": "stands for", lock.FactHost: "packages from",
	}
	what := words[f.What]
	if what == "" {
		what = f.What
	}
	if to != "" {
		to = " → " + to
	}
	return what + platform + ": " + from + to
}

func orAny(constraint string) string {
	if constraint == "" {
		return "any version"
	}
	return constraint
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// lockCounts is "1 added, 2 upgraded, 7 unchanged".
func lockCounts(s lock.Summary) string {
	var words []string
	for _, c := range []struct {
		n    int
		word string
	}{
		{s.Add, "added"},
		{s.Upgrade, "upgraded"},
		{s.Downgrade, "downgraded"},
		{s.Repin, "with other bytes"},
		{s.Change, "changed otherwise"},
		{s.Remove, "removed"},
		{s.Keep, "unchanged"},
	} {
		if c.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", c.n, c.word))
		}
	}
	return strings.Join(words, ", ")
}
