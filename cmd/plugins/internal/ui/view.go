package ui

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// View shows events as they come. Its method Event is a plugin.Observer.
type View interface {
	Event(plugin.Event)
	// Close ends what is drawn; nothing must be shown by it afterwards.
	Close()
}

// Plain writes a line for each event worth one and, as long as there is work, at least
// one every now and then: who watches a log sees that it goes on.
type Plain struct {
	Err     io.Writer
	Color   Palette
	Quiet   bool          // warnings only
	Verbose bool          // downloads, staging, and what could not be compared too
	Drawn   bool          // what is staged is drawn, so that lines tell what is swapped
	Every   time.Duration // tell at least so often that there is work; 0: never
	Work    *Work         // what is under way

	mu    sync.Mutex
	last  time.Time     // when a line was written
	end   chan struct{} // closed to end the ticking; nil until it begins
	ended sync.WaitGroup
}

// Event shows e.
func (v *Plain) Event(e plugin.Event) {
	switch e.(type) {
	case plugin.StepEvent, plugin.FetchEvent:
		v.tick()
	}
	if text := v.line(e); text != "" {
		v.write(text)
	}
}

func (v *Plain) write(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.last = time.Now()
	fmt.Fprintln(v.Err, text)
}

// tick begins to tell of the work.
func (v *Plain) tick() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.end != nil || v.Every <= 0 || v.Quiet {
		return
	}
	end := make(chan struct{})
	v.end, v.last = end, time.Now()
	v.ended.Go(func() {
		ticker := time.NewTicker(v.Every / 2)
		defer ticker.Stop()
		for {
			select {
			case <-end:
				return
			case <-ticker.C:
				v.stillThere()
			}
		}
	})
}

// stillThere tells of the work where no line was written for long.
func (v *Plain) stillThere() {
	v.mu.Lock()
	silent := time.Since(v.last)
	v.mu.Unlock()
	if silent >= v.Every/2 {
		v.write(v.Color.Faint(v.Work.Line()))
	}
}

// Close ends the telling of work.
func (v *Plain) Close() {
	v.mu.Lock()
	if v.end != nil {
		close(v.end)
		v.end = nil
	}
	v.mu.Unlock()
	v.ended.Wait()
}

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
		if !v.Quiet && (!v.Drawn || v.Verbose) {
			return v.Color.Faint(fmt.Sprintf("%s: %s is staged and verified", e.Plugin, e.Version))
		}
	case plugin.CommitEvent:
		if v.Drawn {
			action := plan.Action(e.Action)
			return "  " + actionColor(action)(v.Color, symbol(action)) + " " + string(e.Plugin) + " " + Versions(e.From, e.To)
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
