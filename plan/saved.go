package plan

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/plugin"
)

// saved is a plan in the form that is kept for later.
type saved struct {
	Plan
	Inputs Inputs `json:"inputs"`
}

// Encode writes a plan with the digests of what it was made from, for [Parse].
func (p *Plan) Encode() ([]byte, error) {
	data, err := json.MarshalIndent(saved{Plan: *p, Inputs: p.Inputs}, "", "  ")
	return append(data, '\n'), err
}

// Inputs are the digests of what a plan was made from.
type Inputs struct {
	Config    plugin.Digest `json:"config"`    // of the configuration's bytes
	Lock      plugin.Digest `json:"lock"`      // [lock.File.Digest]
	Installed plugin.Digest `json:"installed"` // of what the snapshot shows
}

// StaleError says that a plan was made from something else than what is
// there now.
type StaleError struct{ Changed []string }

func (e *StaleError) Error() string {
	return fmt.Sprintf("the plan is stale: since it was made, %s changed", list(e.Changed))
}

func list(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	text := ""
	for i, w := range words {
		switch {
		case i == len(words)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += w
	}
	return text
}

// digests are those of what a plan is made from.
func (in Input) digests() (Inputs, error) {
	snap := in.Snapshot
	type plugins struct {
		Name    plugin.Name
		Present bool
		Version plugin.Version
		Record  *installed.Record
		Drift   []installed.Drift
		Others  []string
		Blocked bool
	}
	var state struct {
		Plugins   []plugins
		Unmanaged []string
	}
	state.Unmanaged = snap.Unmanaged
	for _, p := range snap.Plugins {
		state.Plugins = append(state.Plugins, plugins{p.Name, p.Present, p.Version, p.Record, p.Drift, p.Others, p.Blocked != nil})
	}
	encoded, err := json.Marshal(state)
	return Inputs{Config: in.Config, Lock: in.Lock.Digest(), Installed: digest(encoded)}, err
}

func digest(data []byte) plugin.Digest {
	sum := sha256.Sum256(data)
	return plugin.NewDigest(plugin.SHA256, sum[:])
}

// Parse reads what Encode wrote. What the lock and the configuration tell of the
// changes is not in it: such a plan is for [Plan.Check].
func Parse(data []byte) (*Plan, error) {
	var s saved
	if err := plugin.DecodeJSON(data, &s); err != nil {
		return nil, err
	}
	if s.FormatVersion != FormatVersion {
		return nil, fmt.Errorf("this program reads version %s of the format only, not %q", FormatVersion, s.FormatVersion)
	}
	if s.Inputs == (Inputs{}) || s.Platform == (plugin.Platform{}) {
		return nil, errors.New("it does not tell what it was made from: was it written by plan --out?")
	}
	s.Plan.Inputs = s.Inputs
	return &s.Plan, nil
}

// Check compares a plan that somebody approved with the one made now. The error is a
// [*StaleError].
func (p *Plan) Check(now *Plan) error {
	var changed []string
	add := func(what string, differs bool) {
		if differs {
			changed = append(changed, what)
		}
	}
	add("the configuration", p.Inputs.Config != now.Inputs.Config)
	add("the lock file", p.Inputs.Lock != now.Inputs.Lock)
	add("the plugin directory", p.Inputs.Installed != now.Inputs.Installed || p.PluginDir != now.PluginDir)
	add("the platform", p.Platform != now.Platform)
	if changed == nil && !p.Same(now) {
		changed = []string{"what is to be done"}
	}
	if changed == nil {
		return nil
	}
	return &StaleError{Changed: changed}
}

// Same reports whether two plans do the same: what nobody was shown must not be
// deleted either.
func (p *Plan) Same(q *Plan) bool {
	return slices.EqualFunc(p.Changes, q.Changes, func(a, b Change) bool {
		return a.Name == b.Name && a.Action == b.Action && a.From.Equal(b.From) && a.To.Equal(b.To) &&
			a.Source == b.Source && a.Digest == b.Digest && slices.Equal(a.Reasons, b.Reasons) && slices.Equal(a.Deletes, b.Deletes)
	}) && slices.EqualFunc(p.Failed, q.Failed, func(a, b Failure) bool { return a.Name == b.Name })
}
