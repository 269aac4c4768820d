package commit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/plugins-hcl/plugins/internal/holder"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// Options says how to open a directory.
type Options struct {
	LockTimeout time.Duration // to wait for another process; 0: as long as it takes
	Observe     plugin.Observer
}

// Directory is the exclusive right to change what the names in one directory stand for.
type Directory struct {
	// Recovered is what Open did about an interrupted commit; nil if there was none.
	Recovered *Recovery

	layout  layout
	observe plugin.Observer
	unlock  func() error
	told    bool // who holds the lock
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

// LockedError says that another process kept a directory locked for longer than the
// timeout. It is [ErrLocked].
type LockedError struct {
	Dir    string
	Holder plugin.Holder // who says that they hold it
}

func (e *LockedError) Error() string {
	text := fmt.Sprintf("locking %s: %s", e.Dir, ErrLocked)
	if !e.Holder.IsZero() {
		text += " (" + e.Holder.String() + ")"
	}
	return text
}

// Is makes it [ErrLocked].
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// Open makes the directory dir if it is missing, locks it, and finishes or undoes what
// an earlier run left. Close it in the end.
func Open(ctx context.Context, dir string, o Options) (d *Directory, err error) {
	d = &Directory{layout: layout{dir}, observe: o.Observe}
	if err := d.layout.make(); err != nil {
		return nil, err
	}
	if d.unlock, err = d.lock(ctx, o.LockTimeout); err != nil {
		return nil, err
	}
	if err = d.layout.checkLinks(); err == nil {
		err = d.recover(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, d.unlock())
	}
	return d, nil
}

// Close gives the right back.
func (d *Directory) Close() error { return d.unlock() }

// Repaired is the folder of what the last repair replaced, where that left alone what a
// rollback puts back.
func (d *Directory) Repaired() string { return d.layout.repaired() }

// checkLinks refuses a state in which something is a link: whoever owns the directory
// could have us, who may be root, change what it leads to.
func (l layout) checkLinks() error {
	for _, path := range []string{
		l.state(), l.files(), l.staging(), l.previous(), filepath.Join(l.previous(), FilesDir), l.repaired(), l.quarantine(), l.history(),
		l.lock(), l.journal(), l.undo(), l.previousJournal(), l.nextJournal(), l.mark(), l.nextMark(),
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

// make makes the directory and the folders of its state, and refuses ones that others
// could tamper with.
func (l layout) make() error {
	if err := makeDirectory(l.dir); err != nil {
		return err
	}
	if err := l.makeDir(l.state(), 0o755); err != nil {
		return err
	}
	if err := l.checkOwner(); err != nil {
		return err
	}
	return errors.Join(l.makeDir(l.files(), 0o755), l.makeDir(l.staging(), 0o700))
}

// makeDirectory makes the directory itself, which may be a link to a folder, so
// that another user may plan, list and verify, whatever the umask.
func makeDirectory(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && !info.IsDir():
		return &swap.NotADirectoryError{Path: dir, Mode: info.Mode()}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := swap.CheckDir(dir); err != nil {
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
func (l layout) makeDir(path string, mode os.FileMode) error {
	there, err := exists(path)
	if err != nil {
		return err
	}
	if err := makeDir(path, mode); err != nil || there {
		return err
	}
	return l.adopt(path)
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
			err = &swap.NotADirectoryError{Path: path, Mode: info.Mode()}
		}
		return err
	}
	if err != nil {
		return err
	}
	return chmodFolder(path, mode)
}

// lock waits for the lock on the directory; timeout 0 is for as long as it takes.
func (d *Directory) lock(ctx context.Context, timeout time.Duration) (unlock func() error, err error) {
	// Checked first for the message's sake alone.
	if err := d.layout.checkLinks(); err != nil {
		return nil, err
	}
	at := d.layout.lock()
	l := flock.New(at, flock.SetFlag(os.O_CREATE|os.O_RDWR|noFollow), flock.SetPermissions(0o644))
	locked, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", d.layout.dir, err)
	}
	if locked {
		return d.unlocker(l), d.layout.adopt(at)
	}
	d.observe.Tell(plugin.WaitEvent{Path: d.layout.dir, Holder: holder.Read(at)})
	waiting := ctx
	if timeout > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	const pause = 50 * time.Millisecond
	if locked, err = l.TryLockContext(waiting, pause); locked {
		return d.unlocker(l), d.layout.adopt(at)
	}
	if ctx.Err() == nil && waiting.Err() != nil {
		return nil, &LockedError{Dir: d.layout.dir, Holder: holder.Read(at)}
	}
	return nil, fmt.Errorf("locking %s: %w", d.layout.dir, err)
}

// tellHolder tells in the lock's file who holds it, until that is unlocked.
func (d *Directory) tellHolder() {
	holder.Write(d.layout.lock(), holder.Current())
	d.told = true
}

func (d *Directory) unlocker(l *flock.Flock) (unlock func() error) {
	return func() error {
		if d.told {
			holder.Clear(d.layout.lock())
		}
		return l.Close()
	}
}
