package commit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/internal/tree"
	"github.com/plugins-hcl/plugins/plugin"
)

// mover does and undoes steps in one directory.
//
// A step can be done and undone any number of times: what is there decides, not
// what is remembered, so that a recovery can take over anywhere.
type mover struct {
	path     string
	exchange bool // two names can change places in one step
	modes    bool // files have executable bits
}

// probe looks at what the file system can do; folder is one to try it in.
func (l layout) probe(folder string) (mover, error) {
	can, err := swap.CanExchange(folder)
	return mover{path: l.dir, exchange: can, modes: archive.HasModes}, err
}

// digest is that of the tree in the folder path, as it will be found there again:
// where files have no executable bits, only looking tells.
func (d mover) digest(ctx context.Context, listed archive.Tree, path string) (plugin.Digest, error) {
	if !d.modes {
		return archive.DigestAt(ctx, path)
	}
	return listed.Digest(), nil
}

// side is how far a step is.
type side int

const (
	before  side = iota // nothing is done
	between             // of two renames, or of removing and renaming, the first
	after               // all is done
)

// UnknownStateError says that what an interrupted apply left is neither what was
// there before nor what it was to become, so that recovery dares not touch it.
type UnknownStateError struct {
	Path string
	Kept string // the folder in which what the apply had staged and replaced is kept; "" as it was
}

func (e *UnknownStateError) Error() string {
	text := fmt.Sprintf("%s is neither what was there before the interrupted apply nor what it was to become", e.Path)
	if e.Kept != "" {
		text += "; it was left alone, and what the apply had staged and replaced is kept in " + e.Kept
	}
	return text
}

// there tells which of the three places of a step are taken.
func (d mover) there(s step) (live, fresh, old bool, err error) {
	var taken [3]bool
	for i, p := range []string{s.Live, s.New, s.Old} {
		if p == "" {
			continue
		}
		if taken[i], err = exists(abs(d.path, p)); err != nil {
			return false, false, false, err
		}
	}
	return taken[0], taken[1], taken[2], nil
}

// side looks at what is there.
func (d mover) side(ctx context.Context, s step) (side, error) {
	live, fresh, old, err := d.there(s)
	if err != nil {
		return 0, err
	}
	if s.Copied {
		return d.copiedSide(s, live, fresh, old)
	}
	removes, installs := s.New == "", s.Old == ""
	switch {
	case removes && live && !old, installs && fresh && !live:
		return before, nil
	case removes && old && !live, installs && live && !fresh:
		return after, nil
	case removes, installs:
	case old && fresh && !live:
		return between, nil
	case old && live && !fresh:
		return after, nil
	case live && fresh && !old:
		return d.exchanged(ctx, s)
	}
	return 0, &UnknownStateError{Path: abs(d.path, s.Live)}
}

// copiedSide is side where Old is a copy: what stands at Live may be half removed,
// and Old is taken only by undoing.
func (d mover) copiedSide(s step, live, fresh, old bool) (side, error) {
	switch {
	case s.New == "" && !live && old, s.New != "" && live && !fresh:
		return after, nil
	case s.New == "" && live && !old, s.New != "" && live && fresh && !old:
		return before, nil
	case s.New == "" && live && old, s.New != "" && fresh && old:
		return between, nil
	}
	return 0, &UnknownStateError{Path: abs(d.path, s.Live)}
}

// exchanged tells by the contents which of two trees is which. What lies in staging
// nobody writes to; what stands in the plugin directory its plugin may have changed
// since.
func (d mover) exchanged(ctx context.Context, s step) (side, error) {
	for i, p := range []string{s.New, s.Live} {
		digest, err := archive.DigestAt(ctx, abs(d.path, p))
		if err != nil {
			return 0, err
		}
		if digest == s.Digest {
			return []side{before, after}[i], nil
		}
	}
	info, err := os.Lstat(abs(d.path, s.Live))
	if err != nil {
		return 0, err
	}
	if s.Inode != 0 && swap.Inode(info) == s.Inode {
		return after, nil
	}
	return 0, &UnknownStateError{Path: abs(d.path, s.Live)}
}

// forward does a step, from wherever it is.
func (d mover) forward(ctx context.Context, s step) error {
	at, err := d.side(ctx, s)
	if err != nil || at == after {
		return err
	}
	live, fresh, old := abs(d.path, s.Live), abs(d.path, s.New), abs(d.path, s.Old)
	switch {
	case s.Copied && at == before:
		return &UnknownStateError{Path: live} // without the copy, nothing may be removed
	case s.Copied:
		if err := removeTree(live); err != nil || s.New == "" {
			return err
		}
		return swap.Move(fresh, live)
	case s.New == "":
		return swap.Move(live, old)
	case s.Old == "" || at == between:
		return swap.Move(fresh, live)
	case d.exchange:
		return swap.Exchange(live, fresh)
	}
	if err := swap.Move(live, old); err != nil {
		return err
	}
	return swap.Move(fresh, live)
}

// backward undoes a step, from wherever it is.
func (d mover) backward(ctx context.Context, s step) error {
	at, err := d.side(ctx, s)
	if err != nil || at == before {
		return err
	}
	live, fresh, old := abs(d.path, s.Live), abs(d.path, s.New), abs(d.path, s.Old)
	switch {
	case s.Copied:
		return d.restoreCopy(ctx, s, at)
	case s.New == "" || at == between:
		return swap.Move(old, live)
	case s.Old == "":
		return swap.Move(live, fresh)
	}
	kept, err := exists(old)
	if err != nil {
		return err
	}
	if !kept {
		return swap.Exchange(live, fresh)
	}
	if err := swap.Move(live, fresh); err != nil {
		return err
	}
	return swap.Move(old, live)
}

// restoreCopy undoes a step whose predecessor was copied: the copy takes its
// place, unless not a byte of the original is gone.
func (d mover) restoreCopy(ctx context.Context, s step, at side) error {
	live, fresh, old := abs(d.path, s.Live), abs(d.path, s.New), abs(d.path, s.Old)
	if at == after && s.New != "" {
		if err := swap.Move(live, fresh); err != nil {
			return err
		}
	}
	standing, err := exists(live)
	if err != nil {
		return err
	}
	if standing {
		same, err := sameContents(ctx, live, old)
		if err != nil || same {
			return err
		}
		if err := removeTree(live); err != nil {
			return err
		}
	}
	return swap.Move(old, live)
}

func sameContents(ctx context.Context, a, b string) (bool, error) {
	first, err := archive.DigestAt(ctx, a)
	if err != nil {
		return false, err
	}
	second, err := archive.DigestAt(ctx, b)
	return first == second, err
}

// removeTree removes a plugin, its plugin.json first, and durably: without that, no
// host takes the rest for a plugin.
func removeTree(path string) error {
	if err := swap.Remove(filepath.Join(path, plugin.ManifestFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return tree.RemoveAll(path)
}

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func fileDigest(data []byte) plugin.Digest {
	sum := sha256.Sum256(data)
	return plugin.NewDigest(plugin.SHA256, sum[:])
}
