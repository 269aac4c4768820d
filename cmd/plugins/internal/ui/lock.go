package ui

import (
	"fmt"
	"strings"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// Lock is how locking changed the lock.
type Lock struct {
	Told     []plugin.LockEvent
	Sources  func(plugin.Name) string // as they may be shown
	HeldBack []plugin.HeldBackEvent
}

// Changes renders what is locked otherwise now; "" where nothing is.
func (l Lock) Changes(width int, c Palette) string {
	var all []row
	for _, e := range l.Told {
		if e.Action != lock.Keep {
			all = append(all, l.row(e))
		}
	}
	return rows(all, width, c)
}

func (l Lock) row(e plugin.LockEvent) row {
	mark, paint := lockMark(e.Action)
	r := row{mark: mark, paint: paint, name: string(e.Plugin), version: Versions(e.From, e.To)}
	why := Line(plugin.Redact(e.Why))
	switch step := e.From.Step(e.To); {
	case e.Action == lock.Add:
		r.note = join(", ", Line(l.Sources(e.Plugin)), why)
	case e.Action == lock.Remove:
		r.note = join(", ", "nothing asks for it any more", why)
	case step == "":
		r.note = why
	default:
		r.lead = step
		if e.From.Compare(e.To) > 0 {
			r.lead += " downgrade"
		}
		if why != "" {
			r.note = ": " + why
		}
	}
	if len(e.Started) > 0 {
		r.below = append(r.below, detail{"! now declares " + Line(strings.Join(e.Started, ", ")), Palette.Yellow})
	}
	if len(e.Stopped) > 0 {
		r.below = append(r.below, detail{"no longer declares " + Line(strings.Join(e.Stopped, ", ")), Palette.Faint})
	}
	if e.Notes != "" {
		r.below = append(r.below, detail{"notes: " + Line(e.Notes), Palette.Faint})
	}
	return r
}

// maxHeldBack is of how many plugins a person is told that newer versions are not locked;
// plugins outdated tells of all.
const maxHeldBack = 20

// Newer renders which newer versions are not locked: those that something holds back, and
// those that only nobody asked for; "" where there are none.
func (l Lock) Newer(width int, upgrade, outdated string, c Palette) string {
	var held []row
	var free []string
	for _, e := range l.HeldBack {
		if len(e.Why) == 0 {
			free = append(free, fmt.Sprintf("%s %s", e.Plugin, e.Newest))
			continue
		}
		note := fmt.Sprintf("not %s: %s", e.Newest, Line(plugin.Redact(strings.Join(e.Why, "; "))))
		if e.Allowed.Compare(e.Version) > 0 && !e.Allowed.Equal(e.Newest) {
			note += fmt.Sprintf("; %s is allowed", e.Allowed)
		}
		held = append(held, row{mark: "<", paint: Palette.Faint, name: string(e.Plugin), version: e.Version.String(), note: note})
	}
	var b strings.Builder
	if len(held) > 0 {
		b.WriteString("Held back:\n" + rows(held[:min(len(held), maxHeldBack)], width, c))
		if more := len(held) - maxHeldBack; more > 0 {
			fmt.Fprintf(&b, "  and %d more: %s\n", more, Line(outdated))
		}
	}
	if len(free) > 0 {
		shown := free[:min(len(free), maxHeldBack)]
		text := "Newer: " + strings.Join(shown, ", ")
		if more := len(free) - len(shown); more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		text += ". To take what is allowed: " + Line(upgrade)
		if width <= 0 {
			width = columns(text)
		}
		b.WriteString(strings.Join(Wrap(text, width), "\n") + "\n")
	}
	return b.String()
}

// join joins the texts that are not empty.
func join(sep string, texts ...string) string {
	var some []string
	for _, s := range texts {
		if s != "" {
			some = append(some, s)
		}
	}
	return strings.Join(some, sep)
}
