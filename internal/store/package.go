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
		return s.download(ctx, c, r, observe)
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
	unlock, err := s.lock(ctx, want, observe)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Where(r.URL), err)
	}
	defer unlock()
	// Whoever held the lock was fetching the same.
	if b, err := s.cached(ctx, c, r, observe); b != nil || err != nil {
		return b, err
	}
	return s.download(ctx, c, r, observe)
}

// cached gives the package if it is here. A corrupt one is removed; where that
// is not possible, it is replaced or does not count.
func (s *Store) cached(ctx context.Context, c *fetch.Client, r Request, observe plugin.Observer) (*Blob, error) {
	path := s.path(r.Want)
	f, size, err := openRegular(path)
	if errors.Is(err, errIrregular) {
		_ = os.Remove(path)
	}
	if err != nil {
		return nil, nil
	}
	if size > r.Max {
		f.Close()
		return nil, fmt.Errorf("%s: %w", c.Where(r.URL), fetch.TooLarge(r.Max))
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
	observe.Tell(plugin.FetchEvent{
		Plugin: r.Plugin, URL: plugin.RedactURL(r.URL), Bytes: size, Total: size, Done: true, FromCache: true,
	})
	return &Blob{File: f, Digest: r.Want, Size: size, Cached: true}, nil
}

// download fetches into a temporary file, judges it, and keeps it.
func (s *Store) download(
	ctx context.Context, c *fetch.Client, r Request, observe plugin.Observer,
) (b *Blob, err error) {
	f, err := s.temp()
	if err != nil {
		return nil, s.fail(err)
	}
	defer func() {
		if err != nil {
			f.Close()
		}
		// Nothing, where it was renamed.
		_ = os.Remove(f.Name())
	}()
	report := reporter{observe: observe, plugin: r.Plugin, url: plugin.RedactURL(r.URL)}
	got, size, err := c.WithIdle(r.Idle).Download(ctx, r.URL, f, r.Max, report.progress)
	var write *fetch.WriteError
	if errors.As(err, &write) {
		return nil, s.fail(err)
	}
	if err != nil {
		return nil, err
	}
	if (r.Want == "" || got != r.Want) && isPage(f) {
		// A login page must not be locked in place of the package.
		return nil, &plugin.PageError{Where: c.Where(r.URL), Want: r.Want}
	}
	if r.Want != "" && got != r.Want {
		return nil, &plugin.DigestError{Where: c.Where(r.URL), Want: r.Want, Got: got}
	}
	b, err = s.keep(&Blob{File: f, Digest: got, Size: size})
	if err != nil {
		return nil, s.fail(err)
	}
	report.done(size)
	return b, nil
}

// isPage reports whether a file holds what is made for a browser.
func isPage(f *os.File) bool {
	head := make([]byte, 512)
	n, _ := f.ReadAt(head, 0)
	return fetch.LooksLikeHTML(head[:n])
}

// temp opens a new file that nobody else can.
func (s *Store) temp() (*os.File, error) {
	dir := filepath.Join(s.dir, tempDir)
	s.sweep.Do(func() { removeStale(dir) })
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return os.CreateTemp(dir, tempPrefix+"*")
}

// keep gives a judged file its name. There is no fsync, before or after: every
// read rehashes.
func (s *Store) keep(b *Blob) (*Blob, error) {
	if _, err := b.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if err := b.Chmod(0o644); err != nil {
		return nil, err
	}
	path := s.path(b.Digest)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	if runtime.GOOS == "windows" {
		return s.keepClosed(b, path)
	}
	err := os.Rename(b.Name(), path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	// Gone because somebody cleaned the cache: what is open is still the package.
	return b, nil
}

// keepClosed is keep for Windows, which renames no open file. What is opened again
// is judged again.
func (s *Store) keepClosed(b *Blob, path string) (*Blob, error) {
	if err := b.Close(); err != nil {
		return nil, err
	}
	renamed := os.Rename(b.Name(), path)
	f, size, err := openRegular(path)
	if err != nil {
		return nil, errors.Join(renamed, err)
	}
	if got, err := rehash(context.Background(), f); err != nil || got != b.Digest {
		f.Close()
		return nil, errors.Join(renamed, fmt.Errorf("%s was changed while it was written", path))
	}
	return &Blob{File: f, Digest: b.Digest, Size: size}, nil
}
