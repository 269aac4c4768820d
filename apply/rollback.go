package apply

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/commit"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// ErrNothingLeft says that a rollback would change nothing.
var ErrNothingLeft = errors.New("there is nothing to roll back: the last apply replaced nothing, and what it added is gone already")

// PlanRollback tells what a rollback of the plugin directory dir would change,
// sorted by name. It changes nothing.
//
// What a change puts back may not be what a plan would install, and its reasons say so:
// [plan.Files] is a copy whose files had changed, and Files says how; [plan.Foreign] a
// folder that this program had not installed; [plan.Digest] one of the same version
// from another package.
func PlanRollback(ctx context.Context, dir string) ([]plan.Change, error) {
	s := installed.State{Dir: dir}
	const attempts = 10
	for i := 1; ; i++ {
		steps, err := inverse(ctx, s)
		var changes []plan.Change
		if err == nil {
			changes, err = rollbackChanges(ctx, s, steps)
		}
		// What vanishes while it is looked at, another process is just moving.
		if err == nil || i == attempts || !errors.Is(err, fs.ErrNotExist) {
			return changes, err
		}
	}
}

// Rollback puts back what the last apply, or rollback, replaced, removed or added:
// all of it, or nothing. Files that keep names for a plugin are carried over; for one
// that it does not name, those that were kept when it was installed. What is rolled
// back is kept in its turn, so that a rollback can itself be rolled back.
func (s *Session) Rollback(ctx context.Context, keep map[plugin.Name][]string) (*Result, error) {
	return s.rollback(ctx, keep, commandRollback, nil)
}

// rollback tells the history that it was this command, and refuses a lock from then on.
func (s *Session) rollback(ctx context.Context, keep map[plugin.Name][]string, command string, refused *Refused) (*Result, error) {
	steps, err := inverse(ctx, s.state)
	if err != nil {
		return nil, err
	}
	changes, err := rollbackChanges(ctx, s.state, steps)
	if err != nil {
		return nil, err
	}
	t, err := s.begin()
	if err != nil {
		return nil, errors.Join(err, t.Discard())
	}
	for i := range steps {
		if steps[i], err = t.withKept(ctx, steps[i], keep); err != nil {
			return nil, errors.Join(&plugin.Error{Plugin: plugin.Name(steps[i].Folder()), Err: err}, t.Discard())
		}
	}
	entry := Entry{Command: command}
	if entry.Plugins, err = pinsPutBack(s.state, steps); err != nil {
		s.opts.Observe.Tell(plugin.WarningEvent{Message: "the history will not know the set that is put back: " + err.Error()})
	}
	err = t.note(&entry, changes)
	if err == nil {
		err = t.owe(entry, changes, refused)
	}
	if err = errors.Join(err, ctx.Err()); err != nil {
		return nil, errors.Join(err, t.Discard())
	}
	began := time.Now()
	if err := t.PutBack(context.WithoutCancel(ctx), steps); err != nil {
		return nil, err
	}
	result := &Result{Done: changes, Took: time.Since(began)}
	s.tell(result)
	return result, nil
}

// inverse lists the steps that undo those of the last apply. A folder without our
// record is somebody else's.
func inverse(ctx context.Context, s installed.State) ([]commit.Back, error) {
	return commit.Inverse(ctx, s.Dir, func(name string) (bool, error) {
		now, err := s.Look(ctx, plugin.Name(name))
		return now.Record != nil, err
	})
}

// withKept makes a step put back a copy of what it was to put back, with the files
// that the plugin keeps now.
func (t *transaction) withKept(ctx context.Context, st commit.Back, keep map[plugin.Name][]string) (commit.Back, error) {
	name := plugin.Name(st.Folder())
	if name == "" || st.Returns() == "" || !st.Goes() {
		return st, nil
	}
	state := t.session.state
	patterns, told := keep[name]
	if !told {
		r, _, err := state.ReadRecord(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return st, err
		}
		if r != nil {
			patterns = r.Keep
		}
	}
	if len(patterns) == 0 {
		return st, nil
	}
	return t.Change(ctx, st, func(dir string) error { return carryOver(ctx, state.Plugin(name), dir, patterns) })
}

// rollbackChanges are steps as changes: of a plugin's folder, with the versions
// that the two plugin.json say.
func rollbackChanges(ctx context.Context, state installed.State, steps []commit.Back) ([]plan.Change, error) {
	records := map[plugin.Name]commit.Back{}
	for _, s := range steps {
		if n := plugin.Name(s.File()); n != "" {
			records[n] = s
		}
	}
	var changes []plan.Change
	for _, s := range steps {
		if s.Folder() == "" {
			continue
		}
		c := plan.Change{Name: plugin.Name(s.Folder()), Reasons: []plan.Reason{}}
		if s.Goes() {
			c.From = versionAt(state.Dir, s.Live())
			now, err := state.Look(ctx, c.Name)
			if err != nil {
				return nil, &plugin.Error{Plugin: c.Name, Err: err}
			}
			if s.Returns() == "" || now.Record == nil {
				c.Deletes = now.Others
			}
		}
		if s.Returns() != "" {
			c.To = versionAt(state.Dir, s.Returns())
			if err := whatReturns(ctx, state.Dir, s, records[c.Name], &c); err != nil {
				return nil, &plugin.Error{Plugin: c.Name, Err: err}
			}
		}
		switch {
		case s.Returns() == "":
			c.Action = plan.Remove
		case !s.Goes():
			c.Action = plan.Install
		case c.From.Compare(c.To) < 0:
			c.Action = plan.Upgrade
		case c.From.Compare(c.To) > 0:
			c.Action = plan.Downgrade
		default:
			c.Action = plan.Repair
		}
		changes = append(changes, c)
	}
	if len(changes) == 0 {
		return nil, ErrNothingLeft
	}
	plan.Sort(changes)
	return changes, nil
}

// whatReturns tells of the folder that a step puts back, by the record that comes
// along, whence it is and whether it is as it was installed.
func whatReturns(ctx context.Context, dir string, folder, record commit.Back, c *plan.Change) error {
	r, written, err := recordAt(dir, record.Returns(), c.Name)
	if err != nil {
		return err
	}
	if r == nil {
		c.Reasons = append(c.Reasons, plan.Foreign)
		return nil
	}
	c.Source, c.Digest = r.Source, r.Digest
	drift, err := installed.Check(ctx, filepath.Join(dir, filepath.FromSlash(folder.Returns())), r, written, r.Keep, false)
	if err != nil {
		return err
	}
	for _, d := range drift {
		c.Files = append(c.Files, d.String())
	}
	if len(drift) > 0 {
		c.Reasons = append(c.Reasons, plan.Files)
	}
	now, _, err := recordAt(dir, record.Live(), c.Name)
	if err == nil && now != nil && folder.Goes() && now.Version.Equal(r.Version) && now.Digest != r.Digest {
		c.Reasons = append(c.Reasons, plan.Digest)
	}
	return err
}

// recordAt reads a plugin's record at a place in the state; nil if there is none.
func recordAt(dir, place string, name plugin.Name) (*installed.Record, time.Time, error) {
	if place == "" {
		return nil, time.Time{}, nil
	}
	r, written, err := installed.ReadRecordAt(dir, place, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, time.Time{}, nil
	}
	return r, written, err
}

// versionAt is the version of the plugin at a place; zero where it cannot be read.
func versionAt(dir, place string) plugin.Version {
	root, err := swap.OpenRoot(dir, place)
	if err != nil {
		return plugin.Version{}
	}
	defer root.Close()
	m, err := plugin.ReadManifest(root, plugin.DefaultLimits().Manifest)
	if err != nil {
		return plugin.Version{}
	}
	return m.Version
}
