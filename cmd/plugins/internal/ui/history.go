package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// HistoryEntry is one set that was applied, or an attempt that was undone.
type HistoryEntry struct {
	ID         int
	Time       time.Time
	Command    string
	User, Host string
	Outcome    string
	Lock       plugin.Digest
	Changes    []HistoryChange
}

// HistoryChange is what it changed of one plugin.
type HistoryChange struct {
	Name     plugin.Name
	Action   plan.Action
	From, To plugin.Version
}

// maxHistoryChanges is how many changes of an entry a person is shown; the JSON has all.
const maxHistoryChanges = 10

// History renders what was done to a directory, the newest first.
func History(dir string, entries []HistoryEntry, wasInterrupted bool, c Palette) string {
	var b strings.Builder
	if wasInterrupted {
		b.WriteString(c.Yellow("An interrupted apply was found") + " in " + Line(dir) + "; the next apply finishes or undoes it.\n\n")
	}
	if len(entries) == 0 {
		return b.String() + "Nothing is remembered of " + Line(dir) + ".\n"
	}
	for i, e := range entries {
		if i > 0 {
			b.WriteString("\n")
		}
		head := fmt.Sprintf("%d", e.ID)
		fmt.Fprintf(&b, "%s  %s  %s%s\n", c.Bold(head), e.Time.Local().Format("2006-01-02 15:04:05"), Line(e.Command), e.by())
		fmt.Fprintf(&b, "    %s%s\n", e.counts(), e.outcome(c))
		if e.Lock != "" {
			b.WriteString("    " + c.Faint("lock "+Line(e.Lock.Short())) + "\n")
		}
		e.changes(&b, c)
	}
	return b.String()
}

func (e HistoryEntry) by() string {
	who := plugin.Holder{User: e.User, Host: e.Host}
	if who.IsZero() {
		return ""
	}
	return ", by " + Line(plugin.Redact(who.String()))
}

func (e HistoryEntry) outcome(c Palette) string {
	switch e.Outcome {
	case "done":
		return ""
	case "finished":
		return "; " + c.Yellow("it was killed, and a recovery finished it")
	case "undone":
		return "; " + c.Red("it failed or was killed, and was undone")
	}
	return "; " + c.Red(Line(e.Outcome))
}

func (e HistoryEntry) counts() string {
	counts := map[plan.Action]int{}
	for _, ch := range e.Changes {
		counts[ch.Action]++
	}
	var words []string
	for _, action := range []plan.Action{plan.Install, plan.Upgrade, plan.Downgrade, plan.Repair, plan.Remove} {
		if n := counts[action]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, Done(string(action))))
		}
	}
	if words == nil {
		return "no plugin changed"
	}
	return strings.Join(words, ", ")
}

func (e HistoryEntry) changes(b *strings.Builder, c Palette) {
	shown := e.Changes
	if len(shown) > maxHistoryChanges+1 {
		shown = shown[:maxHistoryChanges]
	}
	rows := make([][]string, len(shown))
	for i, ch := range shown {
		rows[i] = []string{symbol(ch.Action) + " " + Line(string(ch.Name)), Versions(ch.From, ch.To)}
	}
	for i, line := range Columns(rows) {
		mark, rest, _ := strings.Cut(line, " ")
		b.WriteString("    " + actionColor(shown[i].Action)(c, mark) + " " + rest + "\n")
	}
	if more := len(e.Changes) - len(shown); more > 0 {
		fmt.Fprintf(b, "    and %d more\n", more)
	}
}
