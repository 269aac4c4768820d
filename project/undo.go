package project

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/commit"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// PlanRollback tells what [Project.Rollback] would change, sorted by name. What an
// interrupted apply left is finished or undone first: only then is it known what the
// last one replaced.
func (p *Project) PlanRollback(ctx context.Context) ([]plan.Change, error) {
	interrupted, err := commit.Interrupted(p.PluginDir)
	if err == nil && interrupted {
		_, err = p.recover(ctx, false)
	}
	if err != nil {
		return nil, err
	}
	return p.planRollback(ctx)
}

// planRollback is PlanRollback of what is there. Without a configuration it is not
// known what keep names: what could be such a file is not rolled back.
func (p *Project) planRollback(ctx context.Context) ([]plan.Change, error) {
	changes, err := apply.PlanRollback(ctx, p.PluginDir)
	if err != nil || !p.blind {
		return changes, err
	}
	snap, err := installed.Scan(ctx, p.PluginDir, installed.Options{})
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, c := range changes {
		now, ok := snap.Plugin(c.Name)
		if ok && now.Present && (now.Record == nil || len(now.Drift) > 0) {
			errs = append(errs, &plugin.Error{Plugin: c.Name, Err: &KeepUnknownError{Drift: now.Drift}})
		}
	}
	return changes, errors.Join(errs...)
}

// KeepUnknownError says that files of a plugin could be such as keep names, which
// must not be lost.
type KeepUnknownError struct{ Drift []installed.Drift }

func (e *KeepUnknownError) Error() string {
	text := "its files are not those that were installed, and without the configuration it is not known which of them to keep"
	for _, d := range e.Drift {
		text += "\n  " + d.String()
	}
	return text
}

// Rollback puts back what the last apply, or rollback, replaced, removed or added: all
// of it, or nothing. Under the directory's lock what there is to put back is held
// against approved, which is what [Project.PlanRollback] gave; that the two differ is
// a [*plan.StaleError]. Nil agrees to whatever there is.
func (p *Project) Rollback(ctx context.Context, approved []plan.Change) (out *apply.Result, err error) {
	err = p.session(ctx, func(s *apply.Session) error {
		now, err := p.planRollback(ctx)
		if err != nil {
			return err
		}
		if approved != nil && !(&plan.Plan{Changes: now}).Same(&plan.Plan{Changes: approved}) {
			return &plan.StaleError{Changed: []string{"the plugin directory"}}
		}
		if out, err = s.Rollback(ctx, p.keeps()); err != nil {
			return err
		}
		return p.settleNow(ctx, s)
	})
	return out, err
}

// keeps are the patterns of the files that plugins keep.
func (p *Project) keeps() map[plugin.Name][]string {
	keep := map[plugin.Name][]string{}
	for _, r := range p.Config.Plugins {
		keep[r.Name] = r.Keep
	}
	return keep
}

// Recover finishes or undoes what a killed apply left; nil if there was nothing. Then it
// does what the host is owed, with the errors of [Project.Apply].
func (p *Project) Recover(ctx context.Context) (out *apply.Recovery, err error) {
	return p.recover(ctx, true)
}

// recover leaves it to others, unless told, to do what the host is owed.
func (p *Project) recover(ctx context.Context, settle bool) (out *apply.Recovery, err error) {
	if _, err := os.Lstat(p.PluginDir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	err = p.session(ctx, func(s *apply.Session) error {
		if out = s.Recovered; settle {
			return p.settle(ctx, s, true)
		}
		return nil
	})
	return out, err
}

// session runs do under the lock on the plugin directory, after recovering what an
// interrupted apply left there.
func (p *Project) session(ctx context.Context, do func(*apply.Session) error) (err error) {
	s, err := apply.Open(ctx, p.PluginDir, apply.Options{LockTimeout: p.options.LockTimeout, Owes: p.owes(), Observe: p.options.Observe})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}
