package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// After tells a person what is run once a plan's changes are made, or is owed, and that
// its lock is refused; "" where there is nothing to tell.
func After(p *plan.Plan, c Palette) string {
	var b strings.Builder
	for _, s := range after(p, func(command []string) string { return c.Bold(commandLine(command)) }) {
		b.WriteString("\n" + s + "\n")
	}
	if r := p.Refused; r != nil {
		b.WriteString("\n" + c.Red("Refused:") + " " + refusal(r, Line(r.Why)) + "\n")
	}
	return b.String()
}

func afterMarkdown(p *plan.Plan) string {
	var b strings.Builder
	for _, s := range after(p, func(command []string) string { return "`" + code(commandLine(command)) + "`" }) {
		b.WriteString("\n" + s + "\n")
	}
	if r := p.Refused; r != nil {
		b.WriteString("\n**Refused:** " + refusal(r, markdownText(Line(r.Why))) + "\n")
	}
	return b.String()
}

func refusal(r *plan.Refused, why string) string {
	return "what the lock file asks for was taken back on " + moment(r.Since) + ", and apply does not try it again without --retry: " + why + "."
}

func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// after are sentences about what is run.
func after(p *plan.Plan, show func(command []string) string) []string {
	a := p.After
	if a == nil {
		return nil
	}
	var runs []string
	if a.OnChange != nil {
		runs = append(runs, "runs "+show(a.OnChange.Command))
	}
	if h := a.Health; h != nil {
		check := "checks " + show(h.Command)
		if h.Retries > 1 {
			check += fmt.Sprintf(" (%d tries)", h.Retries)
		}
		runs = append(runs, check)
	}
	steps := strings.Join(runs, ", then ")
	switch {
	case steps == "":
		return nil
	case !p.Empty():
		return []string{"After the change: " + steps + "."}
	}
	return []string{"The host is owed since " + moment(a.OwedSince) + ", when an apply did not come to its end: the next apply " + steps + "."}
}

// commandLine is a command as a person would write it.
func commandLine(command []string) string {
	words := make([]string, len(command))
	for i, w := range command {
		if words[i] = Line(w); w == "" || strings.ContainsAny(w, " \t\n\"'") {
			words[i] = Line(fmt.Sprintf("%q", w))
		}
	}
	return strings.Join(words, " ")
}

// hostLine is a line about what is run after a change; "" where none is worth it.
func (v *Plain) hostLine(e plugin.Event) string {
	if v.Quiet {
		return ""
	}
	switch e := e.(type) {
	case plugin.OnChangeEvent:
		switch {
		case e.Done && e.Err == nil:
			return "Ran on_change: " + commandLine(e.Command)
		case !e.Done && !e.Owed.IsZero():
			return "on_change is owed since " + moment(e.Owed) + ": an apply did not come to its end before it had run."
		}
	case plugin.HealthEvent:
		switch {
		case e.Err == nil:
			return "The host is well: " + commandLine(e.Command)
		case e.Try < e.Tries:
			return fmt.Sprintf("The host is not well yet (%d of %d tries).", e.Try, e.Tries)
		}
	case plugin.TurnBackEvent:
		return v.Color.Yellow("Putting back") + " what was there before (" + Line(plugin.Redact(e.Why)) + ")."
	}
	return ""
}

// hostObject is what is run after a change, in a stream.
type hostObject struct {
	Type    string        `json:"type"`
	Command []string      `json:"command,omitempty"`
	Owed    time.Time     `json:"owed_since,omitzero"`
	Try     int           `json:"try,omitempty"`
	Tries   int           `json:"tries,omitempty"`
	OK      *bool         `json:"ok,omitempty"`
	Plugins []plugin.Name `json:"plugins,omitempty"`
	Message string        `json:"message,omitempty"`
}

// hostEvent writes what was run after a change: its end alone.
func (s *Stream) hostEvent(e plugin.Event) {
	var o hostObject
	var err error
	switch e := e.(type) {
	case plugin.OnChangeEvent:
		if !e.Done {
			return
		}
		o, err = hostObject{Type: "on_change", Command: e.Command, Owed: e.Owed}, e.Err
	case plugin.HealthEvent:
		o, err = hostObject{Type: "health", Command: e.Command, Try: e.Try, Tries: e.Tries}, e.Err
	case plugin.TurnBackEvent:
		s.Write(hostObject{Type: "turned_back", Plugins: e.Plugins, Message: plugin.Redact(e.Why)})
		return
	default:
		return
	}
	ok := err == nil
	o.OK = &ok
	if err != nil {
		o.Message = plugin.Redact(err.Error())
	}
	s.Write(o)
}
