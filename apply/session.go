package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// Options says how to change a plugin directory.
type Options struct {
	Access      *access.Access
	LockTimeout time.Duration // to wait for another process; 0: as long as it takes
	KeepGoing   bool          // plugins that fail are left, the others go on
	Observe     plugin.Observer
}

// Session is the exclusive right to change one plugin directory.
type Session struct {
	// Recovered is what Open did about an interrupted apply; nil if there was none.
	Recovered *Recovery

	state  installed.State
	opts   Options
	unlock func() error
}

// UnsafeStateError says that others than its owner could tamper with the state:
// what apply reads there, it acts on.
type UnsafeStateError struct {
	Path string
	Why  string
	// Owner is whose it would have to be; -1 where the mode is what is wrong.
	Owner int
}

func (e *UnsafeStateError) Error() string {
	return fmt.Sprintf("%s is not safe to use: %s", e.Path, e.Why)
}

// ErrLocked is found in the error for a directory that another process kept locked
// for longer than the timeout.
var ErrLocked = errors.New("another process is changing it")

// Open makes the plugin directory dir if it is missing, locks it, and finishes or
// undoes what an earlier run left. Close the session in the end.
func Open(ctx context.Context, dir string, o Options) (s *Session, err error) {
	s = &Session{state: installed.State{Dir: dir}, opts: o}
	if err := s.makeState(); err != nil {
		return nil, err
	}
	if s.unlock, err = s.lock(ctx); err != nil {
		return nil, err
	}
	if err = checkLinks(s.state); err == nil {
		err = s.recover(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.unlock())
	}
	if r := s.Recovered; r != nil {
		o.Observe.Tell(plugin.RecoverEvent{Undone: r.Undone, Plugins: r.Plugins})
	}
	return s, nil
}

// checkLinks refuses a state in which something is a link: whoever owns the plugin
// directory could have us, who may be root, change what it leads to.
func checkLinks(s installed.State) error {
	for _, path := range []string{
		s.Path(), s.Records(), s.Staging(), s.Previous(), filepath.Join(s.Previous(), "records"), s.Repaired(), quarantineOf(s),
		s.Lock(), s.Journal(), undoPath(s), previousJournal(s), nextJournal(s),
	} {
		info, err := os.Lstat(path)
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			err = &swap.LinkError{Path: path}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Close gives the right back.
func (s *Session) Close() error { return s.unlock() }

// makeState makes the folders of the state, and refuses ones that others could
// tamper with.
func (s *Session) makeState() error {
	if err := makePluginDir(s.state.Dir); err != nil {
		return err
	}
	if err := s.makeDir(s.state.Path(), 0o755); err != nil {
		return err
	}
	if err := checkOwner(s.state); err != nil {
		return err
	}
	return errors.Join(s.makeDir(s.state.Records(), 0o755), s.makeDir(s.state.Staging(), 0o700))
}

// makePluginDir makes the plugin directory, which may be a link to a folder, so
// that another user may plan, list and verify, whatever the umask.
func makePluginDir(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && !info.IsDir():
		return &installed.NotADirectoryError{Path: dir, Mode: info.Mode()}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := installed.CheckDir(dir); err != nil {
		return err
	}
	if err := makeDirs(filepath.Dir(dir)); err != nil {
		return err
	}
	return makeDir(dir, 0o755)
}

// makeDirs makes the folder at path and those above it that are missing, durably:
// what is installed below must not be lost with one of their names.
func makeDirs(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	above := filepath.Dir(path)
	if err := makeDirs(above); err != nil {
		return err
	}
	if err := makeDir(path, 0o755); err != nil {
		return err
	}
	return swap.SyncDir(above)
}

// makeDir makes a folder of the state, unless there is one.
func (s *Session) makeDir(path string, mode os.FileMode) error {
	there, err := exists(path)
	if err != nil {
		return err
	}
	if err := makeDir(path, mode); err != nil || there {
		return err
	}
	return adopt(s.state, path)
}

// makeDir makes a folder with just this mode, unless there is one.
func makeDir(path string, mode os.FileMode) error {
	err := os.Mkdir(path, mode)
	if errors.Is(err, fs.ErrExist) {
		info, err := os.Lstat(path)
		switch {
		case err == nil && info.Mode()&fs.ModeSymlink != 0:
			err = &swap.LinkError{Path: path}
		case err == nil && !info.IsDir():
			err = &installed.NotADirectoryError{Path: path, Mode: info.Mode()}
		}
		return err
	}
	if err != nil {
		return err
	}
	return chmodFolder(path, mode)
}

// lock waits for the lock on the directory.
func (s *Session) lock(ctx context.Context) (unlock func() error, err error) {
	// Checked first for the message's sake alone.
	if err := checkLinks(s.state); err != nil {
		return nil, err
	}
	l := flock.New(s.state.Lock(), flock.SetFlag(os.O_CREATE|os.O_RDWR|noFollow), flock.SetPermissions(0o644))
	locked, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", s.state.Dir, err)
	}
	if locked {
		return l.Close, adopt(s.state, s.state.Lock())
	}
	s.opts.Observe.Tell(plugin.WaitEvent{Path: s.state.Dir})
	waiting := ctx
	if s.opts.LockTimeout > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, s.opts.LockTimeout)
		defer cancel()
	}
	const pause = 50 * time.Millisecond
	if locked, err = l.TryLockContext(waiting, pause); locked {
		return l.Close, adopt(s.state, s.state.Lock())
	}
	if ctx.Err() == nil && waiting.Err() != nil {
		err = ErrLocked
	}
	return nil, fmt.Errorf("locking %s: %w", s.state.Dir, err)
}
