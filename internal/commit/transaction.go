package commit

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/internal/tree"
	"github.com/plugins-hcl/plugins/plugin"
)

// Transaction is one set of changes: made beside what is there, then committed or
// discarded.
type Transaction struct {
	*Directory
	id    string // unguessable, part of every name in staging
	dir   string // its folder in staging
	moves mover
	apart bool             // see journal.Apart
	note  json.RawMessage  // for the history; nil: it does not tell of it
	mark  []byte           // see mark.go; nil: it stays as it is
	fs    *swap.FileSystem // to sync at once what is staged; nil: file by file
}

// Begin makes the folder of a transaction and looks at what the file system can do.
// Beside an error, the transaction is there to be discarded.
func (d *Directory) Begin() (t *Transaction, err error) {
	var random [8]byte
	rand.Read(random[:]) // never fails, says crypto/rand
	t = &Transaction{Directory: d, id: hex.EncodeToString(random[:])}
	t.dir = filepath.Join(d.layout.staging(), t.id)
	if err := errors.Join(d.layout.makeDir(t.dir, 0o700), d.layout.makeDir(filepath.Join(t.dir, FilesDir), 0o700)); err != nil {
		return t, err
	}
	if t.moves, err = d.layout.probe(t.dir); err != nil {
		return t, err
	}
	t.fs, err = swap.OpenFileSystem(t.dir)
	return t, err
}

// Place is where the new folder of a name is to be made. No file in it can have its
// name, so that no host takes it for a plugin.
func (t *Transaction) Place(name string) string { return abs(t.layout.dir, t.staged(name)) }

// staged is where, in this transaction's folder, the successor of live lies.
func (t *Transaction) staged(live string) string {
	if path.Dir(live) == "." {
		return path.Join(stagingOf(t.id), live+"."+t.id)
	}
	return path.Join(stagingOf(t.id), FilesDir, path.Base(live))
}

// replaced is where its predecessor goes.
func (t *Transaction) replaced(live string) string { return t.staged(live) + ".old" }

// MountPointError says that something is mounted where a folder is to be changed: it
// could be neither exchanged nor renamed.
type MountPointError struct{ Path string }

func (e *MountPointError) Error() string {
	return fmt.Sprintf("%s is a mount point: a plugin's folder must be a plain folder of the plugin directory", e.Path)
}

// Replaces reports whether a folder stands at a name, and refuses what must not be
// swapped.
func (d *Directory) Replaces(name string) (bool, error) {
	live := abs(d.layout.dir, name)
	there, err := exists(live)
	if err != nil || !there {
		return false, err
	}
	info, err := os.Lstat(live)
	if err != nil {
		return false, err
	}
	if !info.IsDir() {
		return false, &swap.NotADirectoryError{Path: live, Mode: info.Mode()}
	}
	same, err := swap.SameMount(d.layout.dir, live)
	if err == nil && !same {
		err = &MountPointError{Path: live}
	}
	return true, err
}

// Digest is that of a new folder, made as listed, as it will be found again.
func (t *Transaction) Digest(ctx context.Context, listed archive.Tree, name string) (plugin.Digest, error) {
	return t.moves.digest(ctx, listed, t.Place(name))
}

// Adopt gives a new folder to the owner of the directory, contents and all: who may
// change the directory must be able to go on without root.
func (t *Transaction) Adopt(name string) error { return t.layout.adopt(t.Place(name)) }

// Discard throws a transaction away that changed nothing.
func (t *Transaction) Discard() error {
	var err error
	if t.fs != nil {
		err = t.fs.Close()
		t.fs = nil
	}
	if removed := tree.RemoveAll(t.dir); removed != nil {
		err = errors.Join(err, fmt.Errorf("removing what was staged: %w", removed))
	}
	return errors.Join(err, sweep(t.layout))
}
