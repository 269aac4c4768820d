package project

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// lockedBefore is what is locked so far. Of a lock file that two branches changed it
// is what both of them locked, with what either was once asked to lock for besides what
// is declared.
type lockedBefore struct {
	file     *lock.File
	conflict *lock.Conflict
	taken    []lock.Taken
	asked    []plugin.Platform
}

func (p *Project) lockedBefore() (lockedBefore, error) {
	f, err := lock.Load(p.LockPath)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return lockedBefore{file: &lock.File{}}, nil
	case errors.As(err, new(*lock.ConflictError)):
		return p.lockedByBoth()
	case err != nil:
		return lockedBefore{}, err
	}
	return lockedBefore{file: f}, nil
}

func (p *Project) lockedByBoth() (b lockedBefore, err error) {
	if b.conflict, err = lock.LoadConflict(p.LockPath); err != nil {
		return b, err
	}
	if b.file, b.taken, err = b.conflict.Merge(p.Config.Plugins); err != nil {
		return b, err
	}
	if len(p.Config.Platforms) == 0 {
		return b, nil // what was asked for cannot be told from what was published
	}
	for _, side := range []*lock.File{b.conflict.Ours, b.conflict.Theirs} {
		for _, platform := range side.Asked(p.Config.Plugins, p.Config.Platforms) {
			if !slices.Contains(b.asked, platform) {
				b.asked = append(b.asked, platform)
			}
		}
	}
	return b, nil
}
