package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
)

// builder writes a tree entry by entry and holds it to the rules that concern the
// tree as a whole. Its errors are refusals, failures of root's disk, or a
// [*contentsError].
type builder struct {
	ctx    context.Context
	root   *os.Root
	limits plugin.Limits
	packed int64 // the archive's size; -1 where the tree comes from no archive

	disguise func(name string) string // see [Disguise]; nil: none

	tree     Tree
	dirs     map[string]bool   // of every path in tree, whether it is a folder
	folded   map[string]string // from the folded to the true path
	folding  folding
	unpacked int64

	// Entries of one folder mostly follow one another: it is kept open.
	openPath string
	openRoot *os.Root

	buf  []byte
	hash hash.Hash
}

// contentsError is a failure to read an entry's contents, as opposed to writing
// them.
type contentsError struct{ err error }

func (e *contentsError) Error() string { return e.err.Error() }
func (e *contentsError) Unwrap() error { return e.err }

const (
	fileMode   = 0o644
	execMode   = 0o755
	folderMode = 0o755
)

func newBuilder(ctx context.Context, root *os.Root, limits plugin.Limits, options ...Option) *builder {
	b := &builder{
		ctx:      ctx,
		root:     root,
		limits:   limits,
		packed:   -1,
		dirs:     map[string]bool{},
		folded:   map[string]string{},
		folding:  newFolding(),
		openPath: ".",
		buf:      make([]byte, 128<<10),
		hash:     sha256.New(),
	}
	for _, option := range options {
		option(b)
	}
	return b
}

func (b *builder) close() error {
	if b.openRoot == nil {
		return nil
	}
	err := b.openRoot.Close()
	b.openRoot, b.openPath = nil, "."
	return err
}

func (b *builder) sorted() Tree {
	slices.SortFunc(b.tree, comparePaths)
	return b.tree
}

// addFolder makes the folder an entry names, unless an earlier entry made it.
func (b *builder) addFolder(raw string) error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	p, err := cleanPath(raw, true, b.limits)
	if err != nil {
		return err
	}
	return b.ensureFolder(raw, p)
}

func (b *builder) ensureFolder(raw, p string) error {
	if p == "." {
		return nil
	}
	if dir, ok := b.dirs[p]; ok {
		if !dir {
			return refuse(raw, "a folder stands where a file does: %q", p)
		}
		return nil
	}
	if err := b.ensureFolder(raw, path.Dir(p)); err != nil {
		return err
	}
	if err := b.claim(raw, p, true); err != nil {
		return err
	}
	parent, err := b.parent(p)
	if err != nil {
		return err
	}
	name := path.Base(b.written(p))
	err = parent.Mkdir(name, folderMode)
	if err == nil {
		err = parent.Chmod(name, folderMode) // whatever the umask
	}
	if err != nil {
		return fmt.Errorf("in %s: %w", parent.Name(), err)
	}
	b.tree = append(b.tree, Entry{Path: p, Dir: true})
	return nil
}

// addFile writes a file whose contents are all that r gives; size is what the
// archive says of them.
func (b *builder) addFile(raw string, exec bool, size int64, r io.Reader) error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	p, err := cleanPath(raw, false, b.limits)
	if err != nil {
		return err
	}
	if dir, ok := b.dirs[p]; ok && dir {
		return refuse(raw, "a file stands where a folder does")
	} else if ok {
		return refuse(raw, "an earlier entry is the same file")
	}
	if err := b.ensureFolder(raw, path.Dir(p)); err != nil {
		return err
	}
	if err := b.claim(raw, p, false); err != nil {
		return err
	}
	// What is announced to break a limit need not be written first.
	if err := b.checkSize(raw, size, b.unpacked+size); err != nil {
		return err
	}
	e := Entry{Path: p, Exec: exec}
	if err := b.write(&e, raw, r); err != nil {
		return err
	}
	b.tree = append(b.tree, e)
	return nil
}

// claim takes the path p, whose folders are there, for an entry.
func (b *builder) claim(raw, p string, dir bool) error {
	if int64(len(b.dirs)) >= b.limits.Entries {
		return refuse(raw, "the archive holds more than %d files and folders; %s",
			b.limits.Entries, plugin.RaiseCount("entries", b.limits.Entries))
	}
	key := b.folding.key(p)
	if other, ok := b.folded[key]; ok {
		return refuse(raw, "%q and %q are the same name where case or the form of accents does not count", p, other)
	}
	b.folded[key] = p
	b.dirs[p] = dir
	return nil
}

// parent is the folder that p lies in, opened.
func (b *builder) parent(p string) (*os.Root, error) {
	dir := path.Dir(p)
	if dir == b.openPath {
		if b.openRoot == nil {
			return b.root, nil
		}
		return b.openRoot, nil
	}
	if err := b.close(); err != nil {
		return nil, err
	}
	if dir == "." {
		return b.root, nil
	}
	opened, err := b.root.OpenRoot(b.written(dir))
	if err != nil {
		return nil, err
	}
	b.openRoot, b.openPath = opened, dir
	return opened, nil
}

// write writes, hashes and counts the contents of the file e.
func (b *builder) write(e *Entry, raw string, r io.Reader) (err error) {
	parent, err := b.parent(e.Path)
	if err != nil {
		return err
	}
	f, err := parent.OpenFile(path.Base(e.Path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return fmt.Errorf("in %s: %w", parent.Name(), err)
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	mode := os.FileMode(fileMode)
	if e.Exec {
		mode = execMode
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	b.hash.Reset()
	for end := false; !end; {
		n, err := fill(r, b.buf)
		end = errors.Is(err, io.EOF)
		if err != nil && !end {
			return &contentsError{err}
		}
		if err := b.count(e, raw, int64(n)); err != nil {
			return err
		}
		b.hash.Write(b.buf[:n])
		if _, err := f.Write(b.buf[:n]); err != nil {
			return err
		}
	}
	b.hash.Sum(e.SHA256[:0])
	return nil
}

// fill reads until p is full or r at its end, which io.EOF tells. Other than
// [io.ReadFull] it leaves r's own io.ErrUnexpectedEOF distinct from its end.
func fill(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var k int
		k, err = r.Read(p[n:])
		n += k
	}
	return n, err
}

// count takes n bytes more of the file e before they are written.
func (b *builder) count(e *Entry, raw string, n int64) error {
	e.Size += n
	b.unpacked += n
	if err := b.ctx.Err(); err != nil {
		return err
	}
	return b.checkSize(raw, e.Size, b.unpacked)
}

func (b *builder) checkSize(raw string, file, unpacked int64) error {
	l := b.limits
	if file > l.File {
		return refuse(raw, "the file is larger than %s; %s", plugin.Size(l.File), plugin.RaiseSize("file", l.File))
	}
	// A sum that overflows is beyond any limit.
	if unpacked > l.Unpacked || unpacked < 0 {
		return refuse(raw, "the archive unpacks to more than %s; %s", plugin.Size(l.Unpacked), plugin.RaiseSize("unpacked", l.Unpacked))
	}
	ratio := max(l.Ratio, 1)
	if b.packed >= 0 && unpacked > plugin.RatioFrom && (unpacked-1)/ratio >= b.packed {
		return refuse(raw, "the archive unpacks to more than %d times its own size; %s", ratio, plugin.RaiseCount("ratio", ratio))
	}
	return nil
}
