package commit

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/internal/tree"
)

// ErrNothingPrevious says that there is nothing to roll back to.
var ErrNothingPrevious = errors.New("there is nothing to roll back: no apply has replaced anything here")

// Back is a step of a rollback: what stands at a name goes, and what stood there
// returns. [Inverse] makes them.
type Back struct{ step step }

// Folder is the name of the folder that the step is about; "" if it is about a file.
func (b Back) Folder() string { return b.step.folder() }

// File is the name of the folder whose file the step is about; "" if it is about a
// folder.
func (b Back) File() string { return b.step.file() }

// Live is where what goes stands, relative to the directory.
func (b Back) Live() string { return b.step.Live }

// Returns is where what returns lies, relative to the directory; "" if nothing does.
func (b Back) Returns() string { return b.step.New }

// Goes reports whether anything stands there that goes.
func (b Back) Goes() bool { return b.step.Old != "" }

// HasPrevious reports whether there is something to roll back to.
func (d *Directory) HasPrevious() (bool, error) {
	last, err := readJournal(d.layout, d.layout.previousJournal())
	if errors.As(err, new(*JournalError)) {
		return false, nil // there is no rolling back to it anyway
	}
	return last != nil, err
}

// Inverse lists the steps that undo the last commit in the directory dir, or the last
// rollback. What a commit had added may be gone by now, and somebody else's in its
// place: ours tells whether it is not.
func Inverse(ctx context.Context, dir string, ours func(name string) (bool, error)) ([]Back, error) {
	l := layout{dir}
	last, err := readJournal(l, l.previousJournal())
	if err != nil {
		return nil, err
	}
	if last == nil {
		return nil, ErrNothingPrevious
	}
	var steps []Back
	for i := len(last.Steps) - 1; i >= 0; i-- {
		st, err := last.inverseOf(ctx, l, last.Steps[i], ours)
		if err != nil {
			return nil, err
		}
		if st.New != "" || st.Old != "" {
			steps = append(steps, Back{st})
		}
	}
	return steps, nil
}

// inverseOf undoes one step, from what is there now: what stood at its place is put
// back, and what stands there takes the place that was free.
func (j *journal) inverseOf(ctx context.Context, l layout, s step, ours func(string) (bool, error)) (step, error) {
	from, free, err := j.places(l, s)
	if err != nil {
		return step{}, err
	}
	live, err := exists(abs(l.dir, s.Live))
	if err == nil && live && from == "" && s.folder() != "" {
		live, err = ours(s.folder())
	}
	if err != nil {
		return step{}, err
	}
	out := step{Live: s.Live, New: from}
	if live {
		if out.Old = free; free == "" {
			out.Old = from + ".new"
		}
	}
	if from == "" {
		return out, nil
	}
	info, err := os.Lstat(abs(l.dir, from))
	if err != nil {
		return step{}, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return step{}, &swap.LinkError{Path: abs(l.dir, from)}
	}
	if info.IsDir() {
		out.Inode = swap.Inode(info)
	}
	out.Digest, err = archive.DigestAt(ctx, abs(l.dir, from))
	return out, err
}

// places tells where what a step replaced lies, and which of its places is free.
func (j *journal) places(l layout, s step) (from, free string, err error) {
	for _, p := range []string{j.inKept(s.Old), j.inKept(s.New)} {
		if p == "" {
			continue
		}
		taken, err := exists(abs(l.dir, p))
		switch {
		case err != nil:
			return "", "", err
		case taken:
			from = p
		default:
			free = p
		}
	}
	return from, free, nil
}

// inKept is where a place in a transaction's folder is once that is kept.
func (j *journal) inKept(p string) string {
	if rest, ok := strings.CutPrefix(p, stagingOf(j.ID)+"/"); ok {
		return path.Join(j.keptRel(), rest)
	}
	return p
}

// Change makes a step return a copy of what it was to return, changed by change. The
// original stays as it is until that is done: the rollback may yet be refused, or
// killed. The copy is durable when it returns.
func (t *Transaction) Change(ctx context.Context, b Back, change func(dir string) error) (Back, error) {
	// Beside the original, where what is rolled back is to be kept.
	back := path.Join(previousRel, b.Folder()+"."+t.id)
	at := abs(t.layout.dir, back)
	if err := tree.Copy(ctx, abs(t.layout.dir, b.step.New), at, false); err != nil {
		return b, err
	}
	if err := change(at); err != nil {
		return b, err
	}
	digest, err := archive.DigestAt(ctx, at)
	if err != nil {
		return b, err
	}
	if err := swap.SyncTree(ctx, at); err != nil {
		return b, err
	}
	if err := swap.SyncDir(t.layout.previous()); err != nil {
		return b, err
	}
	info, err := os.Lstat(at)
	if err != nil {
		return b, err
	}
	b.step.New, b.step.Digest, b.step.Inode = back, digest, swap.Inode(info)
	return b, nil
}

// PutBack does the steps of a rollback, all or none. What goes is kept in its turn.
func (t *Transaction) PutBack(ctx context.Context, steps []Back) error {
	inner := make([]step, len(steps))
	for i, b := range steps {
		inner[i] = b.step
	}
	if err := t.commit(ctx, inner); err != nil {
		return err
	}
	t.Warn(t.Discard())
	return nil
}
