package apply

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/archive"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// step changes what one name in the plugin directory stands for: a plugin's folder
// or its record. All paths are slash-separated and relative to the directory.
//
// A step can be done and undone any number of times, and looks at what is there
// rather than at what it remembers, so that a recovery can take over anywhere.
type step struct {
	Live string `json:"live"`
	New  string `json:"new,omitempty"` // what is to stand there; after an exchange, what stood there
	Old  string `json:"old,omitempty"` // where what stands there goes, if it is not exchanged
	// Digest is that of what lies at New before the step.
	Digest plugin.Digest `json:"digest,omitempty"`
}

// staged is where, in this transaction's folder, the successor of live lies.
func (t *transaction) staged(live string) string {
	if path.Dir(live) == "." {
		return path.Join(t.rel(), live+"."+t.id)
	}
	return path.Join(t.rel(), "records", path.Base(live))
}

// replaced is where its predecessor goes.
func (t *transaction) replaced(live string) string { return t.staged(live) + ".old" }

func (t *transaction) rel() string {
	return path.Join(installed.StateDir, filepath.Base(t.state.Staging()), t.id)
}

func (t *transaction) step(live string, digest plugin.Digest, replaces bool) step {
	s := step{Live: live, New: t.staged(live), Digest: digest}
	if replaces {
		s.Old = t.replaced(live)
	}
	return s
}

func (t *transaction) removal(live string) step {
	return step{Live: live, Old: t.replaced(live)}
}

func recordPath(name plugin.Name) string {
	return path.Join(installed.StateDir, "records", string(name)+".json")
}

// side is how far a step is.
type side int

const (
	before  side = iota // nothing is done
	between             // of two renames, the first
	after               // all is done
)

// UnknownStateError says that what an interrupted apply left is neither what was
// there before nor what it was to become, so that recovery dares not touch it.
type UnknownStateError struct{ Path string }

func (e *UnknownStateError) Error() string {
	return fmt.Sprintf("%s is neither what was there before the interrupted apply nor what it was to become", e.Path)
}

// side looks at what is there.
func (s step) side(ctx context.Context, dir string) (side, error) {
	var there [3]bool
	for i, p := range []string{s.Live, s.New, s.Old} {
		if p == "" {
			continue
		}
		var err error
		if there[i], err = exists(abs(dir, p)); err != nil {
			return 0, err
		}
	}
	live, fresh, old := there[0], there[1], there[2]
	switch {
	case s.New == "" && live && !old, s.Old == "" && fresh && !live:
		return before, nil
	case s.New == "" && old && !live, s.Old == "" && live && !fresh:
		return after, nil
	case s.New != "" && s.Old != "" && old && fresh && !live:
		return between, nil
	case s.New != "" && s.Old != "" && old && live && !fresh:
		return after, nil
	case s.New != "" && s.Old != "" && live && fresh && !old:
		return s.exchanged(ctx, dir)
	}
	return 0, &UnknownStateError{Path: abs(dir, s.Live)}
}

// exchanged tells by the contents which of two trees is which.
func (s step) exchanged(ctx context.Context, dir string) (side, error) {
	for i, p := range []string{s.New, s.Live} {
		digest, err := digestOf(ctx, abs(dir, p))
		if err != nil {
			return 0, err
		}
		if digest == s.Digest {
			return []side{before, after}[i], nil
		}
	}
	return 0, &UnknownStateError{Path: abs(dir, s.Live)}
}

// forward does the step, from wherever it is.
func (s step) forward(ctx context.Context, dir string) error {
	at, err := s.side(ctx, dir)
	if err != nil || at == after {
		return err
	}
	live, fresh, old := abs(dir, s.Live), abs(dir, s.New), abs(dir, s.Old)
	switch {
	case s.New == "":
		return swap.Move(live, old)
	case s.Old == "" || at == between:
		return swap.Move(fresh, live)
	}
	err = swap.Exchange(live, fresh)
	if !errors.Is(err, swap.ErrNoExchange) {
		return err
	}
	if err := swap.Move(live, old); err != nil {
		return err
	}
	return swap.Move(fresh, live)
}

// backward undoes the step, from wherever it is.
func (s step) backward(ctx context.Context, dir string) error {
	at, err := s.side(ctx, dir)
	if err != nil || at == before {
		return err
	}
	live, fresh, old := abs(dir, s.Live), abs(dir, s.New), abs(dir, s.Old)
	switch {
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

func abs(dir, rel string) string { return filepath.Join(dir, filepath.FromSlash(rel)) }

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// digestOf is the digest of a tree or of a file.
func digestOf(ctx context.Context, path string) (plugin.Digest, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		data, err := os.ReadFile(path)
		return fileDigest(data), err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return "", err
	}
	defer root.Close()
	tree, err := archive.Read(ctx, root)
	if err != nil {
		return "", err
	}
	return tree.Digest(), nil
}

func fileDigest(data []byte) plugin.Digest {
	sum := sha256.Sum256(data)
	return plugin.NewDigest(plugin.SHA256, sum[:])
}
