package commit

import (
	"context"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// Tree is a new folder that lies at the [Transaction.Place] of a name.
type Tree struct {
	Name   string
	Digest plugin.Digest // of what lies there, see [Transaction.Digest]
	Files  int
}

// Durable is a new folder of a transaction that survives a power cut. Only
// [Transaction.MakeDurable] makes one: nothing else can be committed.
type Durable struct {
	name   string
	digest plugin.Digest
	inode  uint64
}

// File is a new file of a transaction that survives a power cut, see
// [Transaction.WriteFile].
type File struct {
	name   string
	digest plugin.Digest
}

// manyFiles is from how many files on one call for the whole file system is
// cheaper than one for each file.
const manyFiles = 16

// MakeDurable makes new folders durable: every file, every folder from the bottom up.
// Nothing in them may change from then on. The result is in the order of trees.
func (t *Transaction) MakeDurable(ctx context.Context, trees []Tree) ([]*Durable, error) {
	if err := t.sync(ctx, trees); err != nil {
		return nil, err
	}
	durable := make([]*Durable, len(trees))
	for i, made := range trees {
		info, err := os.Lstat(t.Place(made.Name))
		if err != nil {
			return nil, err
		}
		durable[i] = &Durable{name: made.Name, digest: made.Digest, inode: swap.Inode(info)}
	}
	return durable, nil
}

func (t *Transaction) sync(ctx context.Context, trees []Tree) error {
	files := 0
	for _, made := range trees {
		files += made.Files
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
	for _, made := range trees {
		g.Go(func() error { return swap.SyncTree(ctx, t.Place(made.Name)) })
	}
	return g.Wait()
}

// WriteFile writes the file that goes with a folder, durably.
func (t *Transaction) WriteFile(name string, data []byte) (*File, error) {
	at := abs(t.layout.dir, t.staged(fileRel(name)))
	if err := swap.WriteFile(at, data, 0o644); err != nil {
		return nil, err
	}
	return &File{name: name, digest: fileDigest(data)}, t.layout.adopt(at)
}

// steps lists what is to be done for changes.
func (t *Transaction) steps(changes []Change) ([]step, error) {
	var steps []step
	for _, c := range changes {
		folder, file := step{Live: c.Name}, step{Live: fileRel(c.Name)}
		if c.Folder != nil {
			folder.New, folder.Digest, folder.Inode = t.staged(folder.Live), c.Folder.digest, c.Folder.inode
		}
		if c.File != nil {
			file.New, file.Digest = t.staged(file.Live), c.File.digest
		}
		for _, s := range []step{folder, file} {
			replaces, err := exists(abs(t.layout.dir, s.Live))
			if err != nil {
				return nil, err
			}
			if replaces {
				s.Old = t.replaced(s.Live)
			}
			if s.New != "" || s.Old != "" {
				steps = append(steps, s)
			}
		}
	}
	return steps, nil
}

// syncStaging makes the names in staging durable; what they name is already.
func (t *Transaction) syncStaging() error {
	l := t.layout
	for _, dir := range []string{filepath.Join(t.dir, FilesDir), t.dir, l.staging(), l.files(), l.state(), l.dir, filepath.Dir(l.dir)} {
		if err := swap.SyncDir(dir); err != nil {
			return err
		}
	}
	return l.syncHistory()
}
