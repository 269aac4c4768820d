package crashtest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/plugins-hcl/plugins/internal/scripttest"
)

// flipped are the plugins whose versions flip.
var flipped = []string{"alpha", "beta"}

// flipping makes a project with two configurations and their locks, for version 1
// and version 2 of two plugins. Every file tells its version.
func flipping(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "project")
	for _, version := range []string{"1", "2"} {
		var config strings.Builder
		for _, name := range flipped {
			p := scripttest.Package{Name: name, Version: version + ".0.0", Files: []string{"data/a.txt=" + version, "data/b.txt=" + version}}
			file := name + "-" + version + ".tar.gz"
			if err := p.Write(filepath.Join(dir, file)); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&config, "plugin %q {\n  source = \"./%s\"\n}\n", name, file)
		}
		if err := os.WriteFile(filepath.Join(dir, version+".hcl"), []byte(config.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		mustRun(t, dir, withVersion(version, "lock")...)
	}
	return dir
}

func withVersion(version string, command ...string) []string {
	return append([]string{"-f", version + ".hcl", "--lock-file", version + ".lock.hcl"}, command...)
}

// readings is what the readers saw.
type readings struct {
	whole    atomic.Int64 // folders read through from one version
	versions [3]atomic.Int64
	gone     atomic.Int64 // folders that were removed while they were held open
}

// read lists the plugin directory and reads every plugin through one open folder,
// as a careful host does.
func (r *readings) read(plugins string) error {
	entries, err := os.ReadDir(plugins)
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	if !slices.Equal(names, flipped) {
		return fmt.Errorf("the directory lists %v", names)
	}
	for _, name := range names {
		root, err := os.OpenRoot(filepath.Join(plugins, name))
		if err != nil {
			return err // a plugin is never missing
		}
		version, err := readPlugin(root, name)
		err = errors.Join(err, root.Close())
		switch {
		case errors.Is(err, fs.ErrNotExist):
			r.gone.Add(1) // two applies later, what was replaced is removed
		case err != nil:
			return err
		default:
			r.whole.Add(1)
			r.versions[version].Add(1)
		}
	}
	return nil
}

// readPlugin reads all files of a plugin, which must be of one version.
func readPlugin(root *os.Root, name string) (version int, err error) {
	for i, file := range []string{"plugin.json", name, "data/a.txt", "data/b.txt"} {
		data, err := root.ReadFile(file)
		if err != nil {
			return 0, err
		}
		v := 1
		if strings.Contains(string(data), "2") {
			v = 2
		}
		if i > 0 && v != version {
			return 0, fmt.Errorf("%s: plugin.json is of version %d, %s of %d", name, version, file, v)
		}
		version = v
	}
	return version, nil
}

// Readers that list and open plugins while versions flip never see one missing, nor
// two versions in one folder that they hold open.
func TestReadersWhileVersionsFlip(t *testing.T) {
	t.Parallel()
	dir := flipping(t)
	mustRun(t, dir, withVersion("1", "apply")...)
	var seen readings
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := seen.read(filepath.Join(dir, "plugins")); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	flips, out := howMany(500, 15), ""
	for i := range flips {
		code := 0
		if code, out = run(dir, withVersion([]string{"2", "1"}[i%2], "apply")...); code != 0 {
			t.Errorf("apply: exit %d\n%s", code, out)
			break
		}
	}
	close(stop)
	wg.Wait()
	if strings.Contains(out, "cannot exchange") {
		t.Skip("folders cannot be exchanged here: a plugin may be missing for a moment")
	}
	t.Logf("%d flips, %d folders read (%d of version 1, %d of version 2), %d removed while held open",
		flips, seen.whole.Load(), seen.versions[1].Load(), seen.versions[2].Load(), seen.gone.Load())
	if seen.versions[1].Load() == 0 || seen.versions[2].Load() == 0 {
		t.Error("the readers did not see both versions")
	}
}
