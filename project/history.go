package project

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/internal/commit"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// History is what was done to a plugin directory, in the form that --json prints.
type History struct {
	FormatVersion string         `json:"format_version"`
	PluginDir     string         `json:"plugin_dir"`
	Entries       []HistoryEntry `json:"entries"`     // the newest first
	Interrupted   bool           `json:"interrupted"` // an apply was cut off, which is no entry yet
}

// HistoryEntry is one set that was applied, or an attempt that was undone.
type HistoryEntry struct {
	ID       int                 `json:"id"`
	Time     time.Time           `json:"time"`
	Command  string              `json:"command"`
	PID      int                 `json:"pid,omitempty"`
	User     string              `json:"user,omitempty"`
	Host     string              `json:"host,omitempty"`
	Outcome  apply.Outcome       `json:"outcome"`
	Lock     plugin.Digest       `json:"lock,omitempty"`
	Platform plugin.Platform     `json:"platform"`
	Changes  []apply.EntryChange `json:"changes"`
	Plugins  []SetPlugin         `json:"plugins"` // the set that was there afterwards
	// Restorable says that the set is known, and was there.
	Restorable bool `json:"restorable"`
}

// SetPlugin is one plugin of a set.
type SetPlugin struct {
	Name    plugin.Name    `json:"name"`
	Version plugin.Version `json:"version"`
	Source  string         `json:"source"`
	Digest  plugin.Digest  `json:"digest"`
}

// History tells what was done to the plugin directory: the newest [apply.MaxHistory]
// entries. It changes nothing. What of it cannot be used is left out, and a warning.
func (p *Project) History(context.Context) (*History, error) {
	entries, unusable, err := apply.History(p.PluginDir)
	if err != nil {
		return nil, err
	}
	for _, err := range unusable {
		p.options.Observe.Tell(plugin.WarningEvent{Message: err.Error()})
	}
	h := &History{FormatVersion: plan.FormatVersion, PluginDir: p.ShownDir, Entries: []HistoryEntry{}}
	if h.Interrupted, err = commit.Interrupted(p.PluginDir); err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(entries) {
		entry := HistoryEntry{
			ID: e.ID, Time: e.Time, Command: e.Command, PID: e.By.PID, User: e.By.User, Host: e.By.Host,
			Outcome: e.Outcome, Lock: e.Lock, Platform: e.Platform, Plugins: []SetPlugin{},
			Changes: append([]apply.EntryChange{}, e.Changes...), Restorable: e.Happened() && e.Plugins != nil,
		}
		for _, pin := range e.Plugins {
			entry.Plugins = append(entry.Plugins, SetPlugin{pin.Name, pin.Version, pin.Source, pin.Digest})
		}
		h.Entries = append(h.Entries, entry)
	}
	return h, nil
}

// NoSetError says that the history has no set of that number to go back to.
type NoSetError struct {
	ID     int
	Why    string
	Oldest int // the oldest and the newest entry there are; 0: none
	Newest int
}

func (e *NoSetError) Error() string {
	text := fmt.Sprintf("there is no set %d to go back to: %s", e.ID, e.Why)
	if e.Newest > 0 {
		text += fmt.Sprintf("; the history has %d to %d", e.Oldest, e.Newest)
	}
	return text
}

// setOf finds the entry whose set is to be there again.
func (p *Project) setOf(id int) (apply.Entry, error) {
	entries, _, err := apply.History(p.PluginDir)
	if err != nil {
		return apply.Entry{}, err
	}
	missing := &NoSetError{ID: id, Why: "the history does not have it"}
	if len(entries) == 0 {
		missing.Why = "the history is empty"
		return apply.Entry{}, missing
	}
	missing.Oldest, missing.Newest = entries[0].ID, entries[len(entries)-1].ID
	i := slices.IndexFunc(entries, func(e apply.Entry) bool { return e.ID == id })
	if i < 0 {
		return apply.Entry{}, missing
	}
	switch e := entries[i]; {
	case !e.Happened():
		missing.Why = "it was " + string(e.Outcome)
	case e.Plugins == nil:
		missing.Why = "what was there then is not known"
	case e.Platform != p.Platform:
		missing.Why = fmt.Sprintf("it is for %s, and this machine is %s", e.Platform, p.Platform)
	default:
		return e, nil
	}
	return apply.Entry{}, missing
}
