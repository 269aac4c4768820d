package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// Request says which package is needed, and where it is if it is not here.
type Request struct {
	Plugin plugin.Name
	URL    string        // http(s), file:// or an absolute path
	Want   plugin.Digest // sha256:…; "" if it is not known
	Max    int64         // bytes; 0 is the default limit
	Idle   time.Duration // without a byte; 0 is the client's
}

// Blob is a package open for reading at its start. Its digest is that of what this
// very descriptor reads, whatever happens to the name of the file.
type Blob struct {
	*os.File
	Digest plugin.Digest
	Size   int64
	Cached bool // nothing was fetched
}

// Package gives the package that r asks for: from the cache if it is there and
// unharmed, else from its URL. Those of this machine are copied too, since what is
// judged must be what is unpacked. Bytes of another digest are a
// [*plugin.DigestError], and leave nothing behind.
func (s *Store) Package(ctx context.Context, c *fetch.Client, r Request, observe plugin.Observer) (*Blob, error) {
	if r.Max <= 0 {
		r.Max = plugin.DefaultLimits().Packed
	}
	if r.Want == "" {
		return s.download(ctx, c, r, false, observe)
	}
	want, err := plugin.ParseDigest(string(r.Want))
	if err != nil {
		return nil, err
	}
	if want.Algorithm() != plugin.SHA256 {
		return nil, fmt.Errorf("%s: a package is pinned by %s, not by %s", c.Where(r.URL), plugin.SHA256, want.Algorithm())
	}
	r.Want = want
	if b, err := s.cached(ctx, c, r, observe); b != nil || err != nil {
		return b, err
	}
	unlock, alone, err := s.lock(ctx, want, observe)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Where(r.URL), err)
	}
	defer unlock()
	// Whoever held the lock was fetching the same.
	if b, err := s.cached(ctx, c, r, observe); b != nil || err != nil {
		return b, err
	}
	return s.download(ctx, c, r, alone, observe)
}

// cached gives the package if it is here.
func (s *Store) cached(ctx context.Context, c *fetch.Client, r Request, observe plugin.Observer) (*Blob, error) {
	for _, dir := range s.folders() {
		if b, err := cachedIn(ctx, dir, c, r, observe); b != nil || err != nil {
			return b, err
		}
	}
	return nil, nil
}

// cachedIn is [Store.cached] for one folder. A corrupt package is removed; where that
// is not possible, it is replaced or does not count.
func cachedIn(ctx context.Context, dir string, c *fetch.Client, r Request, observe plugin.Observer) (*Blob, error) {
	path := path(dir, r.Want)
	f, info, err := openRegular(path)
	if errors.Is(err, errIrregular) {
		_ = os.Remove(path)
	}
	if err != nil {
		return nil, nil
	}
	size := info.Size()
	if size > r.Max {
		f.Close()
		return nil, fmt.Errorf("%s: %w", c.Where(r.URL), fetch.TooLarge(r.Max))
	}
	if !isSteady(info) {
		if f, err = private(dir, f, r.Max); err != nil {
			return nil, nil
		}
	}
	got, err := rehash(ctx, f)
	if ctx.Err() != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", c.Where(r.URL), ctx.Err())
	}
	if err != nil || got != r.Want {
		f.Close()
		_ = os.Remove(path)
		return nil, nil
	}
	used(info, func(atime, mtime time.Time) error { return os.Chtimes(path, atime, mtime) })
	observe.Tell(plugin.FetchEvent{
		Plugin: r.Plugin, URL: plugin.RedactURL(r.URL), Bytes: size, Total: size, Done: true, FromCache: true,
	})
	return &Blob{File: f, Digest: r.Want, Size: size, Cached: true}, nil
}

// download fetches, judges and keeps a package: in the cache or, where that cannot be
// written, in a temporary folder. It is alone if no other process fetches the same.
func (s *Store) download(ctx context.Context, c *fetch.Client, r Request, alone bool, observe plugin.Observer) (*Blob, error) {
	for {
		folders := s.folders()
		dir := folders[len(folders)-1]
		p, err := s.partial(dir, r.Want, alone)
		if err != nil {
			err = &DirError{Dir: dir, Err: bare(err)}
		}
		var b *Blob
		if err == nil {
			b, err = s.downloadTo(ctx, dir, p, c, r, observe)
		}
		var unwritable *DirError
		if !errors.As(err, &unwritable) {
			return b, err
		}
		if err := s.goWithout(unwritable, observe); err != nil {
			return nil, err
		}
	}
}

// downloadTo is a download to a file in one folder. That the folder cannot be written is a
// [*DirError].
func (s *Store) downloadTo(
	ctx context.Context, dir string, p *partial, c *fetch.Client, r Request, observe plugin.Observer,
) (*Blob, error) {
	defer p.release()
	report := reporter{observe: observe, plugin: r.Plugin, url: plugin.RedactURL(r.URL)}
	got, size, err := c.WithIdle(r.Idle).Download(ctx, fetch.Request{
		URL: r.URL, Want: r.Want, To: p.File, Max: r.Max, Progress: report.progress,
		Judge: func(where string, got plugin.Digest) error { return r.judge(p.File, where, got) },
		Part:  p.part, Keep: p.remember,
	})
	if err != nil {
		p.leave(err)
		var write *fetch.WriteError
		if errors.As(err, &write) {
			return nil, &DirError{Dir: dir, Err: bare(write.Err)}
		}
		return nil, err
	}
	b, unkept := keep(dir, &Blob{File: p.File, Digest: got, Size: size})
	if b == nil {
		p.Close()
	}
	p.forget()
	if b == nil {
		return nil, &DirError{Dir: dir, Err: bare(unkept)}
	}
	if unkept != nil {
		s.mu.Lock()
		s.warn(&DirError{Dir: dir, Err: bare(unkept)}, observe)
		s.mu.Unlock()
	}
	report.done(size)
	return b, nil
}

// judge says what is wrong with the package in f, which came from where.
func (r Request) judge(f *os.File, where string, got plugin.Digest) error {
	switch {
	case got == r.Want:
		return nil
	case isPage(f):
		// A login page must not be locked in place of the package.
		return &plugin.PageError{Where: where, Want: r.Want}
	case r.Want != "":
		return &plugin.DigestError{Where: where, Want: r.Want, Got: got}
	}
	return nil
}

// isPage reports whether a file holds what is made for a browser.
func isPage(f *os.File) bool {
	head := make([]byte, 512)
	n, _ := f.ReadAt(head, 0)
	return fetch.LooksLikeHTML(head[:n])
}

// temp opens a new file that nobody else can. Until it is released, nobody takes it for
// one that a killed process left.
func temp(dir string) (f *os.File, release func(), err error) {
	temps := filepath.Join(dir, tempDir)
	if err := makeFolder(dir, temps); err != nil {
		return nil, nil, err
	}
	f, err = os.CreateTemp(temps, tempPrefix+"*")
	if err != nil {
		return nil, nil, err
	}
	release, _ = hold(f.Name())
	return f, release, nil
}

// keep gives a judged file its name. There is no fsync, before or after: every
// read rehashes. Where it cannot have its name, the error says why, and what is open is
// the package all the same; without a blob, it is not.
func keep(dir string, b *Blob) (*Blob, error) {
	if _, err := b.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	path := path(dir, b.Digest)
	if err := b.Chmod(0o644); err != nil {
		return b, err
	}
	if runtime.GOOS == "windows" {
		return keepClosed(dir, b, path)
	}
	return b, rename(dir, b.Name(), path)
}

// keepClosed is keep for Windows, which renames no open file. What is opened again
// is judged again.
func keepClosed(dir string, b *Blob, path string) (*Blob, error) {
	if err := b.Close(); err != nil {
		return nil, err
	}
	// Who keeps the same package at the same moment, or reads it, is in the way only
	// until it is read.
	renamed := rename(dir, b.Name(), path)
	var f *os.File
	var info fs.FileInfo
	err := swap.Patiently(func() (err error) {
		f, info, err = openRegular(path)
		return err
	})
	if err != nil {
		return nil, errors.Join(renamed, err)
	}
	if got, err := rehash(context.Background(), f); err != nil || got != b.Digest {
		f.Close()
		return nil, errors.Join(renamed, fmt.Errorf("%s was changed while it was written", path))
	}
	return &Blob{File: f, Digest: b.Digest, Size: info.Size()}, nil
}
