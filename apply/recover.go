package apply

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/internal/swap"
)

// recover finishes or undoes what a killed apply left, and removes what was only
// staged.
func (s *Session) recover(ctx context.Context) error {
	j, err := readJournal(s.state)
	if err != nil {
		return err
	}
	if j != nil {
		move := j.forward
		if j.Back {
			move = j.backward
		}
		if err := move(context.WithoutCancel(ctx), s.state.Dir); err != nil {
			return err
		}
		if err := removeJournal(s.state); err != nil {
			return err
		}
	}
	return s.clean()
}

// clean removes what lies in staging.
func (s *Session) clean() error {
	entries, err := os.ReadDir(s.state.Staging())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(s.state.Staging(), e.Name())))
	}
	return errors.Join(err, os.RemoveAll(undoPath(s.state)))
}

// keepPrevious keeps what was replaced, for rollback, in place of what an earlier
// apply replaced.
func (t *transaction) keepPrevious(j *journal) error {
	data, err := json.Marshal(j)
	if err != nil {
		return err
	}
	if err := swap.WriteFile(filepath.Join(t.dir, "steps.json"), data, 0o644); err != nil {
		return err
	}
	if err := os.RemoveAll(t.state.Previous()); err != nil {
		return err
	}
	return os.Rename(t.dir, t.state.Previous())
}
