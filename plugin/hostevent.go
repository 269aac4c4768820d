package plugin

import "time"

// OnChangeEvent tells of the command that tells the host of a change: that it begins,
// and, with Done, how it ended.
type OnChangeEvent struct {
	Command []string  // as it may be shown
	Owed    time.Time // since when it was owed, where it was not this run that changed something; else zero
	Done    bool
	Err     error // nil where it did well
}

// HealthEvent tells how one try to find the host well ended.
type HealthEvent struct {
	Command    []string // as it may be shown
	Try, Tries int      // the first is 1
	Err        error    // nil where the host is well
}

// TurnBackEvent tells that what an apply did is being undone, since the host is not well.
type TurnBackEvent struct {
	Plugins []Name // sorted
	Why     string // one line
}

func (OnChangeEvent) event() {}
func (HealthEvent) event()   {}
func (TurnBackEvent) event() {}
