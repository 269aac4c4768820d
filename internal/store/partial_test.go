package store_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/plugins-hcl/plugins/internal/fetch"
	"github.com/plugins-hcl/plugins/internal/store"
	"github.com/plugins-hcl/plugins/plugin"
)

// breaking serves the content with an ETag; as long as it is broken, each connection
// breaks after a part of it.
type breaking struct {
	mu     sync.Mutex
	broken bool
	body   []byte
	ranges []string
}

func (b *breaking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ranges = append(b.ranges, r.Header.Get("Range"))
	w.Header().Set("ETag", `"`+digest(b.body).Hex()+`"`)
	if !b.broken {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.body))
		return
	}
	w.Header().Set("Content-Length", "240000")
	_, _ = w.Write(b.body[:100_000])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// asked is what ranges were asked for since it was called last, in brackets.
func (b *breaking) asked() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var text strings.Builder
	for _, r := range b.ranges {
		text.WriteString("[" + strings.TrimPrefix(r, "bytes=") + "]")
	}
	b.ranges = nil
	return text.String()
}

// impatient is a client that tries once.
func impatient() *fetch.Client { return fetch.New(fetch.Config{Retries: -1}) }

func partPath(dir string) string { return filepath.Join(dir, "tmp", digest(content).Hex()+".part") }
func notePath(dir string) string { return filepath.Join(dir, "tmp", digest(content).Hex()+".from") }

// brokenOff is a cache in which a run left the first part of the content.
func brokenOff(t *testing.T, r *store.Request) (dir string, b *breaking) {
	t.Helper()
	b = &breaking{broken: true, body: content}
	dir = t.TempDir()
	r.URL, r.Want = serve(t, b.ServeHTTP).URL+"/p?sig=s3cr3t", digest(content)
	if _, err := open(t, dir).Package(t.Context(), impatient(), *r, nil); err == nil {
		t.Fatal("no error")
	}
	wantFiles(t, dir, notePath(dir), partPath(dir))
	if data, err := os.ReadFile(notePath(dir)); err != nil || bytes.Contains(data, []byte("s3cr3t")) || bytes.Contains(data, []byte("127.0.0.1")) {
		t.Errorf("the note is %s, %v", data, err)
	}
	b.broken = false
	b.asked()
	return dir, b
}

// wantPackage demands the content, and a cache that holds nothing else.
func wantPackage(t *testing.T, dir string, r store.Request, others ...string) {
	t.Helper()
	b, err := open(t, dir).Package(t.Context(), impatient(), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	wantContent(t, b)
	wantFiles(t, dir, append([]string{blobPath(dir)}, others...)...)
}

// A run goes on where an earlier one broke off.
func TestGoesOnInAnotherRun(t *testing.T) {
	t.Parallel()
	var r store.Request
	dir, b := brokenOff(t, &r)
	wantPackage(t, dir, r)
	if asked := b.asked(); asked != "[100000-]" {
		t.Errorf("asked for %s", asked)
	}
}

// Several runs that break off leave one part, which grows where the server lets it.
func TestBreaksOffTwice(t *testing.T) {
	t.Parallel()
	var r store.Request
	dir, b := brokenOff(t, &r)
	b.broken = true
	if _, err := open(t, dir).Package(t.Context(), impatient(), r, nil); err == nil {
		t.Fatal("no error")
	}
	wantFiles(t, dir, notePath(dir), partPath(dir))
	b.broken = false
	b.asked()
	wantPackage(t, dir, r)
	if asked := b.asked(); asked != "[100000-]" {
		t.Errorf("asked for %s", asked)
	}
}

// What lies there is trusted in nothing: it is fetched anew before anything is refused.
func TestHarmedPartIsFetchedAnew(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		harm  func(dir string) error
		asked string
	}{
		"other bytes": {func(dir string) error {
			return os.WriteFile(partPath(dir), bytes.Repeat([]byte("x"), 50_000), 0o600)
		}, "[50000-][]"},
		"empty":     {func(dir string) error { return os.Truncate(partPath(dir), 0) }, "[]"},
		"whole":     {func(dir string) error { return os.WriteFile(partPath(dir), content, 0o600) }, "[]"},
		"too long":  {func(dir string) error { return os.WriteFile(partPath(dir), append(content, "x"...), 0o600) }, "[]"},
		"gone":      {func(dir string) error { return os.Remove(partPath(dir)) }, "[]"},
		"half note": {func(dir string) error { return os.Truncate(notePath(dir), 20) }, "[]"},
		"no note":   {func(dir string) error { return os.Remove(notePath(dir)) }, "[]"},
		"lying note": {func(dir string) error {
			note, err := os.ReadFile(notePath(dir))
			note = bytes.Replace(note, []byte("240000"), []byte("999999"), 1)
			return errors.Join(err, os.WriteFile(notePath(dir), note, 0o600))
		}, "[100000-][]"},
		"of another place": {func(dir string) error {
			note, err := os.ReadFile(notePath(dir))
			note = bytes.Replace(note, []byte(`"from":"`), []byte(`"from":"0`), 1)
			return errors.Join(err, os.WriteFile(notePath(dir), note, 0o600))
		}, "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r store.Request
			dir, b := brokenOff(t, &r)
			if err := test.harm(dir); err != nil {
				t.Fatal(err)
			}
			s, err := store.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			// The client may try again: what it was told is refuted by the server.
			blob, err := s.Package(t.Context(), client(), r, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer blob.Close()
			wantContent(t, blob)
			wantFiles(t, dir, blobPath(dir))
			if asked := b.asked(); asked != test.asked {
				t.Errorf("asked for %s, want %s", asked, test.asked)
			}
		})
	}
}

// Bytes that are refused, after a part as without one, leave nothing.
func TestRefusedPartLeavesNothing(t *testing.T) {
	t.Parallel()
	var r store.Request
	dir, b := brokenOff(t, &r)
	b.body = bytes.ToUpper(content)
	_, err := open(t, dir).Package(t.Context(), impatient(), r, nil)
	var mismatch *plugin.DigestError
	if !errors.As(err, &mismatch) || mismatch.Got != digest(b.body) {
		t.Errorf("got %v", err)
	}
	wantFiles(t, dir)
}

// In a cache that several share, what another put in a part's place is not written to.
func TestPlantedParts(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs links and modes")
	}
	for name, plant := range map[string]func(victim, part string) error{
		"symbolic link": os.Symlink,
		"hard link":     os.Link,
		"open to all": func(_, part string) error {
			return errors.Join(os.WriteFile(part, []byte("theirs"), 0o600), os.Chmod(part, 0o666))
		},
		"folder": func(_, part string) error { return os.Mkdir(part, 0o755) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r store.Request
			dir, b := brokenOff(t, &r)
			victim := filepath.Join(t.TempDir(), "victim")
			if err := errors.Join(os.WriteFile(victim, []byte("precious"), 0o600), os.Remove(partPath(dir)), plant(victim, partPath(dir))); err != nil {
				t.Fatal(err)
			}
			blob, err := open(t, dir).Package(t.Context(), impatient(), r, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer blob.Close()
			wantContent(t, blob)
			if data, err := os.ReadFile(victim); err != nil || string(data) != "precious" {
				t.Errorf("the victim is %q, %v", data, err)
			}
			if asked := b.asked(); asked != "[]" {
				t.Errorf("asked for %s", asked)
			}
		})
	}
}

// The same for the note.
func TestPlantedNote(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs links")
	}
	var r store.Request
	dir, b := brokenOff(t, &r)
	b.broken = true
	victim := filepath.Join(t.TempDir(), "victim")
	if err := errors.Join(os.WriteFile(victim, []byte("precious"), 0o600), os.Remove(notePath(dir)), os.Symlink(victim, notePath(dir))); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir).Package(t.Context(), impatient(), r, nil); err == nil {
		t.Fatal("no error")
	}
	if data, err := os.ReadFile(victim); err != nil || string(data) != "precious" {
		t.Errorf("the victim is %q, %v", data, err)
	}
}

// Two processes never write to one part: the second has a file of its own.
func TestPartOfAnother(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs locks on open files")
	}
	var r store.Request
	dir, b := brokenOff(t, &r)
	before, err := os.ReadFile(partPath(dir))
	if err != nil {
		t.Fatal(err)
	}
	other := flock.New(partPath(dir), flock.SetFlag(os.O_RDONLY))
	if ok, err := other.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	defer other.Close()
	wantPackage(t, dir, r, notePath(dir), partPath(dir))
	if after, err := os.ReadFile(partPath(dir)); err != nil || !bytes.Equal(before, after) {
		t.Errorf("it is changed: %v", err)
	}
	if asked := b.asked(); asked != "[]" {
		t.Errorf("asked for %s", asked)
	}
}

// A part waits for a week.
func TestOldPartsAreRemoved(t *testing.T) {
	t.Parallel()
	var r store.Request
	dir, _ := brokenOff(t, &r)
	age := func(days int, paths ...string) {
		t.Helper()
		at := time.Now().Add(-time.Duration(days) * 24 * time.Hour)
		for _, path := range paths {
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	age(30, notePath(dir))
	age(6, partPath(dir))
	open(t, dir)
	wantFiles(t, dir, notePath(dir), partPath(dir))
	age(8, partPath(dir))
	open(t, dir)
	wantFiles(t, dir)
}
