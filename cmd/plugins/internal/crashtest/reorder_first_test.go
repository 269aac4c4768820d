package crashtest

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/plugins-hcl/plugins/internal/scripttest"
)

// The very first apply makes the plugin directory, too, and the folders above it;
// many files are synced by one call for the whole file system.
func TestReorderedFirstApply(t *testing.T) {
	t.Parallel()
	needStrace(t)
	bin := build(t, "")
	for _, files := range []int{2, 20} {
		t.Run(fmt.Sprintf("%d files", files), func(t *testing.T) {
			t.Parallel()
			dir := newFirst(t, files)
			h := replay(t, bin, dir, "Apply complete", nil, "apply")
			if all := slices.ContainsFunc(h.syncs, func(s synced) bool { return s.inode == 0 }); all != (files == 20) {
				t.Errorf("everything is synced at once: %t", all)
			}
			above := filepath.Join("data", "deep")
			want := installedSet(t, filepath.Join(dir, above))
			h.checkAll(t, 40, func(dir string, reported bool) error {
				return checkFirst(dir, filepath.Join(dir, above), want, reported)
			})
		})
	}
}

// newFirst makes a project in which nothing is installed.
func newFirst(t *testing.T, files int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "project")
	p := scripttest.Package{Name: "first", Version: "1.0.0"}
	for i := range files {
		p.Files = append(p.Files, fmt.Sprintf("data/%d.txt=text %d", i, i))
	}
	if err := p.Write(filepath.Join(dir, "first.tar.gz")); err != nil {
		t.Fatal(err)
	}
	config := "plugin_dir = \"data/deep/plugins\"\nplugin \"first\" {\n  source = \"./first.tar.gz\"\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "plugins.hcl"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	mustRun(t, dir, "lock")
	return dir
}

// checkFirst demands that nothing or everything is installed in the folder above
// the plugin directory, and that the next apply installs it.
func checkFirst(dir, above string, want set, reported bool) error {
	for _, command := range []string{"", "recover", "apply", "verify"} {
		if command != "" {
			if code, out := run(dir, command); code != 0 {
				return fmt.Errorf("%s: exit %d\n%s", command, code, out)
			}
		}
		got, err := readSet(above)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if nothing := len(got) == 0 && !reported; !nothing && !maps.Equal(got, want) {
			return fmt.Errorf("after %q (success reported: %t) there are %v", command, reported, got)
		}
		reported = reported || command == "apply"
	}
	return checkLeftovers(above)
}
