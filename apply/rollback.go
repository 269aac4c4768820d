package apply

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// ErrNothingPrevious says that there is nothing to roll back to.
var ErrNothingPrevious = errors.New("there is nothing to roll back: no apply has replaced anything here")

// PlanRollback tells what a rollback of the plugin directory dir would change,
// sorted by name. It changes nothing.
func PlanRollback(ctx context.Context, dir string) ([]plan.Change, error) {
	const attempts = 10
	for i := 1; ; i++ {
		steps, err := inverse(ctx, installed.State{Dir: dir})
		if err == nil {
			return rollbackChanges(dir, steps), nil
		}
		// What vanishes while it is looked at, another process is just moving.
		if i == attempts || !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
}

// Rollback puts back what the last apply, or rollback, replaced, removed or added:
// all of it, or nothing. Files that keep names for a plugin are carried over. What
// is rolled back is kept in its turn, so that a rollback can itself be rolled back.
func (s *Session) Rollback(ctx context.Context, keep map[plugin.Name][]string) (*Result, error) {
	steps, err := inverse(ctx, s.state)
	if err != nil {
		return nil, err
	}
	t, err := s.begin()
	if err != nil {
		return nil, errors.Join(err, t.discard())
	}
	for i, st := range steps {
		if patterns := keep[st.plugin()]; len(patterns) > 0 && st.New != "" && st.Old != "" {
			live, back := abs(s.state.Dir, st.Live), abs(s.state.Dir, st.New)
			if steps[i].Digest, err = carryOver(ctx, live, back, patterns); err != nil {
				return nil, errors.Join(&plugin.Error{Plugin: st.plugin(), Err: err}, t.discard())
			}
		}
	}
	result := &Result{Done: rollbackChanges(s.state.Dir, steps)}
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(err, t.discard())
	}
	if err := t.commit(context.WithoutCancel(ctx), steps); err != nil {
		return nil, err
	}
	t.warnOf(t.discard())
	s.tell(result)
	return result, nil
}

// inverse lists the steps that undo those of the last apply.
func inverse(ctx context.Context, s installed.State) ([]step, error) {
	last, err := readJournal(previousJournal(s))
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
func rollbackChanges(dir string, steps []step) []plan.Change {
	var changes []plan.Change
	for _, s := range steps {
		if s.plugin() == "" {
			continue
		}
		c := plan.Change{Name: s.plugin(), Reasons: []plan.Reason{}}
		if s.Old != "" {
			c.From = versionAt(abs(dir, s.Live))
		}
		if s.New != "" {
			c.To = versionAt(abs(dir, s.New))
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
	plan.Sort(changes)
	return changes
}

// versionAt is the version of the plugin at path; zero where it cannot be read.
func versionAt(path string) plugin.Version {
	root, err := os.OpenRoot(path)
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
