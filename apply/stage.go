package apply

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/staging"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// transaction is one set of changes: staged, then committed, then cleaned up.
type transaction struct {
	*Session
	id  string // unguessable, part of every name in staging
	dir string // its folder in staging
}

// begin makes the folder of a transaction.
func (s *Session) begin() (*transaction, error) {
	var random [8]byte
	rand.Read(random[:]) // never fails, says crypto/rand
	t := &transaction{Session: s, id: hex.EncodeToString(random[:])}
	t.dir = filepath.Join(s.state.Staging(), t.id)
	return t, errors.Join(makeDir(t.dir, 0o700), makeDir(filepath.Join(t.dir, "records"), 0o700))
}

// staged is a change that is ready to be committed.
type staged struct {
	change plan.Change
	steps  []step
}

// stage makes and checks the new tree of every change. It returns those that are
// ready and, joined, a [*plugin.Error] for each that is not.
func (t *transaction) stage(ctx context.Context, changes []plan.Change) ([]staged, error) {
	var (
		mu    sync.Mutex
		ready = make([]*staged, len(changes))
		errs  = make([]error, len(changes))
	)
	g, ctx := errgroup.WithContext(ctx)
	for i, c := range changes {
		g.Go(func() error {
			st, err := t.stageOne(ctx, c)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs[i] = &plugin.Error{Plugin: c.Name, Pos: c.Requirement.Pos, Err: err}
			} else {
				ready[i] = st
			}
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs
	var out []staged
	for _, st := range ready {
		if st != nil {
			out = append(out, *st)
		}
	}
	return out, errors.Join(errs...)
}

func (t *transaction) stageOne(ctx context.Context, c plan.Change) (*staged, error) {
	if c.Action == plan.Remove {
		return t.stageRemoval(c)
	}
	dir := t.path(c.Name)
	tree, err := t.opts.Access.Stage(ctx, spec(c), dir)
	if err != nil {
		return nil, err
	}
	old := t.state.Plugin(c.Name)
	replaces, err := exists(old)
	if err != nil {
		return nil, err
	}
	digest := tree.Files.Digest()
	if replaces && len(c.Requirement.Keep) > 0 {
		if digest, err = carryOver(ctx, old, dir, c.Requirement.Keep); err != nil {
			return nil, fmt.Errorf("carrying over what keep names: %w", err)
		}
	}
	if err := swap.SyncTree(ctx, dir); err != nil {
		return nil, err
	}
	record, err := t.stageRecord(c, tree, dir)
	if err != nil {
		return nil, err
	}
	hadRecord, err := exists(t.state.Record(c.Name))
	if err != nil {
		return nil, err
	}
	t.opts.Observe.Tell(plugin.StageEvent{Plugin: c.Name, Version: c.To})
	return &staged{change: c, steps: []step{
		t.step(string(c.Name), digest, replaces),
		t.step(recordPath(c.Name), record, hadRecord),
	}}, nil
}

func spec(c plan.Change) staging.Spec {
	binary := c.Requirement.Binary
	if binary == "" {
		binary = c.Locked.Binary
	}
	platform := c.Package.Platform
	if platform == plugin.AnyPlatform {
		platform = plugin.CurrentPlatform()
	}
	return staging.Spec{
		Name:     c.Name,
		Platform: platform,
		URL:      c.Package.URL,
		Path:     c.Package.Path,
		Digest:   c.Package.Digest,
		Version:  c.Locked.Version,
		Names:    []string{c.Locked.ManifestedName()},
		Binary:   binary,
		Aliases:  []string{c.Requirement.Source.Plugin},
		Manifest: c.Locked.Manifest,
		Limits:   c.Requirement.Limits,
	}
}

// stageRemoval finds what is to be removed.
func (t *transaction) stageRemoval(c plan.Change) (*staged, error) {
	st := &staged{change: c, steps: []step{t.removal(string(c.Name))}}
	hadRecord, err := exists(t.state.Record(c.Name))
	if hadRecord {
		st.steps = append(st.steps, t.removal(recordPath(c.Name)))
	}
	return st, err
}

// path is where the new tree of a plugin is staged. No file in it can have its
// name, so that no host takes it for a plugin.
func (t *transaction) path(name plugin.Name) string {
	return filepath.Join(t.dir, string(name)+"."+t.id)
}

// stageRecord writes the record of a staged tree and digests it. It is written
// after the tree is durable, so that files are older than it.
func (t *transaction) stageRecord(c plan.Change, tree *staging.Tree, dir string) (plugin.Digest, error) {
	r := &installed.Record{
		FormatVersion: installed.RecordVersion,
		Name:          c.Name,
		Version:       tree.Manifest.Version,
		Source:        c.Locked.Source,
		Digest:        c.Package.Digest,
		Settings:      plan.SettingsOf(c.Requirement, c.Locked),
		Files:         make([]installed.File, len(tree.Files)),
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	for i, e := range tree.Files {
		if r.Files[i], err = recordedFile(root, e); err != nil {
			return "", err
		}
	}
	data, err := r.Encode()
	if err != nil {
		return "", err
	}
	at := filepath.Join(t.state.Dir, filepath.FromSlash(t.staged(recordPath(c.Name))))
	return fileDigest(data), swap.WriteFile(at, data, 0o644)
}

func recordedFile(root *os.Root, e archive.Entry) (installed.File, error) {
	f := installed.File{Path: e.Path, Dir: e.Dir, Exec: e.Exec && !e.Dir}
	if e.Dir {
		return f, nil
	}
	info, err := root.Lstat(e.Path)
	if err != nil {
		return f, err
	}
	f.Size, f.SHA256, f.Stat = e.Size, e.SHA256, installed.StatOf(info)
	return f, nil
}
