package apply

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/commit"
	"github.com/plugins-hcl/plugins/internal/holder"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// MaxHistory is how many entries a history has at most: the newest.
const MaxHistory = commit.MaxHistory

// Entry tells of one set that was applied, or of an attempt that was undone.
type Entry struct {
	ID      int           `json:"id"` // counts up from 1
	Time    time.Time     `json:"time"`
	Command string        `json:"command"` // "apply", "rollback", "rollback --to ID" or "rollback (unhealthy)"
	By      plugin.Holder `json:"by"`      // who did it, and on which machine
	Outcome Outcome       `json:"outcome"`
	// Lock is the digest of the lock file, as plugins lock writes it; "" for a rollback,
	// which goes by what was there.
	Lock     plugin.Digest   `json:"lock,omitempty"`
	Platform plugin.Platform `json:"platform"`
	Changes  []EntryChange   `json:"changes"` // sorted by name
	// Plugins is the set that was there afterwards, or would have been: of what this
	// program installed. Sorted by name; nil where it is not known.
	Plugins []installed.Pin `json:"plugins"`
}

// What an entry's command is called.
const (
	commandApply     = "apply"
	commandRollback  = "rollback"
	commandUnhealthy = "rollback (unhealthy)" // of an apply that its host was not well with
)

// EntryChange is what an entry changed of one plugin.
type EntryChange struct {
	Name   plugin.Name    `json:"name"`
	Action plan.Action    `json:"action"`
	From   plugin.Version `json:"from,omitzero"`
	To     plugin.Version `json:"to,omitzero"`
}

// Outcome is how it ended.
type Outcome = commit.Outcome

// The outcomes.
const (
	OutcomeDone        = commit.Done
	OutcomeFinished    = commit.Finished    // it was killed, and a recovery finished it
	OutcomeUndone      = commit.Undone      // it failed or was killed, and everything is as it was
	OutcomeQuarantined = commit.Quarantined // it was killed, and what it left was not known
)

// Happened reports whether the entry's set was there afterwards.
func (e Entry) Happened() bool { return e.Outcome == OutcomeDone || e.Outcome == OutcomeFinished }

// History lists what was done to the plugin directory dir, the oldest first: the newest
// [MaxHistory] entries. What of it cannot be used is left out and told beside the rest. It
// changes nothing.
func History(dir string) (entries []Entry, unusable []error, err error) {
	kept, unusable, err := commit.History(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, k := range kept {
		e, err := decodeEntry(k)
		if err != nil {
			unusable = append(unusable, fmt.Errorf("entry %d of the history cannot be used: %w", k.Number, err))
			continue
		}
		entries = append(entries, e)
	}
	return entries, unusable, nil
}

func decodeEntry(k commit.Entry) (Entry, error) {
	var e Entry
	if err := plugin.DecodeJSON(k.Note, &e); err != nil {
		return e, err
	}
	for _, p := range e.Plugins {
		if _, err := plugin.ParseName(string(p.Name)); err != nil {
			return e, err
		}
		if _, err := plugin.ParseDigest(string(p.Digest)); err != nil {
			return e, err
		}
		if p.Version.IsZero() {
			return e, fmt.Errorf("%s has no version", p.Name)
		}
	}
	e.ID, e.Outcome = k.Number, k.Outcome
	return e, nil
}

// note tells the history of a transaction; which number it has and how it ends is not
// known yet.
func (t *transaction) note(e *Entry, changes []plan.Change) error {
	e.By = holder.Current()
	e.Time, e.By.Since = e.By.Since, time.Time{}
	e.Platform = plugin.CurrentPlatform()
	e.Changes = make([]EntryChange, len(changes))
	for i, c := range changes {
		e.Changes[i] = EntryChange{Name: c.Name, Action: c.Action, From: c.From, To: c.To}
	}
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	t.Note(data)
	return nil
}

// originOf is what of a change it takes to make it again.
func originOf(c plan.Change) installed.Origin {
	o := installed.Origin{
		URL: plugin.RedactURL(c.Package.URL), Path: c.Package.Path, ManifestName: c.Locked.ManifestName,
		Resolved: plugin.Redact(c.Locked.Resolved), Plugin: c.Requirement.Source.Plugin,
		MinHost: c.Locked.MinHost, SignedBy: c.Locked.SignedBy,
	}
	// One that is only needed by others is judged by what it is locked from.
	o.Address = plugin.Redact(c.Locked.Source)
	if c.Requirement.Source.Text == "" {
		return o
	}
	if addresses, err := c.Requirement.Addresses([]plugin.Platform{plugin.CurrentPlatform()}); err == nil && len(addresses) > 0 {
		o.Address = plugin.Redact(addresses[0])
	}
	return o
}

// pinsAfter is the set that is there once what is ready took its place.
func pinsAfter(before []installed.Pin, ready []*staged) []installed.Pin {
	var with []installed.Pin
	var gone []plugin.Name
	for _, st := range ready {
		if st.record == nil {
			gone = append(gone, st.change.Name)
		} else {
			with = append(with, st.record.Pin())
		}
	}
	return installed.Replace(before, with, gone)
}

// pinsPutBack is the set that is there once the steps of a rollback are done.
func pinsPutBack(s installed.State, steps []commit.Back) ([]installed.Pin, error) {
	before, err := s.Pins()
	if err != nil {
		return nil, err
	}
	var with []installed.Pin
	var gone []plugin.Name
	for _, step := range steps {
		name := plugin.Name(step.File())
		if name == "" {
			continue
		}
		r, _, err := recordAt(s.Dir, step.Returns(), name)
		switch {
		case err != nil:
			return nil, err
		case r == nil:
			gone = append(gone, name)
		default:
			with = append(with, r.Pin())
		}
	}
	return installed.Replace(before, with, gone), nil
}
