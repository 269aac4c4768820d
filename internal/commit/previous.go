package commit

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/internal/tree"
)

// What the last apply replaced is kept, with the journal of what was done, for
// rollback: the folder of its transaction becomes the folder "previous".

// writePrevious writes what will be the journal of previous, before the commit:
// keeping must need no room.
func (t *Transaction) writePrevious(j *journal) error {
	kept := *j
	if t.note != nil {
		number, err := t.layout.nextNumber()
		if err != nil {
			return err
		}
		kept.Number, kept.Note = number, t.note
	}
	data, err := kept.encode()
	if err != nil {
		return err
	}
	at := filepath.Join(t.dir, "journal")
	if j.isRollback() {
		at = t.layout.nextJournal()
	}
	if err := swap.WriteFile(at, data, 0o644); err != nil {
		return err
	}
	return t.layout.adopt(at)
}

// isRollback reports whether the steps' places are in previous.
func (j *journal) isRollback() bool {
	for _, s := range j.Steps {
		if strings.HasPrefix(s.New+s.Old, previousRel+"/") {
			return true
		}
	}
	return false
}

// keptAt is the folder that what a journal replaced is kept in.
func (j *journal) keptAt(l layout) string { return abs(l.dir, j.keptRel()) }

func (j *journal) keptRel() string {
	if j.Apart {
		return repairedRel
	}
	return previousRel
}

// keep makes what was replaced the previous state, in place of what an earlier
// apply replaced; of an apply that only mended, it is kept apart. It can be done again
// after a crash in its midst.
func (j *journal) keep(l layout) error {
	var err error
	if j.isRollback() {
		err = swap.Rename(l.nextJournal(), l.previousJournal())
	} else if err = removeKept(j.keptAt(l)); err == nil {
		err = swap.Rename(filepath.Join(l.staging(), j.ID), j.keptAt(l))
	}
	if err != nil {
		return err
	}
	return errors.Join(swap.SyncDir(l.staging()), swap.SyncDir(j.keptAt(l)), swap.SyncDir(l.state()))
}

// removeKept removes a folder of what was replaced, its journal first: no rollback
// may rely on half of it.
func removeKept(dir string) error {
	if err := os.Remove(filepath.Join(dir, "journal")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return tree.RemoveAll(dir)
}

// isKept reports whether keep is done.
func (j *journal) isKept(l layout) (bool, error) {
	kept, err := readJournal(l, filepath.Join(j.keptAt(l), "journal"))
	if err != nil || kept == nil {
		return false, err
	}
	return kept.ID == j.ID, nil
}

// sweep removes from previous what no rollback needs: copies that a rollback made and
// did not commit, or in whose place it committed them. While a journal tells of
// something unfinished, nothing is known to be that.
func sweep(l layout) error {
	if unfinished, err := exists(l.journal()); err != nil || unfinished {
		return err
	}
	last, err := readJournal(l, l.previousJournal())
	if err != nil || last == nil {
		return nil // what cannot be rolled back is told by rollback
	}
	needed := map[string]bool{"journal": true, FilesDir: true}
	for _, st := range last.Steps {
		for _, p := range []string{st.New, st.Old} {
			needed[path.Base(last.inKept(p))] = true
		}
	}
	return removeEntries(l.previous(), func(name string) bool { return !needed[name] })
}
