package tree

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Extended attributes come over, of files and folders; so do access control lists,
// which are such on Linux.
func TestOverAttributes(t *testing.T) {
	t.Parallel()
	old, fresh := t.TempDir(), t.TempDir()
	write(t, filepath.Join(old, "data/db"), "rows")
	names := []string{"user.empty", "user.long"}
	for _, at := range []string{"data", "data/db"} {
		for i, name := range names {
			if err := unix.Setxattr(filepath.Join(old, at), name, []byte(strings.Repeat(at, 300*i)), 0); err != nil {
				t.Skipf("there are no attributes here: %v", err)
			}
		}
	}
	// Version 2; what the owner, the user 4321, the group and others may, and the mask.
	acl := []byte("\x02\x00\x00\x00" + "\x01\x00\x06\x00\xff\xff\xff\xff" + "\x02\x00\x04\x00\xe1\x10\x00\x00" +
		"\x04\x00\x04\x00\xff\xff\xff\xff" + "\x10\x00\x04\x00\xff\xff\xff\xff" + "\x20\x00\x00\x00\xff\xff\xff\xff")
	if err := unix.Setxattr(filepath.Join(old, "data/db"), "system.posix_acl_access", acl, 0); err == nil {
		names = append(names, "system.posix_acl_access")
	}
	if err := Over(t.Context(), old, fresh, kept("data")); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"data", "data/db"} {
		for _, name := range names {
			if was, is := get(filepath.Join(old, at), name), get(filepath.Join(fresh, at), name); was != is {
				t.Errorf("%s of %s is %q, was %q", name, at, is, was)
			}
		}
	}
}

func get(path, name string) string {
	var buf [4096]byte
	n, err := unix.Getxattr(path, name, buf[:])
	if err != nil {
		return err.Error()
	}
	return string(buf[:n])
}

// A privilege comes over with the very file that has it.
func TestOverSetuid(t *testing.T) {
	t.Parallel()
	old, fresh := t.TempDir(), t.TempDir()
	write(t, filepath.Join(old, "data/x"), "x")
	if err := unix.Chmod(filepath.Join(old, "data/x"), 0o4750); err != nil {
		t.Fatal(err)
	}
	if err := Over(t.Context(), old, fresh, kept("data")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(fresh, "data/x")); err != nil || info.Mode() != os.ModeSetuid|0o750 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
}

// Whoever is not root cannot leave a file to another user: that is an error, before
// anything is changed, and not a copy that its plugin cannot read.
func TestOverWithoutRoot(t *testing.T) {
	t.Parallel()
	asAnother(t, func(dir string) {
		write(t, filepath.Join(dir, "old/data/db"), "rows")
		write(t, filepath.Join(dir, "fresh/plugin.json"), "{}")
		chown(t, 12345, filepath.Join(dir, "old/data"), filepath.Join(dir, "fresh"))
		chown(t, 4321, filepath.Join(dir, "old/data/db"))
	}, func(dir string) {
		err := Over(t.Context(), filepath.Join(dir, "old"), filepath.Join(dir, "fresh"), kept("data"))
		var kept *OwnerError
		if !errors.As(err, &kept) || kept.Path != "data/db" || kept.UID != 4321 {
			t.Errorf("Over = %v", err)
		}
	})
}

// A folder that its plugin made read-only keeps nobody from removing what was replaced.
func TestRemoveAllOfReadOnlyFolders(t *testing.T) {
	t.Parallel()
	asAnother(t, func(dir string) {
		write(t, filepath.Join(dir, "x/previous/data/deep/f"), "f")
		write(t, filepath.Join(dir, "outside/f"), "f")
		err := errors.Join(
			os.Symlink("../../outside", filepath.Join(dir, "x/previous/link")),
			os.Chmod(filepath.Join(dir, "outside"), 0o555), os.Chmod(filepath.Join(dir, "x/previous/data/deep"), 0o555),
			os.Chmod(filepath.Join(dir, "x/previous/data"), 0), os.Chmod(filepath.Join(dir, "x/previous"), 0o500),
		)
		if err != nil {
			t.Fatal(err)
		}
		chown(t, 12345, filepath.Join(dir, "x"), filepath.Join(dir, "x/previous"), filepath.Join(dir, "x/previous/data"),
			filepath.Join(dir, "x/previous/data/deep"), filepath.Join(dir, "outside"), filepath.Join(dir, "outside/f"))
	}, func(dir string) {
		if err := RemoveAll(filepath.Join(dir, "x/previous")); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(filepath.Join(dir, "x/previous")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("it is still there: %v", err)
		}
		if info, err := os.Stat(filepath.Join(dir, "outside")); err != nil || info.Mode().Perm() != 0o555 {
			t.Errorf("what a link leads to was changed: %v, %v", info.Mode(), err)
		}
	})
}

// asAnother runs prepare, and do as a user who is not root, in this program again.
func asAnother(t *testing.T, prepare, do func(dir string)) {
	t.Helper()
	const asked = "TREE_TEST_AS_ANOTHER"
	if dir := os.Getenv(asked); dir != "" {
		do(dir)
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("becoming another user needs root")
	}
	dir := t.TempDir()
	prepare(dir)
	copyProgram(t, filepath.Join(dir, "test"))
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(dir, "test"), "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), asked+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 12345, Gid: 12345}}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, out)
	}
}

func chown(t *testing.T, id int, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if err := os.Chown(path, id, id); err != nil {
			t.Fatal(err)
		}
	}
}

// copyProgram copies this program to where others may run it.
func copyProgram(t *testing.T, to string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
