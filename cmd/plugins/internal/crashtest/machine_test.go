package crashtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// full asks for everything instead of a sample.
func full() bool { return os.Getenv("CRASHTEST") == "full" }

// howMany is all in a full run, and fewer otherwise.
func howMany(all, sample int) int {
	if full() {
		return all
	}
	return sample
}

// needRoot skips a test where it may not mount anything.
func needRoot(t testing.TB) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("mounting is for Linux")
	}
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	dir := t.TempDir()
	if err := sh("mount", "-t", "tmpfs", "none", dir); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	unmount(t, dir)
}

// needTools skips a test where a program is missing.
func needTools(t testing.TB, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed")
		}
	}
}

// mustSh runs a program of the machine, which must succeed.
func mustSh(t testing.TB, program string, args ...string) {
	t.Helper()
	if err := sh(program, args...); err != nil {
		t.Fatal(err)
	}
}

// mount mounts at dir, which it makes, until the test ends.
func mount(t testing.TB, dir string, options ...string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	mustSh(t, "mount", append(options, dir)...)
	t.Cleanup(func() {
		if isMounted(t, dir) {
			unmount(t, dir)
		}
	})
}

// unmount waits until nothing is open there: between fork and exec, a process that
// another test starts has all that is open in this one.
func unmount(t testing.TB, dir string) {
	t.Helper()
	if err := umount(dir); err != nil {
		t.Error(errors.Join(err, sh("umount", "--lazy", dir)))
	}
}

func umount(dir string) (err error) {
	for range 100 {
		if err = sh("umount", dir); err == nil || !strings.Contains(err.Error(), "busy") {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

func isMounted(t testing.TB, dir string) bool {
	t.Helper()
	table, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(table), " "+dir+" ")
}

// memory is a folder in memory where there is one: what is only looked at there
// need not survive anything, and syncing costs nothing.
func memory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "plugins-crashtest-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Clean(dir)
}
