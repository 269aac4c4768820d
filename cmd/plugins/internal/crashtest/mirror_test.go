package crashtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/internal/scripttest"
)

// mirrored is a project whose lock names packages of a registry of files, some of
// which are mirrored already, one of those with other bytes than it should have.
type mirrored struct {
	template string
	packages int
}

func newMirrored(t testing.TB) *mirrored {
	t.Helper()
	m := &mirrored{template: filepath.Join(t.TempDir(), "template"), packages: 3}
	config := "registry \"r\" {\n  url = \"./registry\"\n}\n"
	for i := range m.packages {
		name := fmt.Sprintf("plugin%d", i)
		m.publish(t, name)
		config += fmt.Sprintf("plugin %q {}\n", name)
	}
	write(t, filepath.Join(m.template, "plugins.hcl"), config)
	mustRun(t, m.template, "lock")
	mustRun(t, m.template, "mirror", "out")
	found, err := filepath.Glob(filepath.Join(m.template, "out", "sha256", "*", "*"))
	if err != nil || len(found) != m.packages {
		t.Fatalf("mirrored: %q, %v", found, err)
	}
	write(t, found[0], "rotten")
	for _, gone := range []string{filepath.Dir(found[1]), filepath.Join(m.template, "out", "config.hcl")} {
		if err := os.RemoveAll(gone); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// publish makes a registry's documents and package of a plugin.
func (m *mirrored) publish(t testing.TB, name string) {
	t.Helper()
	p := scripttest.Package{Name: name, Version: "1.0.0", Fill: []string{"blob=20000"}}
	if err := p.Write(filepath.Join(m.template, "registry", "dl", name+".tar.gz")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(m.template, "registry", "plugins", name, "manifest.json"), fmt.Sprintf(
		`{"name": %q, "version": "1.0.0", "type": "external", "downloads": [{"os": "linux", "arch": "amd64", "url": "dl/%[1]s.tar.gz"},
		{"os": "linux", "arch": "arm64", "url": "dl/%[1]s.tar.gz"}]}`, name))
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// check looks at what a mirror that was killed, or in which something failed, left:
// under the name of a package is that package, but for what was rotten before, and
// config.hcl is there only once all of them are. The next mirror has it all.
func (m *mirrored) check(c *trial, r *traced, _ []operation) error {
	whole, rotten, err := m.look(c.dir)
	if err != nil {
		return err
	}
	_, noConfig := os.Lstat(filepath.Join(c.dir, "out", "config.hcl"))
	switch {
	case rotten > 1, rotten == 1 && whole == m.packages:
		return fmt.Errorf("%d packages are not what their names say", rotten)
	case (noConfig == nil || r.exit == 0) && whole != m.packages:
		return fmt.Errorf("it looks complete, and holds %d packages of %d", whole, m.packages)
	case noConfig != nil && r.exit == 0:
		return errors.New("it reported success, and config.hcl is not there")
	}
	if code, out := run(c.dir, "mirror", "out"); code != 0 {
		return fmt.Errorf("the next one: exit %d\n%s", code, out)
	}
	whole, rotten, err = m.look(c.dir)
	if err == nil && (whole != m.packages || rotten > 0) {
		err = fmt.Errorf("after the next one, %d packages of %d are whole, %d rotten", whole, m.packages, rotten)
	}
	entries, listErr := os.ReadDir(filepath.Join(c.dir, "out"))
	if len(entries) != 2 {
		err = errors.Join(err, fmt.Errorf("after the next one, there is more than packages and config.hcl: %v", entries))
	}
	_, config := os.Lstat(filepath.Join(c.dir, "out", "config.hcl"))
	return errors.Join(err, listErr, config)
}

// look counts the packages that are what their names say, and those that are not.
func (m *mirrored) look(dir string) (whole, rotten int, err error) {
	err = filepath.WalkDir(filepath.Join(dir, "out", "sha256"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		sum := sha256.Sum256(data)
		switch {
		case hex.EncodeToString(sum[:]) == filepath.Base(filepath.Dir(path)):
			whole++
		case !bytes.Equal(data, []byte("rotten")):
			return fmt.Errorf("%s is half a package: %d bytes", path, len(data))
		default:
			rotten++
		}
		return err
	})
	return whole, rotten, err
}

// A mirror is killed before every operation, and every operation fails.
func TestMirror(t *testing.T) {
	t.Parallel()
	needStrace(t)
	m, p := newMirrored(t), newPrograms(t)
	for _, inject := range []string{"signal=KILL", "error=ENOSPC", "error=EIO"} {
		t.Run(strings.ReplaceAll(inject, "=", " "), func(t *testing.T) {
			t.Parallel()
			w := &sweep{
				name: inject, bin: p.plain, pinned: p.pinned, from: plain(t, m.template), command: []string{"mirror", "out"},
				inject: inject, check: m.check,
				picks: func(o *operation) bool { return o.changes() && !o.failed() && !strings.Contains(o.path, "/cache/") },
			}
			w.every = stride(t, 10)
			w.run(t)
		})
	}
}
