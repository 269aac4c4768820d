package installed_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/plugin"
)

func TestScanWithoutDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "no", "plugins")
	snap, err := installed.Scan(t.Context(), dir, keep())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&installed.Snapshot{Dir: dir}, snap); diff != "" {
		t.Errorf("Scan (-want +got):\n%s", diff)
	}
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error("looking made the directory")
	}
}

func TestScanOfAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "plugins")
	write(t, path, "", 0o644)
	_, err := installed.Scan(t.Context(), path, installed.Options{})
	var no *installed.NotADirectoryError
	if !errors.As(err, &no) || err.Error() != path+" is a file; it must be a folder" {
		t.Errorf("Scan = %v", err)
	}
}

// Who put what there: recorded, asked about, or nobody's business.
func TestScanSortsOut(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	d.install("authz")
	d.install("old")
	d.install("vanished")
	must(t, os.RemoveAll(d.path("vanished")))
	write(t, d.path("foreign/plugin.json"), `{"name": "foreign", "version": "3.1"}`, 0o644)
	write(t, d.path("bare/x"), "", 0o644)
	write(t, d.path("theirs/plugin.json"), `{"name": "theirs", "version": "1.0.0"}`, 0o644)
	write(t, d.path("README.md"), "", 0o644)
	write(t, d.path(".git/HEAD"), "", 0o644)
	write(t, d.path("Not A Name/plugin.json"), "{}", 0o644)
	wanted := installed.Options{Wanted: map[plugin.Name][]string{"authz": nil, "foreign": nil, "bare": nil, "absent": nil}}
	snap := d.scan(wanted)
	type found struct {
		Name              string
		Recorded, Present bool
		Version           string
	}
	var got []found
	for _, p := range snap.Plugins {
		got = append(got, found{string(p.Name), p.Record != nil, p.Present, p.Version.String()})
		if p.Drift != nil {
			t.Errorf("%s has drifted: %v", p.Name, p.Drift)
		}
	}
	want := []found{
		{"authz", true, true, "1.0.0"},
		{"bare", false, true, ""},
		{"foreign", false, true, "3.1.0"},
		{"old", true, true, "1.0.0"},
		{"vanished", true, false, ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Plugins (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{".git", "Not A Name", "theirs"}, snap.Unmanaged); diff != "" {
		t.Errorf("Unmanaged (-want +got):\n%s", diff)
	}
	if snap.Interrupted {
		t.Error("an interrupted apply was found where there is none")
	}
}

func TestScanFindsAnInterruptedApply(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	d.install("authz")
	write(t, filepath.Join(d.Path(), "journal"), "", 0o644)
	if !d.scan(installed.Options{}).Interrupted {
		t.Error("the journal was not seen")
	}
}

// A plugin.json that is gone or makes no sense is told, and leaves the rest to be seen.
func TestScanOfABrokenManifest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(d directory)
		want   string
	}{
		"gone":       {func(d directory) { must(d.t, os.Remove(d.path("authz/plugin.json"))) }, "no such file"},
		"no JSON":    {func(d directory) { write(d.t, d.path("authz/plugin.json"), "{", 0o644) }, "cut off"},
		"no version": {func(d directory) { write(d.t, d.path("authz/plugin.json"), `{"name":"authz"}`, 0o644) }, "version"},
		"a folder": {func(d directory) {
			must(d.t, os.Remove(d.path("authz/plugin.json")))
			must(d.t, os.Mkdir(d.path("authz/plugin.json"), 0o755))
		}, "not a regular file"},
	} {
		d := newDirectory(t)
		d.install("authz")
		test.change(d)
		p, _ := d.scan(installed.Options{}).Plugin("authz")
		if !p.Present || !p.Version.IsZero() || p.ManifestError == nil || !strings.Contains(p.ManifestError.Error(), test.want) {
			t.Errorf("%s: version %q, %v", name, p.Version, p.ManifestError)
		}
		if len(p.Drift) != 1 || p.Drift[0].Path != "plugin.json" {
			t.Errorf("%s: drift is %v", name, p.Drift)
		}
	}
}

// Where a plugin should be lies something else: it is neither followed nor replaced.
func TestScanRefusesWhatIsNoFolder(t *testing.T) {
	t.Parallel()
	elsewhere := newDirectory(t)
	elsewhere.install("authz")
	for name, test := range map[string]struct {
		put  func(d directory, at string)
		want string
	}{
		"a link to a plugin": {func(d directory, at string) {
			if err := os.Symlink(elsewhere.Plugin("authz"), at); err != nil {
				d.t.Skip(err)
			}
		}, "a symbolic link"},
		"a link to nothing": {func(d directory, at string) {
			if err := os.Symlink("nowhere", at); err != nil {
				d.t.Skip(err)
			}
		}, "a symbolic link"},
		"a file": {func(d directory, at string) { write(d.t, at, "", 0o755) }, "is a file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, recorded := range []bool{false, true} {
				d := newDirectory(t)
				if recorded {
					d.install("authz")
					must(t, os.RemoveAll(d.path("authz")))
				}
				test.put(d, d.path("authz"))
				d.install("other")
				snap := d.scan(keep())
				p, _ := snap.Plugin("authz")
				if !p.Present || p.Record != nil || p.Blocked == nil || p.Blocked.Path != d.path("authz") {
					t.Fatalf("recorded %v: %+v: want that authz is blocked", recorded, p)
				}
				if !strings.Contains(p.Blocked.Error(), test.want) {
					t.Errorf("it says %q", p.Blocked)
				}
				if other, _ := snap.Plugin("other"); other.Record == nil || other.Drift != nil {
					t.Errorf("recorded %v: the other plugin is %+v", recorded, other)
				}
			}
		})
	}
}

// Of a plugin that nobody asks about, the same is nobody's business.
func TestScanLeavesAloneWhatIsNoFolder(t *testing.T) {
	t.Parallel()
	for name, unmanaged := range map[string]int{"link": 1, "file": 0} {
		d := newDirectory(t)
		d.install("authz")
		must(t, os.RemoveAll(d.path("authz")))
		if name == "file" {
			write(t, d.path("authz"), "", 0o644)
		} else if err := os.Symlink("nowhere", d.path("authz")); err != nil {
			t.Skip(err)
		}
		snap := d.scan(installed.Options{})
		if _, ok := snap.Plugin("authz"); ok || len(snap.Unmanaged) != unmanaged || !slices.Equal(snap.Stale, []plugin.Name{"authz"}) {
			t.Errorf("a %s: %+v", name, snap)
		}
	}
}

// A plugin directory that is a link to nothing is not one that is yet to be made.
func TestScanOfADanglingLink(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "plugins")
	if err := os.Symlink("not-mounted", dir); err != nil {
		t.Skip(err)
	}
	_, err := installed.Scan(t.Context(), dir, installed.Options{})
	var dangling *installed.DanglingLinkError
	if !errors.As(err, &dangling) || dangling.Target != "not-mounted" {
		t.Errorf("Scan = %v", err)
	}
}

// A link that nobody asks about is left alone, like a folder.
func TestScanLeavesForeignLinksAlone(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	if err := os.Symlink("nowhere", d.path("theirs")); err != nil {
		t.Skip(err)
	}
	if got := d.scan(keep()).Unmanaged; len(got) != 1 || got[0] != "theirs" {
		t.Errorf("Unmanaged = %q", got)
	}
}

func TestScanReportsEveryPlugin(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	for _, name := range []plugin.Name{"a", "b", "c"} {
		d.install(name)
	}
	write(t, d.Record("a"), "{", 0o644)
	write(t, d.Record("c"), "{", 0o644)
	_, err := installed.Scan(t.Context(), d.Dir, installed.Options{})
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 2 {
		t.Fatalf("Scan = %v: want two errors", err)
	}
	var record *installed.RecordError
	if !errors.As(err, &record) || record.Path != d.Record("a") {
		t.Errorf("it does not name the record: %v", err)
	}
}
