package apply

import (
	"context"
	"time"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/commit"
	"github.com/plugins-hcl/plugins/internal/tree"
	"github.com/plugins-hcl/plugins/plugin"
)

// Options says how to change a plugin directory.
type Options struct {
	Access      *access.Access
	LockTimeout time.Duration // to wait for another process; 0: as long as it takes
	KeepGoing   bool          // plugins that fail are left, the others go on
	Owes        bool          // what is committed owes the host that it hears of it: see [Session.Host]
	Observe     plugin.Observer
}

// Session is the exclusive right to change one plugin directory.
type Session struct {
	// Recovered is what Open did about an interrupted apply; nil if there was none.
	Recovered *Recovery

	state     installed.State
	opts      Options
	directory *commit.Directory
}

// Recovery is what opening a session did about an interrupted apply.
type Recovery struct {
	Undone  bool          // it was undone; otherwise it was finished
	Plugins []plugin.Name // that it was to change; sorted
}

// Open makes the plugin directory dir if it is missing, locks it, and finishes or
// undoes what an earlier run left. Close the session in the end.
func Open(ctx context.Context, dir string, o Options) (*Session, error) {
	d, err := commit.Open(ctx, dir, commit.Options{LockTimeout: o.LockTimeout, Observe: o.Observe})
	if err != nil {
		return nil, err
	}
	s := &Session{state: installed.State{Dir: dir}, opts: o, directory: d}
	if r := d.Recovered; r != nil {
		s.Recovered = &Recovery{Undone: r.Undone}
		for _, name := range r.Names {
			s.Recovered.Plugins = append(s.Recovered.Plugins, plugin.Name(name))
		}
		o.Observe.Tell(plugin.RecoverEvent{Undone: r.Undone, Plugins: s.Recovered.Plugins})
	}
	return s, nil
}

// Close gives the right back.
func (s *Session) Close() error { return s.directory.Close() }

// What may go wrong while names are committed; package commit tells.
type (
	// UnsafeStateError says that others than its owner could tamper with the state:
	// what apply reads there, it acts on.
	UnsafeStateError = commit.UnsafeStateError
	// JournalError says that a journal cannot be used: an apply was interrupted, and
	// how far it was is not known.
	JournalError = commit.JournalError
	// UnknownStateError says that what an interrupted apply left is neither what was
	// there before nor what it was to become, so that recovery dares not touch it.
	UnknownStateError = commit.UnknownStateError
	// CommitError says that swapping the new trees in failed, and whether all is as
	// it was.
	CommitError = commit.CommitError
	// LockedError says that another process kept a directory locked for longer than the
	// timeout, and who that is, as far as it is known. It is [ErrLocked].
	LockedError = commit.LockedError
	// MountPointError says that something is mounted where a plugin is to be changed.
	MountPointError = commit.MountPointError
	// KeptOwnerError says that a kept file could not be carried over, since only root
	// can make the copy belong to whom the file belongs to.
	KeptOwnerError = tree.OwnerError
)

var (
	// ErrLocked is found in the error for a directory that another process kept
	// locked for longer than the timeout.
	ErrLocked = commit.ErrLocked
	// ErrNothingPrevious says that there is nothing to roll back to.
	ErrNothingPrevious = commit.ErrNothingPrevious
)
