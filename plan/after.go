package plan

import (
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

// After is what is run once the changes of a plan are made, or what an earlier apply
// left to be run.
type After struct {
	OnChange *Run `json:"on_change,omitempty"`
	Health   *Run `json:"health,omitempty"`
	// OwedSince is since when it is owed, where an earlier apply did not come to its end;
	// zero otherwise.
	OwedSince time.Time `json:"owed_since,omitzero"`
}

// Run is a command of the configuration's own, as it may be shown.
type Run struct {
	Command  []string `json:"command"`
	Timeout  string   `json:"timeout"`
	Retries  int      `json:"retries,omitempty"`
	Interval string   `json:"interval,omitempty"`
}

// Refused says that apply refuses the lock of a plan, since the host was not well with
// its set.
type Refused struct {
	Lock  plugin.Digest `json:"lock"`
	Since time.Time     `json:"since"`
	Why   string        `json:"why"`
}

// Owes reports whether there is something to be run although nothing changes.
func (p *Plan) Owes() bool { return p.After != nil && !p.After.OwedSince.IsZero() }
