package apply

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/swap"
)

// What the last apply replaced is kept, with the journal of what was done, for
// rollback: the folder of its transaction becomes the folder "previous".

// previousJournal is the journal of what the folder holds.
func previousJournal(s installed.State) string { return filepath.Join(s.Previous(), "journal") }

// nextJournal waits, while a rollback is committed, to become it.
func nextJournal(s installed.State) string { return previousJournal(s) + ".next" }

// writePrevious writes what will be the journal of previous, before the commit:
// keeping must need no room.
func (t *transaction) writePrevious(j *journal) error {
	data, err := j.encode()
	if err != nil {
		return err
	}
	at := filepath.Join(t.dir, "journal")
	if j.isRollback() {
		at = nextJournal(t.state)
	}
	if err := swap.WriteFile(at, data, 0o644); err != nil {
		return err
	}
	return adopt(t.state, at)
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
func (j *journal) keptAt(s installed.State) string {
	if j.Mends {
		return s.Repaired()
	}
	return s.Previous()
}

// keep makes what was replaced the previous state, in place of what an earlier
// apply replaced; of an apply that only mended, it is kept apart. It can be done again
// after a crash in its midst.
func (j *journal) keep(s installed.State) error {
	var err error
	if j.isRollback() {
		err = swap.Rename(nextJournal(s), previousJournal(s))
	} else if err = removeKept(j.keptAt(s)); err == nil {
		err = swap.Rename(filepath.Join(s.Staging(), j.ID), j.keptAt(s))
	}
	if err != nil {
		return err
	}
	return errors.Join(swap.SyncDir(s.Staging()), swap.SyncDir(j.keptAt(s)), swap.SyncDir(s.Path()))
}

// removeKept removes a folder of what was replaced, its journal first: no rollback
// may rely on half of it.
func removeKept(dir string) error {
	if err := os.Remove(filepath.Join(dir, "journal")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return removeAll(dir)
}

// isKept reports whether keep is done.
func (j *journal) isKept(s installed.State) (bool, error) {
	kept, err := readJournal(s, filepath.Join(j.keptAt(s), "journal"))
	if err != nil || kept == nil {
		return false, err
	}
	return kept.ID == j.ID, nil
}

// sweep removes from previous what no rollback needs: copies that a rollback made and
// did not commit, or in whose place it committed them. While a journal tells of
// something unfinished, nothing is known to be that.
func sweep(s installed.State) error {
	if unfinished, err := exists(s.Journal()); err != nil || unfinished {
		return err
	}
	last, err := readJournal(s, previousJournal(s))
	if err != nil || last == nil {
		return nil // what cannot be rolled back is told by rollback
	}
	needed := map[string]bool{"journal": true, "records": true}
	for _, st := range last.Steps {
		for _, p := range []string{st.New, st.Old} {
			needed[path.Base(inPrevious(p, last.ID))] = true
		}
	}
	return removeEntries(s.Previous(), func(name string) bool { return !needed[name] })
}
