package commit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// Change is what one name is to stand for: a folder, and the file that goes with it.
type Change struct {
	Name   string
	Folder *Durable // nil: none any more
	File   *File    // nil: none any more
}

// Commit makes the changes, all or none, and keeps what they replace for a rollback;
// with apart, beside what an earlier commit kept, which stays. The error is a
// [*CommitError] if anything was begun.
func (t *Transaction) Commit(ctx context.Context, changes []Change, apart bool) error {
	steps, err := t.steps(changes)
	if err != nil {
		return errors.Join(err, t.Discard())
	}
	t.apart = apart
	return t.commit(ctx, steps)
}

// CommitError says that swapping the new trees in failed. Undone tells whether
// everything is as it was; if not, the next apply, rollback or recover finishes
// the undoing.
type CommitError struct {
	Err    error
	Undone bool
}

func (e *CommitError) Error() string {
	if e.Undone {
		return fmt.Sprintf("making the changes failed, and they were undone: %s", e.Err)
	}
	return fmt.Sprintf("making the changes failed, and so did undoing them: %s", e.Err)
}

func (e *CommitError) Unwrap() error { return e.Err }

// commit does the steps. Where folders cannot even be renamed, it starts over
// with copies of them.
func (t *Transaction) commit(ctx context.Context, steps []step) error {
	t.warn(steps)
	err := t.tryCommit(ctx, t.journal(steps))
	var fixed *immovableError
	if err == nil || !errors.As(err, &fixed) || !undone(err) {
		return t.discardUnless(err)
	}
	for _, i := range fixed.steps {
		if err := t.copyAside(ctx, &steps[i]); err != nil {
			return t.discardUnless(&CommitError{Err: err, Undone: true})
		}
	}
	return t.discardUnless(t.tryCommit(ctx, t.journal(steps)))
}

func (t *Transaction) journal(steps []step) *journal {
	return &journal{FormatVersion: journalVersion, ID: t.id, Apart: t.apart, Marks: t.mark != nil, Steps: steps}
}

func undone(err error) bool {
	var commit *CommitError
	return !errors.As(err, &commit) || commit.Undone
}

// discardUnless throws away what is staged after an error, unless undoing needs it.
func (t *Transaction) discardUnless(err error) error {
	if err == nil || !undone(err) {
		return err
	}
	return errors.Join(err, t.Discard())
}

// warn tells where a reader may find a folder absent for a moment.
func (t *Transaction) warn(steps []step) {
	if t.moves.exchange {
		return
	}
	for _, s := range steps {
		if s.folder() != "" && s.New != "" && s.Old != "" {
			t.observe.Tell(plugin.WarningEvent{Message: "the file system of " + t.layout.dir +
				" cannot exchange two folders: while a plugin is replaced, a host may find it absent between two renames"})
			return
		}
	}
}

// tryCommit does the steps under a journal, or undoes them.
func (t *Transaction) tryCommit(ctx context.Context, j *journal) error {
	if err := t.writePrevious(j); err != nil {
		return &CommitError{Err: err, Undone: true}
	}
	if err := t.writeMark(); err != nil {
		return &CommitError{Err: err, Undone: true}
	}
	if err := t.syncStaging(); err != nil {
		return &CommitError{Err: err, Undone: true}
	}
	if err := j.write(t.layout); err != nil {
		// Whether it is there is not known; with nothing done, removing it is undoing.
		removed := removeJournal(t.layout)
		return &CommitError{Err: errors.Join(err, removed), Undone: removed == nil}
	}
	if err := j.forward(ctx, t.moves); err != nil {
		return t.undo(ctx, j, err)
	}
	t.tidy(j)
	return nil
}

// tidy keeps what was replaced and ends the transaction. All is done and durable by
// now: what fails here takes nothing of that back, and with the journal still there,
// the next session does it.
func (t *Transaction) tidy(j *journal) {
	err := j.keep(t.layout)
	if err == nil {
		t.rememberKept(j, Done)
		err = j.placeMark(t.layout)
	}
	if err == nil {
		err = removeJournal(t.layout)
	}
	t.Warn(err)
}

// Warn tells that tidying up failed, if it did.
func (t *Transaction) Warn(err error) {
	if err != nil {
		t.observe.Tell(plugin.WarningEvent{Message: "the changes are made, but not all is tidied up, which the next apply, rollback or recover does: " + err.Error()})
	}
}

// undo takes back a commit that failed.
func (t *Transaction) undo(ctx context.Context, j *journal, cause error) error {
	err := turnBack(t.layout)
	if err == nil {
		err = j.backward(ctx, t.moves)
	}
	if err == nil {
		if !errors.As(cause, new(*immovableError)) { // it starts over, and is one to the history
			t.remember(j, Undone)
		}
		err = removeJournal(t.layout)
	}
	return &CommitError{Err: errors.Join(cause, err), Undone: err == nil}
}

// immovableError says that what stands at the places of some steps cannot be
// renamed, as a folder of a lower layer of overlayfs.
type immovableError struct {
	steps []int
	err   error
}

func (e *immovableError) Error() string { return e.err.Error() }
func (e *immovableError) Unwrap() error { return e.err }

// forward does every step and makes it durable. Of the steps that cannot be done
// by renaming it finds all, so that starting over once is enough.
func (j *journal) forward(ctx context.Context, m mover) error {
	var fixed []int
	var first error
	for i, s := range j.Steps {
		err := m.forward(ctx, s)
		switch {
		case errors.Is(err, syscall.EXDEV) && !s.Copied:
			fixed = append(fixed, i)
			first = cmp.Or(first, err)
		case err != nil:
			return err
		}
	}
	if first != nil {
		return &immovableError{steps: fixed, err: first}
	}
	return j.sync(m.path)
}

// backward undoes every step, the last first, and makes it durable.
func (j *journal) backward(ctx context.Context, m mover) error {
	for i := len(j.Steps) - 1; i >= 0; i-- {
		if err := m.backward(ctx, j.Steps[i]); err != nil {
			return err
		}
	}
	return j.sync(m.path)
}

// sync makes every folder durable in which a name changed.
func (j *journal) sync(dir string) error {
	for _, parent := range j.parents(dir) {
		if err := swap.SyncDir(parent); err != nil {
			return err
		}
	}
	return nil
}
