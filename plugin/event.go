package plugin

import "sync/atomic"

// Event is something a person may want to see while a lock or an apply runs. It
// is one of the struct types of this package whose names end in Event.
type Event interface{ event() }

// Observer is told of events, possibly from several goroutines at once. A nil
// Observer is told nothing.
type Observer func(Event)

// Tell calls o, if there is one.
func (o Observer) Tell(e Event) {
	if o != nil {
		o(e)
	}
}

// Step tells that a step begins that is to be taken total times; done tells of each, and
// may be called by several goroutines at once.
func (o Observer) Step(s Step, total int) (done func()) {
	if o == nil || total == 0 {
		return func() {}
	}
	o(StepEvent{Step: s, Total: total})
	var taken atomic.Int64
	return func() { o(StepEvent{Step: s, Done: int(taken.Add(1)), Total: total}) }
}

// FetchEvent tells how far a download is. Total is -1 where it is not known;
// Done is told once, after the last byte.
type FetchEvent struct {
	Plugin    Name
	URL       string
	Bytes     int64
	Total     int64
	Done      bool
	FromCache bool // Done at once, nothing was downloaded
}

// StepEvent tells how far a step is that is taken for each of several plugins. It is told
// when the step begins, with Done 0, and when it is taken for one of them.
type StepEvent struct {
	Step        Step
	Done, Total int
}

// Step is a part of a run that takes time.
type Step string

// The steps.
const (
	StepVersions Step = "versions" // the sources are asked for versions
	StepPackages Step = "packages" // packages are looked at, to lock them
	StepStage    Step = "stage"    // packages are staged and verified, to apply them
)

// HeldBackEvent tells of a newer version that locking did not choose.
type HeldBackEvent struct {
	Plugin  Name
	Version Version // that is locked
	Newest  Version // that exists; a prerelease where one is locked, or all are
	// Allowed is the newest that an upgrade of the plugin may choose; zero where there is none.
	Allowed Version
	Why     []string // in words, why Newest is not chosen; none where it is only that nobody asked for an upgrade
}

// StageEvent tells that a plugin's new tree is staged and verified.
type StageEvent struct {
	Plugin  Name
	Version Version
}

// CommitEvent tells that a change is made: Action is the plan's word for it.
type CommitEvent struct {
	Plugin   Name
	Action   string
	From, To Version
}

// LockEvent tells what locking decided of a plugin: Action is "add", "change",
// "remove" or "keep".
type LockEvent struct {
	Plugin   Name
	Action   string
	From, To Version
	Why      string   // in words, why it is not as it was; "" where an upgrade was asked for
	Notes    string   // where people read what is new; "" where that is not known
	Started  []string // capabilities that it did not declare before: "cliCommands (authz)"
	Stopped  []string // that it does not declare any more
	Unread   error    // why it is not known what it declared before; nil where it is
}

// WaitEvent tells that another process holds the lock on Path.
type WaitEvent struct {
	Path   string
	Holder Holder // who says that they hold it
}

// RecoverEvent tells what was done about an apply that was interrupted.
type RecoverEvent struct {
	Undone  bool   // it was undone; otherwise it was finished
	Plugins []Name // that it was to change; sorted
}

// WarningEvent tells of something that is not wrong enough to stop for.
type WarningEvent struct {
	Plugin  Name // "" where it is not about one plugin
	Message string
}

func (FetchEvent) event()    {}
func (StepEvent) event()     {}
func (StageEvent) event()    {}
func (CommitEvent) event()   {}
func (LockEvent) event()     {}
func (HeldBackEvent) event() {}
func (WaitEvent) event()     {}
func (RecoverEvent) event()  {}
func (WarningEvent) event()  {}
