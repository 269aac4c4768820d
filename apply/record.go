package apply

import (
	"context"
	"errors"
	"os"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/commit"
	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// prepare makes what is staged durable and lists what is to be done with it. A record
// is written after its tree is durable, so that the files are older.
func (t *transaction) prepare(ctx context.Context, ready []*staged) ([]commit.Change, error) {
	var trees []commit.Tree
	for _, st := range ready {
		if st.tree != nil {
			trees = append(trees, commit.Tree{Name: string(st.change.Name), Digest: st.digest, Files: len(st.tree.Files)})
		}
	}
	durable, err := t.MakeDurable(ctx, trees)
	if err != nil {
		return nil, err
	}
	changes := make([]commit.Change, len(ready))
	for i, st := range ready {
		changes[i].Name = string(st.change.Name)
		if st.tree != nil {
			changes[i].Folder, durable = durable[0], durable[1:]
		}
	}
	err = parallel.Each(len(ready), 0, func(i int) (err error) {
		if ready[i].tree == nil {
			return nil
		}
		if changes[i].File, err = t.writeRecord(ready[i]); err != nil {
			err = &plugin.Error{Plugin: ready[i].change.Name, Err: err}
		}
		return err
	})
	return changes, errors.Join(err, ctx.Err())
}

// writeRecord writes the record of a staged tree.
func (t *transaction) writeRecord(st *staged) (*commit.File, error) {
	c := st.change
	r := &installed.Record{
		FormatVersion: installed.RecordVersion,
		Name:          c.Name,
		Version:       st.tree.Manifest.Version,
		Source:        plugin.Redact(c.Locked.Source), // everybody may read it
		Digest:        c.Package.Digest,
		Origin:        originOf(c),
		Settings:      plan.SettingsOf(c.Requirement, c.Locked),
		Keep:          c.Requirement.Keep,
		Files:         make([]installed.File, len(st.tree.Files)),
	}
	root, err := os.OpenRoot(t.Place(string(c.Name)))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	for i, e := range st.tree.Files {
		if r.Files[i], err = recordedFile(root, e); err != nil {
			return nil, err
		}
	}
	data, err := r.Encode()
	if err != nil {
		return nil, err
	}
	st.record = r
	return t.WriteFile(string(c.Name), data)
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
