package installed_test

import (
	"io/fs"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/plugin"
)

// A record outlives a folder that somebody deleted. What has its name now and was not
// installed by this program must not be taken for it: all of it would be deleted.
func TestOursAndAnothers(t *testing.T) {
	t.Parallel()
	const manifest = `{"name":"authz","version":"1.0.0"}`
	remake := func(files map[string]string) func(d directory) {
		return func(d directory) {
			must(d.t, os.RemoveAll(d.path("authz")))
			must(d.t, os.Mkdir(d.path("authz"), 0o755))
			for name, text := range files {
				mode := fs.FileMode(0o644)
				if name == "authz" {
					mode = 0o755
				}
				write(d.t, d.path("authz/"+name), text, mode)
			}
		}
	}
	for name, test := range map[string]struct {
		change         func(d directory)
		ours, replaces bool // where nobody asks about it; where it is wanted
	}{
		"untouched": {func(directory) {}, true, true},
		"a file is left as it was": {func(d directory) {
			must(d.t, os.Remove(d.path("authz/plugin.json")))
			write(d.t, d.path("authz/authz"), "edited", 0o755)
		}, true, true},
		"a copy": {remake(map[string]string{"plugin.json": manifest, "authz": "#!/bin/sh\n", "docs/a.txt": "one"}), true, true},
		"a copy with an edited text": {
			remake(map[string]string{"plugin.json": manifest, "authz": "#!/bin/sh\n", "docs/a.txt": "edited"}), true, true,
		},
		"one that somebody built": {remake(map[string]string{"plugin.json": manifest, "authz": "my own"}), false, true},
		"another that shares a text": {
			remake(map[string]string{"plugin.json": `{"name":"authz","version":"3.0.0"}`, "docs/a.txt": "one"}), false, true,
		},
		"something else":    {remake(map[string]string{"precious.txt": "mine"}), false, false},
		"something like it": {remake(map[string]string{"plugin.json": `{"name":"authz","version":"3.0.0"}`, "authz": "x"}), false, false},
		"links to it": {func(d directory) {
			must(d.t, os.Rename(d.path("authz"), d.path("moved")))
			must(d.t, os.Mkdir(d.path("authz"), 0o755))
			for _, name := range []string{"plugin.json", "authz", "docs"} {
				if err := os.Symlink("../moved/"+name, d.path("authz/"+name)); err != nil {
					d.t.Skip(err)
				}
			}
		}, false, false},
		"a folder, empty": {remake(nil), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t)
			d.install("authz")
			test.change(d)
			snap := d.scan(installed.Options{})
			p, found := snap.Plugin("authz")
			unmanaged, stale := slices.Contains(snap.Unmanaged, "authz"), slices.Contains(snap.Stale, "authz")
			if ours := found && p.Record != nil; ours != test.ours || unmanaged == ours || stale == ours {
				t.Errorf("where nobody asks about it: ours %v, unmanaged %v, its record is stale %v", ours, unmanaged, stale)
			}
			if p, _ := d.scan(keep()).Plugin("authz"); (p.Record != nil) != test.replaces {
				t.Errorf("where it is wanted: %+v", p)
			}
		})
	}
}

// What deleting a folder would lose is listed, what the plugin keeps first.
func TestOthers(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	d.install("authz")
	r := d.recordOf("authz")
	r.Keep = []string{"state", "*.log"}
	d.writeRecord(r)
	d.recordedAt("authz", time.Now().Add(time.Hour))
	for _, name := range []string{"state/deep/db", "z.log", "a/mine", "notes"} {
		write(t, d.path("authz/"+name), "x", 0o644)
	}
	write(t, d.path("authz/docs/a.txt"), "edited", 0o644)
	must(t, os.Chmod(d.path("authz/authz"), 0o644))
	others := func(o installed.Options) []string {
		p, _ := d.scan(o).Plugin("authz")
		return p.Others
	}
	want := []string{"state/deep/db", "z.log", "a/mine", "docs/a.txt", "notes"}
	if diff := cmp.Diff(want, others(installed.Options{})); diff != "" {
		t.Errorf("where nobody asks about it (-want +got):\n%s", diff)
	}
	if got := others(keep("state", "*.log")); got != nil {
		t.Errorf("what is not part of a wanted plugin is its drift, not %q", got)
	}

	// In a folder that somebody else made everything is, but what is asked to be kept.
	must(t, os.Remove(d.Record("authz")))
	want = []string{"a/mine", "authz", "docs/a.txt", "notes", "plugin.json"}
	if diff := cmp.Diff(want, others(keep("state", "*.log"))); diff != "" {
		t.Errorf("of a foreign folder (-want +got):\n%s", diff)
	}
	if snap := d.scan(installed.Options{}); len(snap.Plugins) != 0 {
		t.Errorf("nobody asks about it: %+v", snap.Plugins)
	}
}

// A folder that only its plugin may enter is named, and does not keep others from
// planning.
func TestOthersBehindAClosedDoor(t *testing.T) {
	t.Parallel()
	needsModes(t)
	d := newDirectory(t)
	d.install("authz")
	write(t, d.path("authz/state/db"), "x", 0o644)
	must(t, os.Chmod(d.path("authz/state"), 0))
	t.Cleanup(func() { _ = os.Chmod(d.path("authz/state"), fs.FileMode(0o755)) })
	p, _ := d.scan(installed.Options{}).Plugin("authz")
	if diff := cmp.Diff([]string{"state/"}, p.Others); diff != "" {
		t.Errorf("Others (-want +got):\n%s", diff)
	}
	if _, ok := d.scan(installed.Options{Wanted: map[plugin.Name][]string{"authz": {"state"}}}).Plugin("authz"); !ok {
		t.Error("it is not found where it is kept")
	}
}
