package apply

import (
	"errors"
	"io/fs"
	"os"
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

// keep makes what was replaced the previous state, in place of what an earlier
// apply replaced. It can be done again after a crash in its midst.
func (j *journal) keep(s installed.State) error {
	var err error
	if j.isRollback() {
		err = swap.Rename(nextJournal(s), previousJournal(s))
	} else if err = removePrevious(s); err == nil {
		err = swap.Rename(filepath.Join(s.Staging(), j.ID), s.Previous())
	}
	if err != nil {
		return err
	}
	return errors.Join(swap.SyncDir(s.Staging()), swap.SyncDir(s.Previous()), swap.SyncDir(s.Path()))
}

// removePrevious removes its journal first: no rollback may rely on half of it.
func removePrevious(s installed.State) error {
	if err := os.Remove(previousJournal(s)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(s.Previous())
}

// isKept reports whether keep is done.
func (j *journal) isKept(s installed.State) (bool, error) {
	previous, err := readJournal(previousJournal(s))
	if err != nil || previous == nil {
		return false, err
	}
	return previous.ID == j.ID, nil
}
