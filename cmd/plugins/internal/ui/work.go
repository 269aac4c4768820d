package ui

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

// Work keeps count of what is under way. The zero value is of a run that begins with its
// first event.
type Work struct {
	mu      sync.Mutex
	began   time.Time
	step    plugin.StepEvent
	running map[string]plugin.FetchEvent // by plugin and address
	fetched int64                        // bytes, of downloads that are done
}

// Note takes an event into account.
func (w *Work) Note(e plugin.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.began.IsZero() {
		w.began = time.Now()
	}
	switch e := e.(type) {
	case plugin.StepEvent:
		// Several goroutines tell of one step: who comes late knows less.
		if e.Step != w.step.Step || e.Done == 0 || e.Done > w.step.Done {
			w.step = e
		}
	case plugin.FetchEvent:
		key := string(e.Plugin) + " " + e.URL
		switch {
		case !e.Done && w.running == nil:
			w.running = map[string]plugin.FetchEvent{key: e}
		case !e.Done:
			w.running[key] = e
		default:
			delete(w.running, key)
			if !e.FromCache {
				w.fetched += e.Bytes
			}
		}
	}
}

// Fetched is how many bytes were downloaded.
func (w *Work) Fetched() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fetched
}

// state is the step and the bytes of all downloads, those under way included.
func (w *Work) state() (step plugin.StepEvent, bytes int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	bytes = w.fetched
	for _, f := range w.running {
		bytes += f.Bytes
	}
	return w.step, bytes
}

// maxRunning is how many downloads a line names.
const maxRunning = 3

// Line tells how far it is.
func (w *Work) Line() string {
	step, bytes := w.state()
	text := "Still working"
	if step.Total > 0 {
		text = fmt.Sprintf("%s: %d of %d", stepName(step.Step), step.Done, step.Total)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if bytes > 0 {
		text += ", " + plugin.Size(bytes) + " downloaded"
	}
	running := make([]string, 0, len(w.running))
	for _, f := range w.running {
		of := ""
		if f.Total > 0 {
			of = " of " + plugin.Size(f.Total)
		}
		running = append(running, fmt.Sprintf("%s %s%s", f.Plugin, plugin.Size(f.Bytes), of))
	}
	slices.Sort(running)
	if more := len(running) - maxRunning; more > 0 {
		running = append(running[:maxRunning], fmt.Sprintf("%d more", more))
	}
	if len(running) > 0 {
		text += "; downloading " + strings.Join(running, ", ")
	}
	return fmt.Sprintf("%s (%s)", text, Took(time.Since(w.began)))
}

// stepName is what a step is called where it is told of.
func stepName(s plugin.Step) string {
	switch s {
	case plugin.StepVersions:
		return "Choosing versions"
	case plugin.StepPackages:
		return "Checking packages"
	case plugin.StepStage:
		return "Staging"
	}
	return string(s)
}

// Took is a duration as a person reads it: "4 ms", "1.2 s", "38 s", "2 min 5 s".
func Took(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}
