package archive

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
)

// Read lists the folder root and hashes every file in it. What is neither a
// regular file nor a folder is listed by its type (see [Entry.Irregular]), never
// opened or followed. Whatever cannot be read is an error: it is not absent. Where
// files have no executable bit, none is executable.
func Read(ctx context.Context, root *os.Root) (Tree, error) {
	return read(ctx, root, reading{exec: shownBit, leftOut: func(fs.FileInfo) bool { return false }})
}

// reading is what differs between looking at what lies in a folder and at what would
// be installed from it.
type reading struct {
	exec    func(fs.FileMode, []byte) bool // of a file that starts so
	leftOut func(fs.FileInfo) bool
}

func read(ctx context.Context, root *os.Root, how reading) (Tree, error) {
	var tree Tree
	h := newHasher()
	err := walk(ctx, root, math.MaxInt64, func(dir *os.Root, p string, info fs.FileInfo) error {
		if how.leftOut(info) {
			return fs.SkipDir
		}
		e := Entry{Path: p}
		switch mode := info.Mode(); {
		case mode.IsDir():
			e.Dir = true
		case mode.IsRegular():
			var err error
			if e.SHA256, e.Size, err = h.file(ctx, dir, info); err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
			e.Exec = how.exec(mode, h.head)
		default:
			e.Irregular = mode.Type()
		}
		tree = append(tree, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	// A folder's contents do not follow it at once: "a", "a-b", "a/b".
	slices.SortFunc(tree, comparePaths)
	return tree, nil
}

// hasher hashes one file after the other with one buffer.
type hasher struct {
	hash hash.Hash
	buf  []byte
	head []byte // how the last file started
}

func newHasher() *hasher {
	return &hasher{hash: sha256.New(), buf: make([]byte, 128<<10)}
}

func (h *hasher) file(ctx context.Context, dir *os.Root, info fs.FileInfo) (sum [sha256.Size]byte, size int64, err error) {
	f, err := openRegular(dir, info)
	if err != nil {
		return sum, 0, err
	}
	defer f.Close()
	h.hash.Reset()
	h.head = h.head[:0]
	for {
		if err := ctx.Err(); err != nil {
			return sum, 0, err
		}
		n, err := f.Read(h.buf)
		h.hash.Write(h.buf[:n])
		h.head = append(h.head, h.buf[:min(n, headSize-len(h.head))]...)
		size += int64(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return sum, 0, err
		}
	}
	h.hash.Sum(sum[:0])
	return sum, size, nil
}
