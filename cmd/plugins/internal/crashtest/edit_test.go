package crashtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// edited is a project to which one plugin is added.
type edited struct {
	template           string
	config, lock       string // as they were
	newConfig, newLock string // as they are to be
}

func newEdited(t testing.TB) *edited {
	t.Helper()
	e := &edited{template: filepath.Join(t.TempDir(), "template")}
	write(t, filepath.Join(e.template, "plugins.hcl"), "# Ours.\nplugin \"first\" {\n  source = \"./src/first\"\n}\n")
	for _, name := range []string{"first", "second"} {
		write(t, filepath.Join(e.template, "src", name, "plugin.json"), fmt.Sprintf(`{"name": %q, "version": "1.0.0"}`, name))
		write(t, filepath.Join(e.template, "src", name, name), "#!/bin/sh\n")
	}
	mustRun(t, e.template, "lock")
	var err error
	if e.config, e.lock, err = e.read(e.template); err != nil {
		t.Fatal(err)
	}
	done := filepath.Join(t.TempDir(), "done")
	if err := os.CopyFS(done, os.DirFS(e.template)); err != nil {
		t.Fatal(err)
	}
	mustRun(t, done, "add", "./src/second")
	if e.newConfig, e.newLock, err = e.read(done); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *edited) read(dir string) (config, lock string, err error) {
	c, err := os.ReadFile(filepath.Join(dir, "plugins.hcl"))
	l, lockErr := os.ReadFile(filepath.Join(dir, "plugins.lock.hcl"))
	return string(c), string(l), errors.Join(err, lockErr)
}

// check looks at what a killed or a failed add left: each file whole, the new
// configuration beside the old lock at most where it was killed, and then plan says so.
// Unless it was killed, nothing else lies around.
func (e *edited) check(c *trial, r *traced, fired []operation) error {
	config, lock, err := e.read(c.dir)
	if err != nil {
		return err
	}
	killed := r.exit == -1
	isNew, lockIsNew := config == e.newConfig, lock == e.newLock
	switch {
	case !isNew && config != e.config, !lockIsNew && lock != e.lock:
		return fmt.Errorf("a file is neither the old nor the new one:\n%s\n%s", config, lock)
	case r.exit == 0 && !(isNew && lockIsNew):
		return errors.New("it reported success, and did not write both files")
	case !killed && isNew != lockIsNew, lockIsNew && !isNew:
		return fmt.Errorf("the configuration is new: %v, the lock: %v", isNew, lockIsNew)
	}
	if isNew != lockIsNew {
		if code, out := run(c.dir, "plan"); code != 3 {
			return fmt.Errorf("plan with half of it: exit %d\n%s", code, out)
		}
	}
	untidy := slices.ContainsFunc(fired, func(o operation) bool { return strings.HasPrefix(o.call, "unlink") })
	if !killed && !untidy {
		if left, _ := filepath.Glob(filepath.Join(c.dir, ".plugins*.tmp")); len(left) > 0 {
			return fmt.Errorf("it left %q", left)
		}
	}
	if code, out := run(c.dir, "lock"); code != 0 {
		return fmt.Errorf("the next lock: exit %d\n%s", code, out)
	}
	return nil
}

// Adding a plugin is killed before every operation, and every operation fails.
func TestAdd(t *testing.T) {
	t.Parallel()
	needStrace(t)
	e, p := newEdited(t), newPrograms(t)
	for _, inject := range []string{"signal=KILL", "error=ENOSPC", "error=EIO"} {
		t.Run(strings.ReplaceAll(inject, "=", " "), func(t *testing.T) {
			t.Parallel()
			w := &sweep{
				name: inject, bin: p.plain, pinned: p.pinned, from: plain(t, e.template), command: []string{"add", "./src/second"},
				inject: inject, check: e.check, every: 1,
				picks: func(o *operation) bool { return o.changes() && !o.failed() && !strings.Contains(o.path, "/cache/") },
			}
			w.run(t)
		})
	}
}
