package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/plugins-hcl/plugins/internal/swap"
)

// OwnerError says that a file could not be carried over, since only root can make
// the copy belong to whom the file belongs to: its plugin could not use it any more.
type OwnerError struct {
	Path     string // in the plugin's folder
	UID, GID int
	Err      error
}

func (e *OwnerError) Error() string {
	return fmt.Sprintf("%s belongs to user %d and group %d, and its copy cannot be given to them: %s", e.Path, e.UID, e.GID, e.Err)
}

func (e *OwnerError) Unwrap() error { return e.Err }

// Over copies those files of the folder old for which which is true into the folder
// fresh, over what lies there.
func Over(ctx context.Context, old, fresh string, which func(path string) bool) error {
	c, err := newCarrier(old, fresh)
	if err != nil {
		return err
	}
	defer c.close()
	return c.carryAll(ctx, which)
}

// Copy copies the folder from to the place to, which is free. With lenient, what only
// root may copy as it is, is copied as we can.
func Copy(ctx context.Context, from, to string, lenient bool) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	c, err := newCarrier(from, to)
	if err != nil {
		return err
	}
	defer c.close()
	c.lenient, c.folders = lenient, []string{"."}
	return c.carryAll(ctx, func(string) bool { return true })
}

// carrier copies files of one folder into another as they are: owner, mode, times,
// links and extended attributes included.
type carrier struct {
	from, to *os.Root
	lenient  bool
	files    map[fileID]string // the first name of each that has several
	made     map[string]bool   // folders that are there
	folders  []string          // whose mode and times are still to be set, above before below
}

func newCarrier(from, to string) (*carrier, error) {
	src, err := os.OpenRoot(from)
	if err != nil {
		return nil, err
	}
	dst, err := os.OpenRoot(to)
	if err != nil {
		return nil, errors.Join(err, src.Close())
	}
	return &carrier{from: src, to: dst, files: map[fileID]string{}, made: map[string]bool{".": true}}, nil
}

func (c *carrier) close() {
	c.from.Close()
	c.to.Close()
}

func (c *carrier) carryAll(ctx context.Context, which func(path string) bool) error {
	err := fs.WalkDir(c.from.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if p == "." || !which(p) {
			return nil
		}
		return c.carry(ctx, p, d)
	})
	// Last, and from the bottom up: what is put into a folder changes its times, and its
	// mode may not let us.
	for i := len(c.folders) - 1; i >= 0 && err == nil; i-- {
		err = c.finishFolder(c.folders[i])
	}
	return err
}

// carry copies one entry. What is neither file, folder nor link (a socket, say)
// has no contents to keep.
func (c *carrier) carry(ctx context.Context, p string, d fs.DirEntry) error {
	if d.IsDir() {
		return c.makeFolder(p, true)
	}
	if !d.Type().IsRegular() && d.Type()&fs.ModeSymlink == 0 {
		return nil
	}
	if err := c.makeFolder(path.Dir(p), false); err != nil {
		return err
	}
	if err := c.to.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	info, err := c.from.Lstat(p)
	if err != nil {
		return err
	}
	id, several := idOf(info)
	if first, ok := c.files[id]; several && ok {
		return c.to.Link(first, p)
	}
	if d.Type().IsRegular() {
		err = c.carryFile(ctx, p, info)
	} else {
		err = c.carryLink(p, info)
	}
	if several {
		c.files[id] = p
	}
	return err
}

// makeFolder makes a folder and those above it that are missing. One that the package
// brought stays as that made it, unless all of it is carried.
func (c *carrier) makeFolder(p string, carried bool) error {
	if c.made[p] {
		return nil
	}
	c.made[p] = true
	if err := c.makeFolder(path.Dir(p), false); err != nil {
		return err
	}
	err := c.to.Mkdir(p, 0o700)
	there := errors.Is(err, fs.ErrExist)
	if there {
		var info fs.FileInfo
		if info, err = c.to.Lstat(p); err == nil && !info.IsDir() {
			err = &swap.NotADirectoryError{Path: path.Join(c.to.Name(), p), Mode: info.Mode()}
		}
	}
	if err == nil && (carried || !there) {
		c.folders = append(c.folders, p)
	}
	return err
}

func (c *carrier) finishFolder(p string) error {
	in, err := c.from.Open(p)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := c.to.Open(p)
	if err != nil {
		return err
	}
	defer out.Close()
	return c.carryFacts(p, in, out)
}

// chunk is how much is copied before looking whether to stop.
const chunk = 256 << 20

func (c *carrier) carryFile(ctx context.Context, p string, info fs.FileInfo) error {
	in, err := c.from.Open(p)
	if err != nil {
		return err
	}
	defer in.Close()
	now, err := in.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(info, now) {
		return fmt.Errorf("%s changed while it was copied", p)
	}
	out, err := c.to.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	for err == nil {
		if err = ctx.Err(); err == nil {
			_, err = io.CopyN(out, in, chunk)
		}
	}
	if errors.Is(err, io.EOF) {
		err = c.carryFacts(p, in, out)
	}
	return errors.Join(err, out.Close())
}
