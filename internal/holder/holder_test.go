package holder_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/plugins-hcl/plugins/internal/holder"
	"github.com/plugins-hcl/plugins/plugin"
)

// Who holds a lock reads as it was written, while it is held, and nobody does later.
func TestWhoHoldsIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	l := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR))
	if ok, err := l.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	long := plugin.Holder{PID: 4711, User: strings.Repeat("u", 90), Host: "build-3", Since: time.Unix(1.7e9, 0).UTC()}
	for _, h := range []plugin.Holder{long, holder.Current(), {PID: 1}} {
		holder.Write(path, h)
		if got := holder.Read(path); got != h {
			t.Errorf("Read = %+v, want %+v", got, h)
		}
	}
	holder.Clear(path)
	if got := holder.Read(path); !got.IsZero() {
		t.Errorf("when it is cleared: %+v", got)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	me := holder.Current()
	if me.PID != os.Getpid() || me.Host == "" && runtime.GOOS == "linux" || time.Since(me.Since) > time.Minute {
		t.Errorf("Current = %+v", me)
	}
}

// What the file holds is anybody's: nobody is known by it who could not be.
func TestNobodyIsBelieved(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":           "",
		"no line":         ` {"pid":1}`,
		"rubbish":         " \x00\xff\n",
		"no JSON":         " pid 1\n",
		"not an object":   " [1]\n",
		"too large":       ` {"user":"` + strings.Repeat("u", 2000) + "\"}\n",
		"nested":          " " + strings.Repeat("[", 900) + "\n",
		"negative pid":    " {\"pid\":-1}\n",
		"long user":       ` {"user":"` + strings.Repeat("u", 200) + "\"}\n",
		"control":         " {\"user\":\"\\u001b[2J\",\"host\":\"a\\nb\"}\n",
		"bidi":            " {\"user\":\"\\u202egnp\"}\n",
		"long ago":        " {\"since\":\"0001-01-01T00:00:00Z\"}\n",
		"before anything": " {\"since\":\"1970-01-01T00:00:00Z\"}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "lock")
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if got := holder.Read(path); !got.IsZero() || got.String() != "" {
				t.Errorf("Read = %+v", got)
			}
		})
	}
	if got := holder.Read(filepath.Join(t.TempDir(), "missing")); !got.IsZero() {
		t.Errorf("of a missing file: %+v", got)
	}
}

// An address is shown as everywhere.
func TestAddressesAreRedacted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	if err := os.WriteFile(path, []byte(" {\"host\":\"https://u:p@h/\"}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := holder.Read(path); strings.Contains(got.String(), "u:p") || !strings.Contains(got.Host, plugin.Sensitive) {
		t.Errorf("Read = %+v", got)
	}
}

// Another name of somebody's file is not written to, nor is one that is large.
func TestOtherFilesAreNotWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other, large := filepath.Join(dir, "other"), filepath.Join(dir, "large")
	for path, text := range map[string]string{other: "secret", large: strings.Repeat("x", 5000)} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	lock := filepath.Join(dir, "lock")
	if err := os.Link(other, lock); err != nil {
		t.Skip(err)
	}
	if runtime.GOOS == "windows" {
		lock = large // nothing tells there how many names a file has
	}
	for _, path := range []string{lock, large} {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		holder.Write(path, holder.Current())
		holder.Clear(path)
		if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
			t.Errorf("%s holds %q now (%v)", path, after, err)
		}
	}
}

// A link is neither read nor written through.
func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other, link := filepath.Join(dir, "other"), filepath.Join(dir, "lock")
	const text = " {\"pid\":7}\n"
	if err := os.WriteFile(other, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "windows" {
		t.Skip("links take a privilege there")
	}
	if err := os.Symlink(other, link); err != nil {
		t.Fatal(err)
	}
	holder.Write(link, plugin.Holder{PID: 8})
	holder.Clear(link)
	if got := holder.Read(link); !got.IsZero() {
		t.Errorf("Read = %+v", got)
	}
	if data, err := os.ReadFile(other); err != nil || string(data) != text {
		t.Errorf("the other file holds %q (%v)", data, err)
	}
}
