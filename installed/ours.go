package installed

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// A record outlives a folder that somebody deletes. One of that name that is made
// later is not what was installed, and must not be deleted as if it were.

// ifOf is r if it is of the folder dir, which has drifted from it like this; else
// nil. Where the plugin is wanted, it is the record of another folder only if not one
// of its files is there; where all would be deleted, whatever is in doubt is.
func (r *Record) ifOf(dir string, drift []Drift, wanted bool) (*Record, error) {
	changed := map[string]DriftKind{}
	for _, d := range drift {
		changed[d.Path] = d.Kind
	}
	ours := r.hasSome(changed)
	if !wanted {
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		ours = r.isCopied(changed) || r.isUntouched(root)
	}
	if !ours {
		return nil, nil
	}
	return r, nil
}

// hasSome reports whether a file is there as recorded, or nothing at all.
func (r *Record) hasSome(changed map[string]DriftKind) bool {
	empty := true
	for _, kind := range changed {
		empty = empty && kind == Missing
	}
	return empty || slices.ContainsFunc(r.Files, func(f File) bool {
		switch changed[f.Path] {
		case Missing, Modified, Irregular:
			return false
		}
		return !f.Dir
	})
}

// isUntouched reports whether a file has the inode and the times with which it was
// recorded, or the times alone on Windows: no other file has.
func (r *Record) isUntouched(root *os.Root) bool {
	return slices.ContainsFunc(r.Files, func(f File) bool {
		if f.Dir || f.Stat == (Stat{}) {
			return false
		}
		info, err := root.Lstat(f.Path)
		return err == nil && StatOf(info) == f.Stat
	})
}

// isCopied reports whether plugin.json and every executable are there as recorded: of
// a copied directory, inodes and times tell nothing.
func (r *Record) isCopied(changed map[string]DriftKind) bool {
	manifest := false
	for _, f := range r.Files {
		if f.Dir || !f.Exec && f.Path != plugin.ManifestFile || Kept(r.Keep, f.Path) {
			continue
		}
		if changed[f.Path] != "" {
			return false
		}
		manifest = manifest || f.Path == plugin.ManifestFile
	}
	return manifest
}

// others lists [Plugin.Others] of the folder dir. What the patterns keep is not, where
// the folder is to be taken over.
func (p *Plugin) others(ctx context.Context, dir string, keep []string) (all []string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	ours := p.unchanged()
	var kept, others []string
	err = fs.WalkDir(root.FS(), ".", func(at string, d fs.DirEntry, err error) error {
		name := at
		switch {
		case errors.Is(err, fs.ErrPermission) && at != ".":
			name += "/" // what is in it is not known
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case p.Record == nil && Kept(keep, at):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir(), ours[at]:
			return nil
		}
		if p.Record != nil && Kept(p.Record.Keep, at) {
			kept = append(kept, name)
		} else {
			others = append(others, name)
		}
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	})
	slices.SortFunc(kept, strings.Compare)
	slices.SortFunc(others, strings.Compare)
	return append(kept, others...), err
}

// unchanged are the recorded files that hold what they held.
func (p *Plugin) unchanged() map[string]bool {
	ours := map[string]bool{}
	if p.Record == nil {
		return ours
	}
	for _, f := range p.Record.Files {
		ours[f.Path] = !f.Dir
	}
	for _, d := range p.Drift {
		if d.Kind == Modified || d.Kind == Irregular {
			ours[d.Path] = false
		}
	}
	return ours
}
