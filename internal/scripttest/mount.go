package scripttest

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdFullDisk puts an empty disk of SIZE bytes at DIR, until the script ends.
func cmdFullDisk(ts *testscript.TestScript, args []string) error {
	ops, err := noFlags(args, "DIR SIZE")
	if err != nil {
		return err
	}
	return mountAt(ts, ops[0], func(dir string) error { return mountDisk(dir, ops[1]) })
}

// cmdReadOnly makes a folder read-only, for root too, until the script ends.
func cmdReadOnly(ts *testscript.TestScript, args []string) error {
	ops, err := noFlags(args, "DIR")
	if err != nil {
		return err
	}
	return mountAt(ts, ops[0], mountReadOnly)
}

func mountAt(ts *testscript.TestScript, dir string, mount func(string) error) error {
	dir = ts.MkAbs(dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := mount(dir); err != nil {
		return err
	}
	w := worldOf(ts)
	w.mounts = append(w.mounts, dir)
	return nil
}

// cmdUnmount takes the newest disk away.
func cmdUnmount(ts *testscript.TestScript, args []string) error {
	if _, err := noFlags(args, ""); err != nil {
		return err
	}
	return worldOf(ts).unmount()
}

func (w *world) unmount() error {
	if len(w.mounts) == 0 {
		return nil
	}
	last := w.mounts[len(w.mounts)-1]
	w.mounts = w.mounts[:len(w.mounts)-1]
	return unmountDisk(last)
}
