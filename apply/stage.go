package apply

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// transaction is one set of changes: staged, then committed, then cleaned up.
type transaction struct {
	*Session
	id    string // unguessable, part of every name in staging
	dir   string // its folder in staging
	moves directory
	mends bool             // it only puts back what was installed already
	fs    *swap.FileSystem // to sync at once what is staged; nil: file by file
}

// begin makes the folder of a transaction and looks at what the file system can do.
func (s *Session) begin() (t *transaction, err error) {
	var random [8]byte
	rand.Read(random[:]) // never fails, says crypto/rand
	t = &transaction{Session: s, id: hex.EncodeToString(random[:])}
	t.dir = filepath.Join(s.state.Staging(), t.id)
	if err := errors.Join(s.makeDir(t.dir, 0o700), s.makeDir(filepath.Join(t.dir, "records"), 0o700)); err != nil {
		return t, err
	}
	if t.moves, err = s.probe(t.dir); err != nil {
		return t, err
	}
	t.fs, err = swap.OpenFileSystem(t.dir)
	return t, err
}

// staged is a change whose new tree is ready.
type staged struct {
	change   plan.Change
	dir      string        // the new tree; "" for a removal
	tree     *access.Tree  // nil for a removal
	digest   plugin.Digest // of what lies in dir, files carried over included
	replaces bool          // something stands at its place
}

// stage makes and checks the new tree of every change. It returns those that are
// ready and, joined, a [*plugin.Error] for each that is not.
func (t *transaction) stage(ctx context.Context, changes []plan.Change) ([]*staged, error) {
	ready := make([]*staged, len(changes))
	errs := make([]error, len(changes))
	var g errgroup.Group // Access bounds what runs at once
	for i, c := range changes {
		g.Go(func() error {
			st, err := t.stageOne(ctx, c)
			if err != nil {
				errs[i] = &plugin.Error{Plugin: c.Name, Pos: c.Requirement.Pos, Err: err}
				return nil
			}
			ready[i] = st
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs
	var out []*staged
	for _, st := range ready {
		if st != nil {
			out = append(out, st)
		}
	}
	return out, errors.Join(errs...)
}

func (t *transaction) stageOne(ctx context.Context, c plan.Change) (st *staged, err error) {
	st = &staged{change: c}
	live := t.state.Plugin(c.Name)
	if st.replaces, err = exists(live); err != nil {
		return nil, err
	}
	if st.replaces {
		if err := t.checkPlace(live); err != nil {
			return nil, err
		}
	}
	if c.Action == plan.Remove {
		return st, nil
	}
	st.dir = t.path(c.Name)
	if st.tree, err = t.opts.Access.Stage(ctx, wanted(c), st.dir); err != nil {
		return nil, err
	}
	if st.digest, err = t.moves.digest(ctx, st.tree.Files, st.dir); err != nil {
		return nil, err
	}
	if err := adopt(t.state, st.dir); err != nil {
		return nil, err
	}
	if st.replaces && len(c.Requirement.Keep) > 0 {
		if st.digest, err = carryOver(ctx, live, st.dir, c.Requirement.Keep); err != nil {
			return nil, fmt.Errorf("carrying over what keep names: %w", err)
		}
	}
	t.opts.Observe.Tell(plugin.StageEvent{Plugin: c.Name, Version: c.To})
	return st, nil
}

// MountPointError says that something is mounted where a plugin is to be changed:
// it could be neither exchanged nor renamed.
type MountPointError struct{ Path string }

func (e *MountPointError) Error() string {
	return fmt.Sprintf("%s is a mount point: a plugin's folder must be a plain folder of the plugin directory", e.Path)
}

// checkPlace refuses what must not be swapped.
func (t *transaction) checkPlace(live string) error {
	info, err := os.Lstat(live)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &installed.NotADirectoryError{Path: live, Mode: info.Mode()}
	}
	same, err := swap.SameMount(t.state.Dir, live)
	if err == nil && !same {
		err = &MountPointError{Path: live}
	}
	return err
}

func wanted(c plan.Change) access.Wanted {
	return access.Wanted{
		Requirement: c.Requirement, Package: c.Package, Platform: plugin.CurrentPlatform(),
		Version: c.Locked.Version, Names: []string{c.Locked.ManifestedName()},
		Binary: c.Requirement.BinaryOr(c.Locked.Binary), Manifest: c.Locked.Manifest,
	}
}

// path is where the new tree of a plugin is staged. No file in it can have its
// name, so that no host takes it for a plugin.
func (t *transaction) path(name plugin.Name) string {
	return filepath.Join(t.dir, string(name)+"."+t.id)
}

// discard throws a transaction away that changed nothing.
func (t *transaction) discard() error {
	var err error
	if t.fs != nil {
		err = t.fs.Close()
		t.fs = nil
	}
	if removed := removeAll(t.dir); removed != nil {
		err = errors.Join(err, fmt.Errorf("removing what was staged: %w", removed))
	}
	return errors.Join(err, sweep(t.state))
}
