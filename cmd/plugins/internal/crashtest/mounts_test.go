package crashtest

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"
)

// What stands in the place of a plugin and is a mount point is refused, and nothing
// is changed.
func TestBindMountIsRefused(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := newScenario(t)
	dir := filepath.Join(t.TempDir(), "project")
	s.copyTo(t, dir)
	for _, name := range []string{"alpha", "gone"} { // one to be replaced, one to be removed
		t.Run(name, func(t *testing.T) {
			place := filepath.Join(dir, "plugins", name)
			mount(t, place, "--bind", place)
			before, err := listing(filepath.Join(dir, "plugins", name))
			if err != nil {
				t.Fatal(err)
			}
			code, out := run(dir, "apply")
			if code != 1 || !strings.Contains(out, place+" is a mount point") {
				t.Errorf("exit %d:\n%s", code, out)
			}
			after, err := listing(filepath.Join(dir, "plugins", name))
			if err != nil || !maps.Equal(before, after) {
				t.Errorf("something changed: %v", err)
			}
			if got := installedSet(t, dir); !maps.Equal(got, s.old) {
				t.Error("the set changed")
			}
			if err := checkLeftovers(dir); err != nil {
				t.Error(err)
			}
		})
	}
	if err := s.checkRecovers(dir, false); err != nil {
		t.Error(err)
	}
}

// fallback is a place where folders cannot be exchanged.
type fallback struct {
	name    string
	from    func(t *testing.T, folder string) *origin
	options []string // of strace
	warning string
}

var fallbacks = []fallback{
	{
		"a layer of an overlayfs",
		func(t *testing.T, folder string) *origin { return layered(t, folder) }, nil, "its folder cannot be renamed",
	},
	{
		"a file system without exchange",
		func(t *testing.T, folder string) *origin { return plain(t, folder) },
		[]string{"-e", "inject=renameat2:error=EINVAL"},
		"cannot exchange two folders",
	},
}

// Where folders cannot be exchanged, apply and rollback work all the same, and warn.
func TestFallbacks(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s, bin := newScenario(t), build(t, "")
	for _, f := range fallbacks {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			c, err := f.from(t, s.template).fresh()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.remove(t) })
			for _, step := range []struct {
				command []string
				want    set
				warns   bool
			}{
				{[]string{"apply"}, s.new, true},
				// What the apply has brought can be renamed, even in an overlayfs.
				{[]string{"rollback", "--auto-approve"}, s.old, f.options != nil},
				{[]string{"rollback", "--auto-approve"}, s.new, f.options != nil},
			} {
				r := trace(t, bin, c.dir, f.options, step.command...)
				if r.exit != 0 || strings.Contains(r.out, f.warning) != step.warns {
					t.Errorf("%s: exit %d\n%s", step.command[0], r.exit, r.out)
				}
				if got := installedSet(t, c.dir); !maps.Equal(got, step.want) {
					t.Errorf("after %s: %v", step.command[0], got)
				}
				if err := s.checkState(c.dir); err != nil {
					t.Error(err)
				}
			}
			if err := s.checkRecovers(c.dir, true); err != nil {
				t.Error(err)
			}
		})
	}
}
