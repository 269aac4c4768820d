package ui

import (
	"fmt"
	"io"
	"sync"

	"github.com/plugins-hcl/plugins/plugin"
)

// View shows events as they come. Its method Event is a plugin.Observer.
type View interface {
	Event(plugin.Event)
	// Close ends what is drawn; nothing must be shown by it afterwards.
	Close()
}

// Plain writes a line for each event worth one.
type Plain struct {
	Err     io.Writer
	Color   Palette
	Quiet   bool // warnings only
	Verbose bool // downloads, staging, and what could not be compared too

	mu sync.Mutex
}

// Event shows e.
func (v *Plain) Event(e plugin.Event) {
	text := v.line(e)
	if text == "" {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	fmt.Fprintln(v.Err, text)
}

// Close does nothing: lines end by themselves.
func (v *Plain) Close() {}

func (v *Plain) line(e plugin.Event) string {
	switch e := e.(type) {
	case plugin.WarningEvent:
		return Warning(e, v.Color)
	case plugin.WaitEvent:
		if !v.Quiet {
			return "Waiting for another process that is changing " + Line(e.Path) + heldBy(e.Holder) + " …"
		}
	case plugin.FetchEvent:
		if v.Verbose && e.Done {
			how := "downloaded"
			if e.FromCache {
				how = "from the cache:"
			}
			return v.Color.Faint(fmt.Sprintf("%s: %s %s (%s)", e.Plugin, how, Line(e.URL), plugin.Size(e.Bytes)))
		}
	case plugin.StageEvent:
		if v.Verbose {
			return v.Color.Faint(fmt.Sprintf("%s: %s is staged and verified", e.Plugin, e.Version))
		}
	case plugin.LockEvent:
		if v.Verbose && e.Unread != nil {
			return v.Color.Faint(fmt.Sprintf("%s: what %s declared is not known: %s", e.Plugin, e.From, Line(plugin.Redact(e.Unread.Error()))))
		}
	}
	return v.hostLine(e)
}

// heldBy tells who says that they hold a lock.
func heldBy(h plugin.Holder) string {
	if h.IsZero() {
		return ""
	}
	return " (" + Line(plugin.Redact(h.String())) + ")"
}

// Warning is a warning's text.
func Warning(e plugin.WarningEvent, c Palette) string {
	text := c.Yellow("Warning:") + " "
	if e.Plugin != "" {
		text += string(e.Plugin) + ": "
	}
	return text + Clean(plugin.Redact(e.Message))
}
