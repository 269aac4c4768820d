package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

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
	// Staged is how many new trees were staged and verified, and Took how long they, and
	// all that was removed, took to be swapped in, made durable and recorded.
	Staged int
	Took   time.Duration
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
	return s.apply(ctx, in, approved, Entry{Command: commandApply})
}

// Restore is [Session.Apply] of a plan that makes the set of an entry of the history be
// there again; in is made from that entry.
func (s *Session) Restore(ctx context.Context, in plan.Input, approved *plan.Plan, set Entry) (*Result, error) {
	return s.apply(ctx, in, approved, Entry{Command: fmt.Sprintf("%s --to %d", commandRollback, set.ID), Lock: set.Lock})
}

// apply tells the history of what it does by entry.
func (s *Session) apply(ctx context.Context, in plan.Input, approved *plan.Plan, entry Entry) (*Result, error) {
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
	if entry.Command == commandApply {
		entry.Lock = now.Inputs.Lock
	}
	entry.Plugins = in.Snapshot.Pins()
	return s.carryOut(ctx, now, entry)
}

// carryOut carries out a plan; entry has the set that is there before.
func (s *Session) carryOut(ctx context.Context, p *plan.Plan, entry Entry) (*Result, error) {
	cannot := p.Err()
	if cannot != nil && !s.opts.KeepGoing {
		return nil, cannot
	}
	if p.Empty() {
		return &Result{Plan: p}, errors.Join(cannot, s.forget(p.Stale))
	}
	t, err := s.begin()
	if err != nil {
		return nil, errors.Join(err, t.Discard())
	}
	ready, failed := t.stage(ctx, p.Changes)
	failed = errors.Join(cannot, failed)
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(err, t.Discard())
	}
	if failed != nil && (!s.opts.KeepGoing || len(ready) == 0) {
		return nil, errors.Join(failed, t.Discard())
	}
	changes, err := t.prepare(ctx, ready)
	var mends bool
	if err == nil {
		mends, err = s.onlyMends(ready)
	}
	result := &Result{Plan: p}
	for _, st := range ready {
		result.Done = append(result.Done, st.change)
		if st.tree != nil {
			result.Staged++
		}
	}
	if err == nil {
		entry.Plugins = pinsAfter(entry.Plugins, ready)
		err = t.note(&entry, result.Done)
	}
	if err == nil {
		err = t.owe(entry, result.Done, nil)
	}
	if err != nil {
		return nil, errors.Join(failed, err, t.Discard())
	}
	began := time.Now()
	if err := t.Commit(context.WithoutCancel(ctx), changes, mends); err != nil {
		return nil, errors.Join(failed, err)
	}
	result.Took = time.Since(began)
	t.Warn(s.forget(p.Stale))
	if mends && slices.ContainsFunc(result.Done, func(c plan.Change) bool { return c.Action == plan.Repair }) {
		result.Repaired = s.directory.Repaired()
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
