package apply

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// Result is what an apply did.
type Result struct {
	Done []plan.Change
}

// Apply makes the changes of p: all, or none if any cannot be made. With KeepGoing
// it makes those that can be, and the error joins a [*plugin.Error] for each that
// cannot. Cancelling ctx stops it as long as nothing is changed; past that it
// finishes, which takes milliseconds.
func (s *Session) Apply(ctx context.Context, p *plan.Plan) (*Result, error) {
	if p.Empty() {
		return &Result{}, nil
	}
	t, err := s.begin()
	if err != nil {
		return nil, errors.Join(err, t.discard())
	}
	ready, failed := t.stage(ctx, p.Changes)
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(err, t.discard())
	}
	if failed != nil && (!s.opts.KeepGoing || len(ready) == 0) {
		return nil, errors.Join(failed, t.discard())
	}
	if err := t.commit(context.WithoutCancel(ctx), ready); err != nil {
		return nil, errors.Join(failed, err)
	}
	result := &Result{}
	for _, st := range ready {
		result.Done = append(result.Done, st.change)
		c := st.change
		s.opts.Observe.Tell(plugin.CommitEvent{Plugin: c.Name, Action: string(c.Action), From: c.From, To: c.To})
	}
	return result, failed
}

// discard throws a transaction away that changed nothing.
func (t *transaction) discard() error {
	if err := os.RemoveAll(t.dir); err != nil {
		return fmt.Errorf("removing what was staged: %w", err)
	}
	return nil
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

// commit swaps everything that is staged in, and cleans up.
func (t *transaction) commit(ctx context.Context, ready []staged) error {
	j := &journal{FormatVersion: journalVersion, ID: t.id}
	for _, st := range ready {
		j.Steps = append(j.Steps, st.steps...)
	}
	if err := t.syncStaging(); err != nil {
		return errors.Join(err, t.discard())
	}
	if err := j.write(t.state); err != nil {
		// Whether the journal is there is not known; without it, nothing happened.
		return errors.Join(err, removeJournal(t.state), t.discard())
	}
	if err := j.forward(ctx, t.state.Dir); err != nil {
		return t.undo(ctx, j, err)
	}
	if err := removeJournal(t.state); err != nil {
		return err
	}
	return t.keepPrevious(j)
}

// syncStaging makes the names in staging durable; the trees are already.
func (t *transaction) syncStaging() error {
	for _, dir := range []string{filepath.Join(t.dir, "records"), t.dir, t.state.Staging(), t.state.Path(), t.state.Dir} {
		if err := swap.SyncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// undo takes back a commit that failed.
func (t *transaction) undo(ctx context.Context, j *journal, cause error) error {
	err := turnBack(t.state)
	if err == nil {
		err = j.backward(ctx, t.state.Dir)
	}
	if err == nil {
		err = errors.Join(removeJournal(t.state), t.discard())
	}
	return &CommitError{Err: errors.Join(cause, err), Undone: err == nil}
}

// forward does every step and makes it durable.
func (j *journal) forward(ctx context.Context, dir string) error {
	for _, s := range j.Steps {
		if err := s.forward(ctx, dir); err != nil {
			return err
		}
	}
	return j.sync(dir)
}

// backward undoes every step, the last first, and makes it durable.
func (j *journal) backward(ctx context.Context, dir string) error {
	for i := len(j.Steps) - 1; i >= 0; i-- {
		if err := j.Steps[i].backward(ctx, dir); err != nil {
			return err
		}
	}
	return j.sync(dir)
}

// sync makes every folder durable in which a name changed.
func (j *journal) sync(dir string) error {
	seen := map[string]bool{}
	for _, s := range j.Steps {
		for _, p := range []string{s.Live, s.New, s.Old} {
			parent := filepath.Dir(abs(dir, p))
			if p == "" || seen[parent] {
				continue
			}
			seen[parent] = true
			if err := swap.SyncDir(parent); err != nil {
				return err
			}
		}
	}
	return nil
}
