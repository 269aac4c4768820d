package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// Result is what an apply or a rollback did.
type Result struct {
	Plan *plan.Plan // that was carried out; nil for a rollback
	Done []plan.Change
	// Repaired is the folder that keeps what was replaced, where all that was done was
	// to repair: a rollback does not bring that back. "" otherwise.
	Repaired string
}

// Apply looks at the directory, whose lock the session has, makes the plan of in,
// whose Snapshot is left to it, and carries that out: all changes, or none if any
// cannot be made. What somebody approved is handed in; that it is not what there is to
// do now is a [*plan.StaleError], and nothing is changed. Nil approves anything.
//
// With KeepGoing it makes the changes that can be made, and the error joins a
// [*plugin.Error] for each that cannot. Cancelling ctx stops it as long as nothing is
// changed; past that it finishes, which takes milliseconds.
func (s *Session) Apply(ctx context.Context, in plan.Input, approved *plan.Plan) (*Result, error) {
	var err error
	if in.Snapshot, err = installed.Scan(ctx, s.state.Dir, installed.Options{Wanted: in.Wanted()}); err != nil {
		return nil, err
	}
	now, err := plan.Build(in)
	if err != nil {
		return nil, err
	}
	if approved != nil {
		if err := approved.Check(now); err != nil {
			return nil, err
		}
	}
	return s.carryOut(ctx, now)
}

func (s *Session) carryOut(ctx context.Context, p *plan.Plan) (*Result, error) {
	cannot := p.Err()
	if cannot != nil && !s.opts.KeepGoing {
		return nil, cannot
	}
	if p.Empty() {
		return &Result{Plan: p}, errors.Join(cannot, s.forget(p.Stale))
	}
	t, err := s.begin()
	if err != nil {
		return nil, errors.Join(err, t.discard())
	}
	ready, failed := t.stage(ctx, p.Changes)
	failed = errors.Join(cannot, failed)
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(err, t.discard())
	}
	if failed != nil && (!s.opts.KeepGoing || len(ready) == 0) {
		return nil, errors.Join(failed, t.discard())
	}
	steps, err := t.prepare(ctx, ready)
	if err == nil {
		t.mends, err = t.onlyMends(ready)
	}
	if err != nil {
		return nil, errors.Join(failed, err, t.discard())
	}
	if err := t.commit(context.WithoutCancel(ctx), steps); err != nil {
		return nil, errors.Join(failed, err)
	}
	t.warnOf(s.forget(p.Stale))
	result := &Result{Plan: p}
	for _, st := range ready {
		result.Done = append(result.Done, st.change)
	}
	if t.mends {
		result.Repaired = s.state.Repaired()
	}
	s.tell(result)
	return result, failed
}

// forget removes records whose folder is gone.
func (s *Session) forget(names []plugin.Name) error {
	for _, name := range names {
		if err := swap.Remove(s.state.Record(name)); err != nil {
			return fmt.Errorf("removing the record of %s: %w", name, err)
		}
	}
	return nil
}

// tell tells the observer what is done, once nothing can undo it.
func (s *Session) tell(r *Result) {
	for _, c := range r.Done {
		s.opts.Observe.Tell(plugin.CommitEvent{Plugin: c.Name, Action: string(c.Action), From: c.From, To: c.To})
	}
}

// prepare makes what is staged durable and lists what is to be done with it.
func (t *transaction) prepare(ctx context.Context, ready []*staged) ([]step, error) {
	if err := t.makeDurable(ctx, ready); err != nil {
		return nil, err
	}
	steps, err := t.steps(ready)
	if err != nil {
		return nil, err
	}
	return steps, ctx.Err()
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
func (t *transaction) commit(ctx context.Context, steps []step) error {
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

func (t *transaction) journal(steps []step) *journal {
	return &journal{FormatVersion: journalVersion, ID: t.id, Mends: t.mends, Steps: steps}
}

func undone(err error) bool {
	var commit *CommitError
	return !errors.As(err, &commit) || commit.Undone
}

// discardUnless throws away what is staged after an error, unless undoing needs it.
func (t *transaction) discardUnless(err error) error {
	if err == nil || !undone(err) {
		return err
	}
	return errors.Join(err, t.discard())
}

// warn tells where a host may find a plugin absent for a moment.
func (t *transaction) warn(steps []step) {
	if t.moves.exchange {
		return
	}
	for _, s := range steps {
		if s.plugin() != "" && s.New != "" && s.Old != "" {
			t.opts.Observe.Tell(plugin.WarningEvent{Message: "the file system of " + t.state.Dir +
				" cannot exchange two folders: while a plugin is replaced, a host may find it absent between two renames"})
			return
		}
	}
}

// tryCommit does the steps under a journal, or undoes them.
func (t *transaction) tryCommit(ctx context.Context, j *journal) error {
	if err := t.writePrevious(j); err != nil {
		return &CommitError{Err: err, Undone: true}
	}
	if err := t.syncStaging(); err != nil {
		return &CommitError{Err: err, Undone: true}
	}
	if err := j.write(t.state); err != nil {
		// Whether it is there is not known; with nothing done, removing it is undoing.
		removed := removeJournal(t.state)
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
func (t *transaction) tidy(j *journal) {
	err := j.keep(t.state)
	if err == nil {
		err = removeJournal(t.state)
	}
	t.warnOf(err)
}

// warnOf tells that tidying up failed, if it did.
func (t *transaction) warnOf(err error) {
	if err != nil {
		t.opts.Observe.Tell(plugin.WarningEvent{Message: "the changes are made, but not all is tidied up, which the next apply, rollback or recover does: " + err.Error()})
	}
}

// undo takes back a commit that failed.
func (t *transaction) undo(ctx context.Context, j *journal, cause error) error {
	err := turnBack(t.state)
	if err == nil {
		err = j.backward(ctx, t.moves)
	}
	if err == nil {
		err = removeJournal(t.state)
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
func (j *journal) forward(ctx context.Context, d directory) error {
	var fixed []int
	var first error
	for i, s := range j.Steps {
		err := d.forward(ctx, s)
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
	return j.sync(d.path)
}

// backward undoes every step, the last first, and makes it durable.
func (j *journal) backward(ctx context.Context, d directory) error {
	for i := len(j.Steps) - 1; i >= 0; i-- {
		if err := d.backward(ctx, j.Steps[i]); err != nil {
			return err
		}
	}
	return j.sync(d.path)
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
