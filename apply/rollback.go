package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// ErrNothingPrevious says that there is nothing to roll back to.
var ErrNothingPrevious = errors.New("there is nothing to roll back: no apply has replaced anything here")

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
		return nil, errors.Join(err, t.discard())
	}
	for i := range steps {
		if err := t.withKept(ctx, &steps[i], keep); err != nil {
			return nil, errors.Join(&plugin.Error{Plugin: steps[i].plugin(), Err: err}, t.discard())
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(err, t.discard())
	}
	if err := t.commit(context.WithoutCancel(ctx), steps); err != nil {
		return nil, err
	}
	t.warnOf(t.discard())
	result := &Result{Done: changes}
	s.tell(result)
	return result, nil
}

// withKept makes a step put back a copy of what it was to put back, with the files
// that the plugin keeps now. The original stays as it is until that is done: the
// rollback may yet be refused, or killed.
func (t *transaction) withKept(ctx context.Context, st *step, keep map[plugin.Name][]string) error {
	name := st.plugin()
	if name == "" || st.New == "" || st.Old == "" {
		return nil
	}
	patterns, told := keep[name]
	if !told {
		r, _, err := t.state.ReadRecord(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if r != nil {
			patterns = r.Keep
		}
	}
	if len(patterns) == 0 {
		return nil
	}
	// Beside the original, where what is rolled back is to be kept.
	back := path.Join(previousRel, string(name)+"."+t.id)
	at := abs(t.state.Dir, back)
	err := copyTree(ctx, abs(t.state.Dir, st.New), at, false)
	if err == nil {
		st.Digest, err = carryOver(ctx, abs(t.state.Dir, st.Live), at, patterns)
	}
	if err != nil {
		return fmt.Errorf("carrying over what keep names: %w", err)
	}
	if err := swap.SyncTree(ctx, at); err != nil {
		return err
	}
	if err := swap.SyncDir(t.state.Previous()); err != nil {
		return err
	}
	info, err := os.Lstat(at)
	if err != nil {
		return err
	}
	st.New, st.Inode = back, installed.StatOf(info).Inode
	return nil
}

// inverse lists the steps that undo those of the last apply.
func inverse(ctx context.Context, s installed.State) ([]step, error) {
	last, err := readJournal(s, previousJournal(s))
	if err != nil {
		return nil, err
	}
	if last == nil {
		return nil, ErrNothingPrevious
	}
	var steps []step
	for i := len(last.Steps) - 1; i >= 0; i-- {
		st, err := last.inverseOf(ctx, s.Dir, last.Steps[i])
		if err != nil {
			return nil, err
		}
		if st.New != "" || st.Old != "" {
			steps = append(steps, st)
		}
	}
	return steps, nil
}

// inverseOf undoes one step, from what is there now: what stood at its place is put
// back, and what stands there takes the place that was free.
func (j *journal) inverseOf(ctx context.Context, dir string, s step) (step, error) {
	places := []string{inPrevious(s.Old, j.ID), inPrevious(s.New, j.ID)}
	var from, free string
	for _, p := range places {
		if p == "" {
			continue
		}
		taken, err := exists(abs(dir, p))
		switch {
		case err != nil:
			return step{}, err
		case taken:
			from = p
		default:
			free = p
		}
	}
	live, err := exists(abs(dir, s.Live))
	if err != nil {
		return step{}, err
	}
	if live && from == "" && s.plugin() != "" {
		// What was added may be gone, and somebody else's in its place.
		now, err := installed.State{Dir: dir}.Look(ctx, s.plugin())
		if err != nil {
			return step{}, err
		}
		live = now.Record != nil
	}
	out := step{Live: s.Live, New: from}
	if live {
		if out.Old = free; free == "" {
			out.Old = from + ".new"
		}
	}
	if from == "" {
		return out, nil
	}
	info, err := os.Lstat(abs(dir, from))
	if err != nil {
		return step{}, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return step{}, &swap.LinkError{Path: abs(dir, from)}
	}
	if info.IsDir() {
		out.Inode = installed.StatOf(info).Inode
	}
	out.Digest, err = archive.DigestAt(ctx, abs(dir, from))
	return out, err
}

// inPrevious is where a place in a transaction's folder is once that is kept.
func inPrevious(p, id string) string {
	if rest, ok := strings.CutPrefix(p, stagingOf(id)+"/"); ok {
		return path.Join(previousRel, rest)
	}
	return p
}

// rollbackChanges are steps as changes: of a plugin's folder, with the versions
// that the two plugin.json say.
func rollbackChanges(ctx context.Context, state installed.State, steps []step) ([]plan.Change, error) {
	records := map[plugin.Name]step{}
	for _, s := range steps {
		if n := s.recorded(); n != "" {
			records[n] = s
		}
	}
	var changes []plan.Change
	for _, s := range steps {
		if s.plugin() == "" {
			continue
		}
		c := plan.Change{Name: s.plugin(), Reasons: []plan.Reason{}}
		if s.Old != "" {
			c.From = versionAt(state.Dir, s.Live)
			now, err := state.Look(ctx, c.Name)
			if err != nil {
				return nil, &plugin.Error{Plugin: c.Name, Err: err}
			}
			if s.New == "" || now.Record == nil {
				c.Deletes = now.Others
			}
		}
		if s.New != "" {
			c.To = versionAt(state.Dir, s.New)
			if err := whatReturns(ctx, state.Dir, s, records[c.Name], &c); err != nil {
				return nil, &plugin.Error{Plugin: c.Name, Err: err}
			}
		}
		switch {
		case s.New == "":
			c.Action = plan.Remove
		case s.Old == "":
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
func whatReturns(ctx context.Context, dir string, folder, record step, c *plan.Change) error {
	r, written, err := recordAt(dir, record.New, c.Name)
	if err != nil {
		return err
	}
	if r == nil {
		c.Reasons = append(c.Reasons, plan.Foreign)
		return nil
	}
	c.Source, c.Digest = r.Source, r.Digest
	drift, err := installed.Check(ctx, abs(dir, folder.New), r, written, r.Keep, false)
	if err != nil {
		return err
	}
	for _, d := range drift {
		c.Files = append(c.Files, d.String())
	}
	if len(drift) > 0 {
		c.Reasons = append(c.Reasons, plan.Files)
	}
	now, _, err := recordAt(dir, record.Live, c.Name)
	if err == nil && now != nil && folder.Old != "" && now.Version.Equal(r.Version) && now.Digest != r.Digest {
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
