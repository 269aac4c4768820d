package crashtest

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// origin is a state to begin trials from. It is never changed, only copied.
type origin struct {
	from  string // the project, or what lies over lower
	lower string // "" or the layer of an overlayfs below it
	root  string // where trials are made
	next  atomic.Int64
}

// trial is a copy of a project that may be changed.
type trial struct {
	dir   string
	root  string
	lower string
}

// plain begins from a folder.
func plain(t testing.TB, from string) *origin {
	return &origin{from: from, root: memory(t)}
}

// layered begins from a folder that is the lower layer of an overlayfs, as
// everything in an image is: its folders cannot be renamed.
func layered(t testing.TB, lower string) *origin {
	t.Helper()
	p := &origin{from: memory(t), lower: lower, root: memory(t)}
	if os.Geteuid() != 0 {
		t.Skip("mounting an overlayfs needs root")
	}
	c, err := p.fresh()
	if err != nil {
		t.Skipf("an overlayfs cannot be mounted here: %v", err)
	}
	c.remove(t)
	return p
}

// fresh makes a copy.
func (p *origin) fresh() (*trial, error) {
	c := &trial{root: filepath.Join(p.root, fmt.Sprint(p.next.Add(1))), lower: p.lower}
	c.dir = filepath.Join(c.root, "project")
	if err := os.MkdirAll(c.root, 0o755); err != nil {
		return nil, err
	}
	if p.lower == "" {
		return c, sh("cp", "-a", p.from, c.dir)
	}
	for _, dir := range []string{c.dir, c.work()} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return nil, err
		}
	}
	if err := sh("cp", "-a", p.from, c.upper()); err != nil {
		return nil, err
	}
	return c, sh("mount", "-t", "overlay", "overlay", "-o",
		"redirect_dir=off,lowerdir="+p.lower+",upperdir="+c.upper()+",workdir="+c.work(), c.dir)
}

func (c *trial) upper() string { return filepath.Join(c.root, "upper") }
func (c *trial) work() string  { return filepath.Join(c.root, "work") }

// unmount waits for what is left of a killed program to let go of its files.
func (c *trial) unmount(t testing.TB) {
	t.Helper()
	if c.lower == "" {
		return
	}
	const pause, attempts = 10 * time.Millisecond, 200
	for n := 1; ; n++ {
		err := sh("umount", c.dir)
		if err == nil {
			return
		}
		if n == attempts {
			t.Error(errors.Join(err, sh("umount", "--lazy", c.dir)))
			return
		}
		time.Sleep(pause)
	}
}

func (c *trial) remove(t testing.TB) {
	t.Helper()
	c.unmount(t)
	if err := os.RemoveAll(c.root); err != nil {
		t.Error(err)
	}
}

// keep makes the trial, as it is, a state to begin others from.
func (c *trial) keep(t testing.TB) *origin {
	t.Helper()
	c.unmount(t)
	p := &origin{from: c.dir, lower: c.lower, root: memory(t)}
	if c.lower != "" {
		p.from = c.upper()
	}
	return p
}

func sh(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// checkReaders demands that the commands that only read change nothing, and that
// they tell of an interrupted apply if there was one.
func checkReaders(dir string) error {
	before, err := listing(dir)
	if err != nil {
		return err
	}
	_, journal := before["plugins/.plugins/journal"]
	for _, command := range []string{"plan", "verify", "list"} {
		code, out := run(dir, command)
		if code != 0 && !(command == "verify" && code == 2) {
			return fmt.Errorf("%s: exit %d\n%s", command, code, out)
		}
		if strings.Contains(out, "nterrupted apply was found") != journal {
			return fmt.Errorf("there is a journal: %t, but %s says:\n%s", journal, command, out)
		}
	}
	after, err := listing(dir)
	if err != nil {
		return err
	}
	if !maps.Equal(before, after) {
		return fmt.Errorf("plan, verify or list changed something: %d names before, %d after", len(before), len(after))
	}
	return nil
}

// listing tells of every file and folder under dir what a change would change.
func listing(dir string) (map[string]string, error) {
	seen := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		seen[rel] = fmt.Sprint(info.Mode(), info.Size(), info.ModTime().UnixNano())
		return err
	})
	return seen, err
}
