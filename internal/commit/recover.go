package commit

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/internal/tree"
)

// Recovery is what opening a session did about an interrupted apply.
type Recovery struct {
	Undone bool     // it was undone; otherwise it was finished
	Names  []string // of the folders that it was to change; sorted
}

// recover finishes or undoes what a killed apply left, and removes what was only
// staged.
func (d *Directory) recover(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	j, err := readJournal(d.layout, d.layout.journal())
	if err != nil {
		return err
	}
	d.tellHolder() // not before: with a journal that cannot be used, nothing is touched
	if j != nil {
		if err := d.drive(ctx, j); err != nil {
			return err
		}
		d.Recovered = &Recovery{Undone: j.Back, Names: j.names()}
	}
	d.rememberOverlooked()
	return errors.Join(d.clean(), sweep(d.layout))
}

func (j *journal) names() []string {
	var names []string
	for _, s := range j.Steps {
		if n := s.folder(); n != "" {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// drive takes a journal to its end.
func (d *Directory) drive(ctx context.Context, j *journal) error {
	kept, err := j.isKept(d.layout)
	if err != nil {
		return err
	}
	if kept {
		return d.finish(j)
	}
	moves, err := d.layout.probe(d.layout.staging())
	if err != nil {
		return err
	}
	unknown, err := j.driveAll(ctx, moves)
	if errors.Is(err, syscall.EXDEV) && !j.Back {
		// Killed before it could find that a folder cannot be renamed: it would have
		// undone all and started over, with a copy.
		if err := turnBack(d.layout); err != nil {
			return err
		}
		j.Back = true
		unknown, err = j.driveAll(ctx, moves)
	}
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		return d.quarantine(j, unknown)
	}
	if !j.Back {
		if err := j.keep(d.layout); err != nil {
			return err
		}
		return d.finish(j)
	}
	d.remember(j, Undone)
	return removeJournal(d.layout)
}

// finish ends a transaction of which all is done and kept.
func (d *Directory) finish(j *journal) error {
	d.rememberKept(j, Finished)
	if err := j.placeMark(d.layout); err != nil {
		return err
	}
	return removeJournal(d.layout)
}

// driveAll does or undoes every step, and lists those that are in no state that
// the transaction could have left. They do not stop the others.
func (j *journal) driveAll(ctx context.Context, m mover) (unknown []*UnknownStateError, err error) {
	steps, move := slices.Clone(j.Steps), m.forward
	if j.Back {
		slices.Reverse(steps)
		move = m.backward
	}
	for _, st := range steps {
		var u *UnknownStateError
		if err := move(ctx, st); errors.As(err, &u) {
			unknown = append(unknown, u)
		} else if err != nil {
			return nil, err
		}
	}
	return unknown, j.sync(m.path)
}

// quarantine keeps all that an apply had staged and replaced, for a person to look
// at, and ends the transaction: what stands in the plugin directory is left alone,
// and the next apply starts from it.
func (d *Directory) quarantine(j *journal, unknown []*UnknownStateError) error {
	d.remember(j, Quarantined)
	into := d.layout.quarantine()
	if err := makeDir(into, 0o700); err != nil {
		return err
	}
	into = filepath.Join(into, j.ID)
	from := filepath.Join(d.layout.staging(), j.ID)
	if j.isRollback() {
		from = d.layout.previous()
	}
	err := swap.Rename(from, into)
	if errors.Is(err, syscall.EXDEV) {
		// A folder of an image's layer stays where it is; nothing in it is to be swept away.
		err, into = nil, from
		if j.isRollback() {
			err = swap.Remove(d.layout.previousJournal())
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !j.Back { // some of the changes may be made
		if err := j.placeMark(d.layout); err != nil {
			return err
		}
	}
	if err := errors.Join(swap.SyncDir(filepath.Dir(into)), swap.SyncDir(d.layout.state()), removeJournal(d.layout), d.clean()); err != nil {
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
func (d *Directory) clean() error {
	err := removeEntries(d.layout.staging(), func(string) bool { return true })
	temporary := func(name string) bool { return strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".tmp") }
	for _, dir := range []string{d.layout.state(), d.layout.files(), d.layout.previous(), d.layout.history()} {
		err = errors.Join(err, removeEntries(dir, temporary))
	}
	return errors.Join(err, os.RemoveAll(d.layout.undo()), os.RemoveAll(d.layout.nextJournal()), os.RemoveAll(d.layout.nextMark()))
}

func removeEntries(dir string, which func(name string) bool) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if which(e.Name()) {
			err = errors.Join(err, tree.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}
