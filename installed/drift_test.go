package installed_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/plugin"
)

func TestDrift(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(d directory)
		want   []string
	}{
		"untouched": {func(directory) {}, nil},
		"contents": {
			func(d directory) { write(d.t, d.path("authz/docs/a.txt"), "two", 0o644) },
			[]string{"docs/a.txt: contents changed"},
		},
		"longer": {
			func(d directory) { write(d.t, d.path("authz/docs/a.txt"), "one more", 0o644) },
			[]string{"docs/a.txt: contents changed"},
		},
		"emptied": {
			func(d directory) { must(d.t, os.Truncate(d.path("authz/authz"), 0)) },
			[]string{"authz: contents changed"},
		},
		"the same again": {
			func(d directory) {
				must(d.t, os.Remove(d.path("authz/docs/a.txt")))
				write(d.t, d.path("authz/docs/a.txt"), "one", 0o644)
			}, nil,
		},
		"touched": {
			func(d directory) { must(d.t, os.Chtimes(d.path("authz/authz"), time.Time{}, time.Now())) }, nil,
		},
		"a file is gone": {
			func(d directory) { must(d.t, os.Remove(d.path("authz/plugin.json"))) },
			[]string{"plugin.json: missing"},
		},
		"a folder is gone": {
			func(d directory) { must(d.t, os.RemoveAll(d.path("authz/docs"))) },
			[]string{"docs: missing", "docs/a.txt: missing"},
		},
		"an empty folder is gone": {
			func(d directory) { must(d.t, os.Remove(d.path("authz/empty"))) },
			[]string{"empty: missing"},
		},
		"a file is new": {
			func(d directory) { write(d.t, d.path("authz/docs/b.txt"), "", 0o644) },
			[]string{"docs/b.txt: not part of the package"},
		},
		"a folder is new": {
			func(d directory) { write(d.t, d.path("authz/new/deep/file"), "", 0o644) },
			[]string{"new: not part of the package"},
		},
		"a file became a folder": {
			func(d directory) {
				must(d.t, os.Remove(d.path("authz/docs/a.txt")))
				write(d.t, d.path("authz/docs/a.txt/x"), "", 0o644)
			},
			[]string{"docs/a.txt: neither a file nor a folder now"},
		},
		"a folder became a file": {
			func(d directory) {
				must(d.t, os.Remove(d.path("authz/empty")))
				write(d.t, d.path("authz/empty"), "", 0o644)
			},
			[]string{"empty: neither a file nor a folder now"},
		},
		"several, in order": {
			func(d directory) {
				write(d.t, d.path("authz/z"), "", 0o644)
				write(d.t, d.path("authz/docs/a.txt"), "two", 0o644)
				must(d.t, os.Remove(d.path("authz/plugin.json")))
			},
			[]string{"docs/a.txt: contents changed", "plugin.json: missing", "z: not part of the package"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t)
			d.install("authz")
			test.change(d)
			for _, rehash := range []bool{false, true} {
				if diff := cmp.Diff(test.want, d.drift(installed.Options{Rehash: rehash})); diff != "" {
					t.Errorf("rehash %v: drift (-want +got):\n%s", rehash, diff)
				}
			}
		})
	}
}

func TestDriftOfModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no such modes")
	}
	d := newDirectory(t)
	d.install("authz")
	// Who else may write to it is not ours to judge; a umask differs.
	must(t, os.Chmod(d.path("authz/plugin.json"), 0o600))
	must(t, os.Chmod(d.path("authz/authz"), 0o700))
	must(t, os.Chmod(d.path("authz/docs"), 0o700))
	if drift := d.drift(installed.Options{}); drift != nil {
		t.Errorf("modes but for the executable bit are drift: %q", drift)
	}
	must(t, os.Chmod(d.path("authz/plugin.json"), 0o755))
	must(t, os.Chmod(d.path("authz/authz"), 0o644))
	want := []string{"authz: executable bit changed", "plugin.json: executable bit changed"}
	if diff := cmp.Diff(want, d.drift(installed.Options{})); diff != "" {
		t.Errorf("drift (-want +got):\n%s", diff)
	}
	// Who runs the executable must not become somebody else by it.
	must(t, os.Chmod(d.path("authz/authz"), 0o755|fs.ModeSetuid))
	must(t, os.Chmod(d.path("authz/plugin.json"), 0o644|fs.ModeSetgid))
	want = []string{"authz: setuid or setgid bit set", "plugin.json: setuid or setgid bit set"}
	if diff := cmp.Diff(want, d.drift(installed.Options{})); diff != "" {
		t.Errorf("drift (-want +got):\n%s", diff)
	}
}

// A link is never followed: what it leads to is somebody else's.
func TestDriftOfLinks(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	d.install("authz")
	outside := filepath.Join(t.TempDir(), "a.txt")
	write(t, outside, "one", 0o644)
	must(t, os.Remove(d.path("authz/docs/a.txt")))
	if err := os.Symlink(outside, d.path("authz/docs/a.txt")); err != nil {
		t.Skip(err)
	}
	must(t, os.Remove(d.path("authz/empty")))
	must(t, os.Symlink(filepath.Dir(outside), d.path("authz/empty")))
	must(t, os.Symlink("nowhere", d.path("authz/new")))
	want := []string{
		"docs/a.txt: neither a file nor a folder now",
		"empty: neither a file nor a folder now",
		"new: not part of the package",
	}
	if diff := cmp.Diff(want, d.drift(installed.Options{})); diff != "" {
		t.Errorf("drift (-want +got):\n%s", diff)
	}
}

// What looks untouched is not read: the record says other contents, and is believed.
// Verifying reads it all the same.
func TestUntouchedFilesAreNotRead(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	d.install("authz")
	d.lie(func(f *installed.File) { f.SHA256[0] ^= 1 })
	if drift := d.drift(installed.Options{}); drift != nil {
		t.Errorf("files that look untouched were read: %q", drift)
	}
	want := []string{"authz: contents changed", "docs/a.txt: contents changed", "plugin.json: contents changed"}
	if diff := cmp.Diff(want, d.drift(installed.Options{Rehash: true})); diff != "" {
		t.Errorf("drift of everything, read (-want +got):\n%s", diff)
	}
}

// lie changes what the record says of each file.
func (d directory) lie(change func(*installed.File)) {
	d.t.Helper()
	r := d.recordOf("authz")
	for i := range r.Files {
		if !r.Files[i].Dir {
			change(&r.Files[i])
		}
	}
	d.writeRecord(r)
	d.recordedAt("authz", time.Now().Add(time.Hour))
}

// Whatever of a file's inode differs, it is read.
func TestTouchedFilesAreRead(t *testing.T) {
	t.Parallel()
	for name, touch := range map[string]func(*installed.File){
		"inode":             func(f *installed.File) { f.Stat.Inode++ },
		"modification time": func(f *installed.File) { f.Stat.MTime-- },
		"change time":       func(f *installed.File) { f.Stat.CTime-- },
	} {
		d := newDirectory(t)
		d.install("authz")
		d.lie(touch)
		if drift := d.drift(installed.Options{}); drift != nil {
			t.Errorf("another %s alone is drift: %q", name, drift)
		}
		d.lie(func(f *installed.File) {
			if touch(f); f.Path != plugin.ManifestFile {
				f.SHA256[0] ^= 1
			}
		})
		if drift := d.drift(keep()); len(drift) != 2 {
			t.Errorf("another %s did not make it be read: %q", name, drift)
		}
	}
}

// A file that is as young as its record may have changed again in the same tick of the
// clock, its size and times the same. It is read.
func TestRacyFilesAreRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		modified time.Duration // of the file, after its change time
		record   time.Duration // after the younger of the two
		read     bool
	}{
		"recorded later":                     {-time.Hour, 1, false},
		"recorded in the tick of the change": {-time.Hour, 0, true},
		"recorded before the change":         {-time.Hour, -time.Minute, true},
		"recorded in the tick of the write":  {time.Hour, 0, true},
		"recorded before the write":          {time.Hour, -time.Minute, true},
		"recorded after a write to come":     {time.Hour, 1, false},
	} {
		d := newDirectory(t)
		d.install("authz")
		file := d.path("authz/authz")
		modified := time.Now().Add(test.modified)
		must(t, os.Chtimes(file, modified, modified))
		info, err := os.Stat(file)
		must(t, err)
		stat := installed.StatOf(info)
		if stat.CTime == 0 {
			t.Skip("there is no change time")
		}
		d.lie(func(f *installed.File) { f.SHA256[0] ^= 1 })
		d.recordedAt("authz", time.Unix(0, max(stat.MTime, stat.CTime)).Add(test.record))
		if read := slices.Contains(d.drift(installed.Options{}), "authz: contents changed"); read != test.read {
			t.Errorf("%s: read is %v, want %v", name, read, test.read)
		}
	}
}

// A copy has other inodes and times, and is no drift.
func TestACopiedDirectoryIsNoDrift(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	d.install("authz")
	moved := newDirectory(t)
	must(t, os.CopyFS(moved.Dir, os.DirFS(d.Dir)))
	if drift := moved.drift(installed.Options{}); drift != nil {
		t.Errorf("a copy has drifted: %q", drift)
	}
	write(t, moved.path("authz/docs/a.txt"), "two", 0o644)
	if drift := moved.drift(installed.Options{}); len(drift) != 1 {
		t.Errorf("a changed copy has not: %q", drift)
	}
}

func TestKept(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, path string
		want          bool
	}{
		{"data", "data", true},
		{"data", "data/db", true},
		{"data", "data/deep/er", true},
		{"data", "database", false},
		{"data", "docs/data", false},
		{"var/*", "var", false},
		{"var/*", "var/a", true},
		{"var/*", "var/a/b", true},
		{"**/cache", "x/cache/y", true},
		{"data/*.db", "data/x.db/wal", true},
		{"data/*.db", "data/x", false},
		{"{a,b/c}", "b/c/d", true},
		{"{a,b/c}", "b/d", false},
	} {
		if got := installed.Kept([]string{"nothing", test.pattern}, test.path); got != test.want {
			t.Errorf("%q keeps %q: %v", test.pattern, test.path, got)
		}
	}
}

func TestKeep(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		patterns []string
		change   func(d directory)
		want     []string
	}{
		"what it writes": {
			[]string{"data/**"},
			func(d directory) { write(d.t, d.path("authz/data/cache/x"), "", 0o644) }, nil,
		},
		"a folder, empty": {
			[]string{"data/**"},
			func(d directory) { must(d.t, os.MkdirAll(d.path("authz/data"), 0o755)) }, nil,
		},
		"one file of a folder": {
			[]string{"var/lib/state.db"},
			func(d directory) {
				write(d.t, d.path("authz/var/lib/state.db"), "", 0o644)
				write(d.t, d.path("authz/var/lib/other"), "", 0o644)
			},
			[]string{"var/lib/other: not part of the package"},
		},
		"files of a name, anywhere": {
			[]string{"**/*.log"},
			func(d directory) {
				write(d.t, d.path("authz/x.log"), "", 0o644)
				write(d.t, d.path("authz/docs/deep/y.log"), "", 0o644)
				write(d.t, d.path("authz/docs/y.txt"), "", 0o644)
			},
			[]string{"docs/y.txt: not part of the package"},
		},
		"alternatives": {
			[]string{"{data,cache}/**"},
			func(d directory) {
				write(d.t, d.path("authz/data/x"), "", 0o644)
				write(d.t, d.path("authz/cache/x"), "", 0o644)
				write(d.t, d.path("authz/else/x"), "", 0o644)
			},
			[]string{"else: not part of the package"},
		},
		"alternatives with folders": {
			[]string{"{var/data,var/cache}/**"},
			func(d directory) { write(d.t, d.path("authz/var/data/x"), "", 0o644) }, nil,
		},
		"alternatives of several folders below one": {
			[]string{"var/{a,b/c}/x"},
			func(d directory) {
				write(d.t, d.path("authz/var/b/c/x"), "", 0o644)
				write(d.t, d.path("authz/var/b/c/y"), "", 0o644)
				write(d.t, d.path("authz/else/x"), "", 0o644)
			},
			[]string{"else: not part of the package", "var/b/c/y: not part of the package"},
		},
		"what the package brought": {
			[]string{"docs/**"},
			func(d directory) { write(d.t, d.path("authz/docs/a.txt"), "two", 0o644) }, nil,
		},
		"what the package brought, removed": {
			[]string{"docs/**"},
			func(d directory) { must(d.t, os.RemoveAll(d.path("authz/docs"))) }, nil,
		},
		"a link": {
			[]string{"data/**"},
			func(d directory) {
				must(d.t, os.MkdirAll(d.path("authz/data"), 0o755))
				if err := os.Symlink("nowhere", d.path("authz/data/x")); err != nil {
					d.t.Skip(err)
				}
			}, nil,
		},
		"a pattern that leaves the plugin": {
			[]string{"/x", "../x", "**/../x"},
			func(d directory) { write(d.t, d.path("authz/new/x"), "", 0o644) },
			[]string{"new: not part of the package"},
		},
		"nothing else": {
			[]string{"data/**"},
			func(d directory) {
				write(d.t, d.path("authz/database"), "", 0o644)
				write(d.t, d.path("authz/docs/data/x"), "", 0o644)
			},
			[]string{"database: not part of the package", "docs/data: not part of the package"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t)
			d.install("authz")
			test.change(d)
			if diff := cmp.Diff(test.want, d.drift(keep(test.patterns...))); diff != "" {
				t.Errorf("drift (-want +got):\n%s", diff)
			}
		})
	}
}

// Another plugin's patterns are not its own.
func TestKeepIsOfOnePlugin(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	d.install("authz")
	d.install("billing")
	write(t, d.path("authz/data/x"), "", 0o644)
	write(t, d.path("billing/data/x"), "", 0o644)
	snap := d.scan(installed.Options{Wanted: map[plugin.Name][]string{"authz": {"data/**"}, "billing": nil}})
	for name, want := range map[plugin.Name]int{"authz": 0, "billing": 1} {
		if p, _ := snap.Plugin(name); len(p.Drift) != want {
			t.Errorf("%s: %v", name, p.Drift)
		}
	}
}

// What cannot be read is not missing: repairing it would be wrong.
func TestUnreadableIsAnError(t *testing.T) {
	t.Parallel()
	needsModes(t)
	for name, change := range map[string]func(d directory){
		"a folder of a plugin": func(d directory) { must(d.t, os.Chmod(d.path("authz/docs"), 0)) },
		"a plugin":             func(d directory) { must(d.t, os.Chmod(d.path("authz"), 0)) },
		"plugin.json":          func(d directory) { must(d.t, os.Chmod(d.path("authz/plugin.json"), 0)) },
		"a record":             func(d directory) { must(d.t, os.Chmod(d.Record("authz"), 0)) },
		"the records":          func(d directory) { must(d.t, os.Chmod(d.Records(), 0)) },
		"the state":            func(d directory) { must(d.t, os.Chmod(d.State.Path(), 0)) },
		"the plugin directory": func(d directory) { must(d.t, os.Chmod(d.Dir, 0)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t)
			d.install("authz")
			change(d)
			t.Cleanup(func() {
				for _, p := range []string{d.Dir, d.State.Path(), d.Records(), d.path("authz"), d.path("authz/docs")} {
					must(t, os.Chmod(p, 0o755))
				}
			})
			if snap, err := installed.Scan(t.Context(), d.Dir, installed.Options{}); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("Scan = %+v, %v", snap, err)
			}
		})
	}
}

func TestScanStopsWithItsContext(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	d.install("authz")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := installed.Scan(ctx, d.Dir, installed.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Scan = %v", err)
	}
}
