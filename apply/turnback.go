package apply

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/commit"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/internal/tree"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// ErrNotKept says that what an apply replaced is not kept any more, so that it cannot be
// undone.
var ErrNotKept = errors.New("what that apply replaced is not kept any more")

// TurnBack undoes the apply that the host is owed for, all of it or nothing, as
// [Session.Rollback] would, and refuses its lock from then on: the host was not well, as
// refused tells. The host is owed that it hears of this, too.
func (s *Session) TurnBack(ctx context.Context, keep map[plugin.Name][]string, refused Refused) (*Result, error) {
	h, err := s.Host()
	if err != nil {
		return nil, err
	}
	if h.Owed == nil || h.Owed.Transaction == "" {
		return nil, ErrNotKept
	}
	kept, apart, err := s.directory.Kept(h.Owed.Transaction)
	switch {
	case err != nil:
		return nil, err
	case !kept:
		return nil, s.whyNotKept()
	case apart:
		return s.undoRepair(ctx, h.Owed.Transaction, keep, &refused)
	}
	return s.rollback(ctx, keep, commandUnhealthy, &refused)
}

// errUntidy says that a commit is done, but what it replaced is not where it is kept yet.
var errUntidy = errors.New("what that apply replaced is not tidied up yet")

// whyNotKept tells whether the next session may find what is to be kept.
func (s *Session) whyNotKept() error {
	unfinished, err := commit.Interrupted(s.state.Dir)
	switch {
	case err != nil:
		return err
	case unfinished:
		return errUntidy
	}
	return ErrNotKept
}

// undoRepair undoes an apply that only repaired: what it replaced is put back as copies,
// so that what a rollback puts back stays as it is.
func (s *Session) undoRepair(ctx context.Context, id string, keep map[plugin.Name][]string, refused *Refused) (*Result, error) {
	formers, err := s.directory.BeforeRepair(id)
	if err != nil {
		return nil, err
	}
	t, err := s.begin()
	if err != nil {
		return nil, errors.Join(err, t.Discard())
	}
	entry := Entry{Command: commandUnhealthy}
	if entry.Plugins, err = s.state.Pins(); err != nil {
		return nil, errors.Join(err, t.Discard())
	}
	var changes []commit.Change
	var done []plan.Change
	for _, f := range formers {
		change, did, err := t.former(ctx, f, keep[plugin.Name(f.Name)])
		if err != nil {
			return nil, errors.Join(&plugin.Error{Plugin: plugin.Name(f.Name), Err: err}, t.Discard())
		}
		if f.Folder == "" {
			entry.Plugins = installed.Replace(entry.Plugins, nil, []plugin.Name{did.Name})
		}
		changes, done = append(changes, change), append(done, did)
	}
	err = t.note(&entry, done)
	if err == nil {
		err = t.owe(entry, done, refused)
	}
	if err != nil {
		return nil, errors.Join(err, t.Discard())
	}
	if err := t.Commit(context.WithoutCancel(ctx), changes, true); err != nil {
		return nil, err
	}
	result := &Result{Done: done}
	s.tell(result)
	return result, nil
}

// former stages what a name stood for before it was repaired, with the files that the
// plugin keeps now.
func (t *transaction) former(ctx context.Context, f commit.Former, keep []string) (commit.Change, plan.Change, error) {
	state, name := t.session.state, plugin.Name(f.Name)
	change := commit.Change{Name: f.Name}
	did := plan.Change{Name: name, Action: plan.Remove, From: versionAt(state.Dir, f.Name), Reasons: []plan.Reason{}}
	if f.File != "" {
		file, err := swap.Open(state.Dir, f.File)
		if err != nil {
			return change, did, err
		}
		defer file.Close()
		data, err := plugin.ReadAtMost(file, installed.MaxRecord)
		if err != nil {
			return change, did, err
		}
		if change.File, err = t.WriteFile(f.Name, data); err != nil {
			return change, did, err
		}
	}
	if f.Folder == "" {
		return change, did, nil
	}
	did.Action, did.To = plan.Repair, versionAt(state.Dir, f.Folder)
	replaces, err := t.Replaces(f.Name)
	if err != nil {
		return change, did, err
	}
	place := t.Place(f.Name)
	if err := copyKept(ctx, state.Dir, f.Folder, place); err != nil {
		return change, did, err
	}
	if replaces && len(keep) > 0 {
		if err := carryOver(ctx, state.Plugin(name), place, keep); err != nil {
			return change, did, err
		}
	}
	digest, err := archive.DigestAt(ctx, place)
	if err != nil {
		return change, did, err
	}
	durable, err := t.MakeDurable(ctx, []commit.Tree{{Name: f.Name, Digest: digest}})
	if err != nil {
		return change, did, err
	}
	change.Folder = durable[0]
	return change, did, nil
}

// copyKept copies a folder of the state, to which no link may lead.
func copyKept(ctx context.Context, dir, kept, place string) error {
	root, err := swap.OpenRoot(dir, kept)
	if err != nil {
		return err
	}
	err = tree.Copy(ctx, filepath.Join(dir, filepath.FromSlash(kept)), place, false)
	if err != nil {
		err = fmt.Errorf("copying what was repaired: %w", err)
	}
	return errors.Join(err, root.Close())
}
