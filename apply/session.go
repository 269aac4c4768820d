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
	if err := s.recover(ctx); err != nil {
		return nil, errors.Join(err, s.unlock())
	}
	if r := s.Recovered; r != nil {
		o.Observe.Tell(plugin.RecoverEvent{Undone: r.Undone, Plugins: r.Plugins})
	}
	return s, nil
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
		if err == nil && !info.IsDir() {
			err = &installed.NotADirectoryError{Path: path, Mode: info.Mode()}
		}
		return err
	}
	if err != nil {
		return err
	}
	return os.Chmod(path, mode)
}

// lock waits for the lock on the directory.
func (s *Session) lock(ctx context.Context) (unlock func() error, err error) {
	l := flock.New(s.state.Lock(), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o644))
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
