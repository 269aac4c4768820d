package store

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/plugins-hcl/plugins/internal/holder"
	"github.com/plugins-hcl/plugins/plugin"
)

const (
	// lockPoll is how often another process's download is asked for.
	lockPoll = 100 * time.Millisecond

	// lockPatience is when we stop waiting for another process and fetch the same
	// package: its lock only saves work, and it may be stopped.
	lockPatience = 2 * time.Minute
)

// lock lets one at a time fetch the package with digest d, so that the others find
// it in the cache. It is alone unless another process may be at it all the same.
func (s *Store) lock(ctx context.Context, d plugin.Digest, observe plugin.Observer) (unlock func(), alone bool, err error) {
	land, err := s.flights.enter(ctx, d)
	if err != nil {
		return nil, false, err
	}
	release, alone := s.lockFile(ctx, d, observe)
	if err := ctx.Err(); err != nil {
		release()
		land()
		return nil, false, err
	}
	return func() { release(); land() }, alone, nil
}

// lockFile waits for other processes. A file system that knows no locks, or a cache
// that cannot be written, is no reason to fail here.
func (s *Store) lockFile(ctx context.Context, d plugin.Digest, observe plugin.Observer) (release func(), alone bool) {
	dir := filepath.Join(s.dir, tempDir)
	if s.temporary || makeFolder(s.dir, dir) != nil {
		return func() {}, false
	}
	path := filepath.Join(dir, d.Hex()+".lock")
	l := flock.New(path, flock.SetPermissions(0o644)) // other users wait, too
	locked, err := l.TryLock()
	if err == nil && !locked {
		observe.Tell(plugin.WaitEvent{Path: path, Holder: holder.Read(path)})
		ctx, cancel := context.WithTimeout(ctx, lockPatience)
		defer cancel()
		locked, _ = l.TryLockContext(ctx, lockPoll)
	}
	if !locked {
		return func() { _ = l.Close() }, false
	}
	holder.Write(path, holder.Current())
	return func() {
		// Before unlocking, or it might be another's by then.
		_ = os.Remove(path)
		_ = l.Close()
		if runtime.GOOS == "windows" {
			_ = os.Remove(path) // only now: it removes no open file, and so not another's
		}
	}, true
}

// flights are the packages that this process is fetching.
type flights struct {
	mu  sync.Mutex
	now map[plugin.Digest]chan struct{} // closed when it is over
}

// enter waits until nobody else fetches d.
func (f *flights) enter(ctx context.Context, d plugin.Digest) (land func(), err error) {
	for {
		over := f.claim(d)
		if over == nil {
			return func() { f.land(d) }, nil
		}
		select {
		case <-over:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// claim takes d, or gives what to wait for.
func (f *flights) claim(d plugin.Digest) (over <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if over, ok := f.now[d]; ok {
		return over
	}
	if f.now == nil {
		f.now = map[plugin.Digest]chan struct{}{}
	}
	f.now[d] = make(chan struct{})
	return nil
}

func (f *flights) land(d plugin.Digest) {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.now[d])
	delete(f.now, d)
}
