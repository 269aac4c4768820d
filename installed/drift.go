package installed

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/plugins-hcl/plugins/internal/archive"
)

// Drift is how one file or folder differs from what was installed.
type Drift struct {
	Path string
	Kind DriftKind
}

func (d Drift) String() string { return d.Path + ": " + string(d.Kind) }

// DriftKind says what is different.
type DriftKind string

// The kinds of drift.
const (
	Modified  DriftKind = "contents changed"
	Mode      DriftKind = "executable bit changed"
	Elevated  DriftKind = "setuid or setgid bit set" // no package installs either
	Missing   DriftKind = "missing"
	Extra     DriftKind = "not part of the package"
	Irregular DriftKind = "neither a file nor a folder now"
)

// hasModes is false on Windows, which has no executable bit that could drift.
const hasModes = archive.HasModes

// checker compares a plugin's folder with its record.
type checker struct {
	root    *os.Root
	keep    []string
	rehash  bool      // every file, not only those that look touched
	written time.Time // when the record was: what is not older may have changed unseen
	drift   []Drift
	buf     []byte
}

// Check lists the drift of the folder dir against r, which was written at some time,
// sorted by path. What keep names is none. Rehash reads every file, however untouched
// it looks.
func Check(ctx context.Context, dir string, r *Record, written time.Time, keep []string, rehash bool) (drift []Drift, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	c := checker{root: root, keep: keep, rehash: rehash, written: written}
	seen, err := c.walk(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, f := range r.Files {
		if !seen[f.Path] && !c.kept(f.Path) {
			c.add(f.Path, Missing)
		}
	}
	slices.SortFunc(c.drift, func(a, b Drift) int { return strings.Compare(a.Path, b.Path) })
	return c.drift, nil
}

func (c *checker) add(path string, kind DriftKind) {
	c.drift = append(c.drift, Drift{Path: path, Kind: kind})
}

// walk compares what is there, and tells which of the record's paths are.
func (c *checker) walk(ctx context.Context, r *Record) (map[string]bool, error) {
	files := make(map[string]*File, len(r.Files))
	for i := range r.Files {
		files[r.Files[i].Path] = &r.Files[i]
	}
	seen := make(map[string]bool, len(r.Files))
	err := fs.WalkDir(c.root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if p == "." {
			return nil
		}
		f, recorded := files[p]
		seen[p] = recorded
		switch {
		case c.kept(p):
			if d.IsDir() {
				return fs.SkipDir // its plugin's alone, who need not let us in
			}
		case !recorded && d.IsDir() && c.mayHoldKept(p):
		case !recorded:
			c.add(p, Extra)
			if d.IsDir() {
				return fs.SkipDir
			}
		case f.Dir != d.IsDir() || !d.IsDir() && !d.Type().IsRegular():
			c.add(p, Irregular)
			if d.IsDir() {
				return fs.SkipDir
			}
		case !f.Dir:
			return c.file(f)
		}
		return nil
	})
	return seen, err
}

func (c *checker) kept(p string) bool { return Kept(c.keep, p) }

// Kept reports whether the plugin writes the file or folder at p itself, by its
// patterns: one of them names it, or a folder that it lies in.
func Kept(patterns []string, p string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		for at := p; at != "."; at = path.Dir(at) {
			if ok, err := doublestar.Match(pattern, at); ok && err == nil {
				return true
			}
		}
		return false
	})
}

// mayHoldKept reports whether a folder stands on the way to what is kept.
func (c *checker) mayHoldKept(dir string) bool {
	return slices.ContainsFunc(c.keep, func(pattern string) bool {
		for pattern = path.Dir(widen(pattern)); pattern != "." && pattern != "/"; pattern = path.Dir(pattern) {
			if ok, err := doublestar.Match(pattern, dir); ok && err == nil {
				return true
			}
		}
		return false
	})
}

// widen makes a pattern whose elements can be taken off one by one: alternatives that
// span several become anything at all.
func widen(pattern string) string {
	start, depth := 0, 0
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '{':
			if depth == 0 {
				start = i
			}
			depth++
		case '}':
			depth--
		case '/':
			if depth > 0 {
				return pattern[:strings.LastIndex(pattern[:start], "/")+1] + "**/*"
			}
		}
	}
	return pattern
}

// file compares one file: by its inode first, as git's index does, by its
// contents if that differs or if it is as young as the record.
func (c *checker) file(f *File) error {
	info, err := c.root.Lstat(f.Path)
	if err != nil {
		return err
	}
	if hasModes && info.Mode()&(fs.ModeSetuid|fs.ModeSetgid) != 0 {
		c.add(f.Path, Elevated)
		return nil
	}
	exec := info.Mode()&0o111 != 0
	if hasModes && exec != f.Exec {
		c.add(f.Path, Mode)
		return nil
	}
	if info.Size() != f.Size {
		c.add(f.Path, Modified)
		return nil
	}
	if !c.rehash && StatOf(info) == f.Stat && !c.racy(f.Stat) {
		return nil
	}
	sum, err := c.hash(f.Path)
	if err != nil {
		return err
	}
	if sum != f.SHA256 {
		c.add(f.Path, Modified)
	}
	return nil
}

// racy reports whether a file may have been written again in the very tick of the
// clock in which it was recorded.
// Source: git's Documentation/technical/racy-git.txt.
func (c *checker) racy(s Stat) bool {
	written := c.written.UnixNano()
	return s.MTime >= written || s.CTime >= written
}

func (c *checker) hash(p string) (sum Sum, err error) {
	f, err := c.root.Open(p)
	if err != nil {
		return Sum{}, err
	}
	defer f.Close()
	h := sha256.New()
	if c.buf == nil {
		c.buf = make([]byte, 256<<10)
	}
	// Hidden behind a plain reader: os.File's WriteTo would not use the buffer.
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{f}, c.buf); err != nil {
		return Sum{}, fmt.Errorf("%s: %w", p, err)
	}
	return Sum(h.Sum(nil)), nil
}
