package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/commit"
	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/internal/tree"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// transaction is one set of changes: staged, then committed.
type transaction struct {
	*commit.Transaction
	session *Session
}

// begin begins one; beside an error, it is there to be discarded.
func (s *Session) begin() (*transaction, error) {
	t, err := s.directory.Begin()
	return &transaction{Transaction: t, session: s}, err
}

// staged is a change whose new tree is ready.
type staged struct {
	change plan.Change
	tree   *access.Tree      // nil for a removal
	digest plugin.Digest     // of what lies at its place, files carried over included
	record *installed.Record // nil for a removal, and until it is written
}

// stage makes and checks the new tree of every change. It returns those that are
// ready and, joined, a [*plugin.Error] for each that is not.
func (t *transaction) stage(ctx context.Context, changes []plan.Change) ([]*staged, error) {
	ready := make([]*staged, len(changes))
	step := t.session.opts.Observe.Step(plugin.StepStage, len(changes))
	// Access bounds what runs at once.
	err := parallel.Each(len(changes), 0, func(i int) (err error) {
		defer step()
		c := changes[i]
		if ready[i], err = t.stageOne(ctx, c); err != nil {
			err = &plugin.Error{Plugin: c.Name, Pos: c.Requirement.Pos, Err: err}
		}
		return err
	})
	return slices.DeleteFunc(ready, func(st *staged) bool { return st == nil }), err
}

func (t *transaction) stageOne(ctx context.Context, c plan.Change) (*staged, error) {
	name, opts := string(c.Name), t.session.opts
	replaces, err := t.Replaces(name)
	if err != nil {
		return nil, err
	}
	st := &staged{change: c}
	if c.Action == plan.Remove {
		return st, nil
	}
	place := t.Place(name)
	if st.tree, err = opts.Access.Stage(ctx, Wanted(c, plugin.CurrentPlatform()), place); err != nil {
		return nil, err
	}
	if st.digest, err = t.Digest(ctx, st.tree.Files, name); err != nil {
		return nil, err
	}
	if err := t.Adopt(name); err != nil {
		return nil, err
	}
	if replaces && len(c.Requirement.Keep) > 0 {
		if err := carryOver(ctx, t.session.state.Plugin(c.Name), place, c.Requirement.Keep); err != nil {
			return nil, err
		}
		if st.digest, err = archive.DigestAt(ctx, place); err != nil {
			return nil, err
		}
	}
	opts.Observe.Tell(plugin.StageEvent{Plugin: c.Name, Version: c.To})
	return st, nil
}

// carryOver copies what the patterns keep of the folder old into the folder fresh,
// over what the package brought.
func carryOver(ctx context.Context, old, fresh string, keep []string) error {
	err := tree.Over(ctx, old, fresh, func(p string) bool { return installed.Kept(keep, p) })
	if err != nil {
		return fmt.Errorf("carrying over what keep names: %w", err)
	}
	return nil
}

// Wanted is the tree that a change is to bring, for a platform that need not be this
// machine's.
func Wanted(c plan.Change, platform plugin.Platform) access.Wanted {
	return access.Wanted{
		Requirement: c.Requirement, Package: c.Package, Platform: platform,
		Version: c.Locked.Version, Names: []string{c.Locked.ManifestedName()},
		Binary: c.Requirement.BinaryOr(c.Locked.Binary), Manifest: c.Locked.Manifest,
	}
}
