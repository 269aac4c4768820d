package apply

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// Recovery is what opening a session did about an interrupted apply.
type Recovery struct {
	Undone  bool          // it was undone; otherwise it was finished
	Plugins []plugin.Name // that it was to change; sorted
}

// recover finishes or undoes what a killed apply left, and removes what was only
// staged.
func (s *Session) recover(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	j, err := readJournal(s.state, s.state.Journal())
	if err != nil {
		return err
	}
	if j != nil {
		if err := s.drive(ctx, j); err != nil {
			return err
		}
		s.Recovered = &Recovery{Undone: j.Back, Plugins: j.plugins()}
	}
	return errors.Join(s.clean(), sweep(s.state))
}

func (j *journal) plugins() []plugin.Name {
	var names []plugin.Name
	for _, s := range j.Steps {
		if n := s.plugin(); n != "" {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// drive takes a journal to its end.
func (s *Session) drive(ctx context.Context, j *journal) error {
	kept, err := j.isKept(s.state)
	if err != nil {
		return err
	}
	if kept {
		return removeJournal(s.state)
	}
	moves, err := s.probe(s.state.Staging())
	if err != nil {
		return err
	}
	unknown, err := j.driveAll(ctx, moves)
	if errors.Is(err, syscall.EXDEV) && !j.Back {
		// Killed before it could find that a folder cannot be renamed: it would have
		// undone all and started over, with a copy.
		if err := turnBack(s.state); err != nil {
			return err
		}
		j.Back = true
		unknown, err = j.driveAll(ctx, moves)
	}
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		return s.quarantine(j, unknown)
	}
	if !j.Back {
		if err := j.keep(s.state); err != nil {
			return err
		}
	}
	return removeJournal(s.state)
}

// driveAll does or undoes every step, and lists those that are in no state that
// the transaction could have left. They do not stop the others.
func (j *journal) driveAll(ctx context.Context, d directory) (unknown []*UnknownStateError, err error) {
	steps, move := slices.Clone(j.Steps), d.forward
	if j.Back {
		slices.Reverse(steps)
		move = d.backward
	}
	for _, st := range steps {
		var u *UnknownStateError
		if err := move(ctx, st); errors.As(err, &u) {
			unknown = append(unknown, u)
		} else if err != nil {
			return nil, err
		}
	}
	return unknown, j.sync(d.path)
}

// quarantineOf is the folder of what a recovery did not know what to do with.
func quarantineOf(s installed.State) string { return filepath.Join(s.Path(), "quarantine") }

// quarantine keeps all that an apply had staged and replaced, for a person to look
// at, and ends the transaction: what stands in the plugin directory is left alone,
// and the next apply starts from it.
func (s *Session) quarantine(j *journal, unknown []*UnknownStateError) error {
	into := quarantineOf(s.state)
	if err := makeDir(into, 0o700); err != nil {
		return err
	}
	into = filepath.Join(into, j.ID)
	from := filepath.Join(s.state.Staging(), j.ID)
	if j.isRollback() {
		from = s.state.Previous()
	}
	err := swap.Rename(from, into)
	if errors.Is(err, syscall.EXDEV) {
		// A folder of an image's layer stays where it is; nothing in it is to be swept away.
		err, into = nil, from
		if j.isRollback() {
			err = swap.Remove(previousJournal(s.state))
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := errors.Join(swap.SyncDir(filepath.Dir(into)), swap.SyncDir(s.state.Path()), removeJournal(s.state), s.clean()); err != nil {
		return err
	}
	var all error
	for _, u := range unknown {
		u.Kept = into
		all = errors.Join(all, u)
	}
	return all
}

// clean removes what lies in staging, and what a cut off write left beside it.
func (s *Session) clean() error {
	err := removeEntries(s.state.Staging(), func(string) bool { return true })
	temporary := func(name string) bool { return strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".tmp") }
	for _, dir := range []string{s.state.Path(), s.state.Records(), s.state.Previous()} {
		err = errors.Join(err, removeEntries(dir, temporary))
	}
	return errors.Join(err, os.RemoveAll(undoPath(s.state)), os.RemoveAll(nextJournal(s.state)))
}

func removeEntries(dir string, which func(name string) bool) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if which(e.Name()) {
			err = errors.Join(err, removeAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}
