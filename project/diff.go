package project

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/plugins-hcl/plugins/internal/revision"
	"github.com/plugins-hcl/plugins/lock"
)

// Comparison is what a changed lock means, in the form that --json prints.
type Comparison struct {
	FormatVersion string            `json:"format_version"`
	Before        string            `json:"before"` // the revision or the file, as it was given
	After         string            `json:"after"`  // the lock file
	Changes       []lock.Difference `json:"changes"`
	Summary       lock.Summary      `json:"summary"`
}

// DefaultRevision is what a lock file is compared with where nothing is said.
const DefaultRevision = "HEAD"

// maxLock bounds a lock file, in bytes; package lock reads no larger one.
const maxLock = 16 << 20

// DiffLock compares the lock file at path with what it was before: in the file that
// before names, if there is one, else in that revision of the git repository that the
// lock file lies in; "" is [DefaultRevision]. What starts with "./", "../" or is
// absolute is always a file. Relative files are relative to the folder dir. A revision
// without a lock file had no plugins, and so has the project once its lock file is
// gone; that there is neither is a [*lock.MissingError]. Nothing but the two locks is
// read: neither configuration nor plugin directory, nor the network.
func DiffLock(ctx context.Context, dir, path, before string) (*Comparison, error) {
	before = cmp.Or(before, DefaultRevision)
	old, oldErr := lockBefore(ctx, dir, path, before)
	if oldErr != nil && !errors.Is(oldErr, fs.ErrNotExist) {
		return nil, oldErr
	}
	now, err := lock.Load(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && oldErr == nil:
		now = &lock.File{}
	case err != nil:
		return nil, err
	}
	if oldErr != nil {
		old = &lock.File{}
	}
	changes := lock.Compare(old, now)
	return &Comparison{
		FormatVersion: "1.0", Before: before, After: filepath.Base(path),
		Changes: changes, Summary: lock.Summarize(changes, now),
	}, nil
}

// lockBefore is the lock that a revision or a file holds.
func lockBefore(ctx context.Context, dir, path, before string) (*lock.File, error) {
	file := before
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	if info, err := os.Stat(file); err == nil && !info.IsDir() || isPath(before) {
		l, err := lock.Load(file)
		if errors.Is(err, fs.ErrNotExist) {
			err = &fs.PathError{Op: "open", Path: before, Err: errNoSuchFile}
		}
		return l, err
	}
	data, err := revision.Read(ctx, filepath.Dir(path), before, filepath.Base(path), maxLock)
	if err != nil {
		return nil, err
	}
	return lock.Parse(data, before+":"+filepath.Base(path))
}

// errNoSuchFile is not [fs.ErrNotExist]: a file that somebody names must be there, and
// stands for no empty lock.
var errNoSuchFile = errors.New("there is no such file")

func isPath(s string) bool {
	slashed := filepath.ToSlash(s)
	return filepath.IsAbs(s) || strings.HasPrefix(slashed, "./") || strings.HasPrefix(slashed, "../")
}
