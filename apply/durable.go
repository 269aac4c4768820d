package apply

import (
	"context"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// manyFiles is from how many files on one call for the whole file system is
// cheaper than one for each file.
const manyFiles = 16

// makeDurable makes the staged trees durable: every file, every folder from the
// bottom up.
func (t *transaction) makeDurable(ctx context.Context, ready []*staged) error {
	files := 0
	for _, st := range ready {
		if st.tree != nil {
			files += len(st.tree.Files)
		}
	}
	if fs := t.fs; fs != nil {
		t.fs = nil
		if files >= manyFiles {
			return fs.Sync()
		}
		if err := fs.Close(); err != nil {
			return err
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, st := range ready {
		if st.dir != "" {
			g.Go(func() error { return swap.SyncTree(ctx, st.dir) })
		}
	}
	return g.Wait()
}

// steps writes the records of the staged trees and lists what is to be done. A
// record is written after its tree is durable, so that the files are older.
func (t *transaction) steps(ready []*staged) ([]step, error) {
	steps := make([][]step, len(ready))
	var g errgroup.Group
	for i, st := range ready {
		g.Go(func() (err error) {
			steps[i], err = t.stepsOf(st)
			if err != nil {
				err = &plugin.Error{Plugin: st.change.Name, Err: err}
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var all []step
	for _, s := range steps {
		all = append(all, s...)
	}
	return all, nil
}

func (t *transaction) stepsOf(st *staged) ([]step, error) {
	name := st.change.Name
	hadRecord, err := exists(t.state.Record(name))
	if err != nil {
		return nil, err
	}
	if st.tree == nil {
		var steps []step
		if st.replaces {
			steps = append(steps, t.removal(string(name)))
		}
		if hadRecord {
			steps = append(steps, t.removal(recordPath(name)))
		}
		return steps, nil
	}
	record, err := t.writeRecord(st)
	if err != nil {
		return nil, err
	}
	folder := t.step(string(name), st.digest, st.replaces)
	info, err := os.Lstat(st.dir)
	if err != nil {
		return nil, err
	}
	folder.Inode = installed.StatOf(info).Inode
	return []step{folder, t.step(recordPath(name), record, hadRecord)}, nil
}

// writeRecord writes the record of a staged tree and digests it.
func (t *transaction) writeRecord(st *staged) (plugin.Digest, error) {
	c := st.change
	r := &installed.Record{
		FormatVersion: installed.RecordVersion,
		Name:          c.Name,
		Version:       st.tree.Manifest.Version,
		Source:        plugin.Redact(c.Locked.Source), // everybody may read it
		Digest:        c.Package.Digest,
		Settings:      plan.SettingsOf(c.Requirement, c.Locked),
		Keep:          c.Requirement.Keep,
		Files:         make([]installed.File, len(st.tree.Files)),
	}
	root, err := os.OpenRoot(st.dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	for i, e := range st.tree.Files {
		if r.Files[i], err = recordedFile(root, e); err != nil {
			return "", err
		}
	}
	data, err := r.Encode()
	if err != nil {
		return "", err
	}
	at := filepath.Join(t.state.Dir, filepath.FromSlash(t.staged(recordPath(c.Name))))
	if err := swap.WriteFile(at, data, 0o644); err != nil {
		return "", err
	}
	return fileDigest(data), adopt(t.state, at)
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

// syncStaging makes the names in staging durable; what they name is already.
func (t *transaction) syncStaging() error {
	for _, dir := range []string{filepath.Join(t.dir, "records"), t.dir, t.state.Staging(), t.state.Records(), t.state.Path(), t.state.Dir, filepath.Dir(t.state.Dir)} {
		if err := swap.SyncDir(dir); err != nil {
			return err
		}
	}
	return nil
}
