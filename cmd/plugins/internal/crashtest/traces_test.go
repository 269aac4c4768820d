package crashtest

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What strace writes is read right: strings, paths, calls cut in two, a kill.
func TestParseTrace(t *testing.T) {
	t.Parallel()
	log := `7 openat(AT_FDCWD</tmp>, "/p/plugins/.plugins/.journal.123.tmp", O_RDWR|O_CREAT, 0600 <unfinished ...>
8 fsync(9</p/plugins>) = -1 EIO (Input/output error) (INJECTED)
7 <... openat resumed>)             = 11</p/plugins/.plugins/.journal.123.tmp>
7 write(11</p/plugins/.plugins/.journal.123.tmp>, "a\n\0331\"\\, b", 9) = 9
7 write(1</dev/null>, "x", 1) = 1
8 renameat2(AT_FDCWD</tmp>, "/p/plugins/a", 4</p>, "plugins/.plugins/staging/0123456789abcdef/a", RENAME_EXCHANGE) = ?
8 +++ killed by SIGKILL +++
`
	all := parseTrace([]byte(log))
	ops := within(all, "/p")
	if len(all) != 5 || len(ops) != 4 {
		t.Fatalf("%d operations, %d in the project", len(all), len(ops))
	}
	ids := []string{
		"openat plugins/.plugins/.journal* to write #1", "fsync plugins #1", "write plugins/.plugins/.journal* #1",
		"renameat2 plugins/a plugins/.plugins/staging/*/a #1",
	}
	for i, o := range ops {
		if o.id != ids[i] {
			t.Errorf("operation %d is %q, want %q", i, o.id, ids[i])
		}
	}
	if got := string(ops[2].data()); got != "a\n\x1b1\"\\, b" {
		t.Errorf("written: %q", got)
	}
	if !ops[1].injected() || !ops[1].failed() || ops[3].ret != "?" || ops[0].end != 2 || all[3].index != 2 {
		t.Errorf("%+v", all)
	}
}

// A kill comes before its call takes effect.
func TestKillComesFirst(t *testing.T) {
	t.Parallel()
	needStrace(t)
	dir := filepath.Join(t.TempDir(), "dir")
	err := exec.Command("strace", "-f", "-o", os.DevNull, "-e", "inject=mkdir,mkdirat:signal=KILL", "mkdir", dir).Run()
	if _, missing := os.Lstat(dir); err == nil || !errors.Is(missing, fs.ErrNotExist) {
		t.Errorf("the kill: %v, the folder: %v", err, missing)
	}
}

// A trace of an apply has what the models built on it need.
func TestTraceApply(t *testing.T) {
	t.Parallel()
	needStrace(t)
	s := newScenario(t)
	bin := build(t, "")
	var ids [2][]string
	for i := range ids {
		dir := filepath.Join(t.TempDir(), "project")
		s.copyTo(t, dir)
		for _, o := range traceApply(t, bin, dir, "-s", "100000") {
			if o.call == "write" && strings.HasSuffix(o.path, "blob") && len(o.data()) != 30000 {
				t.Errorf("%d bytes of the blob", len(o.data()))
			}
			if o.changes() {
				ids[i] = append(ids[i], o.id)
			}
		}
		slices.Sort(ids[i])
	}
	if !slices.Equal(ids[0], ids[1]) {
		t.Errorf("two runs differ:\n%s\n\n%s", strings.Join(ids[0], "\n"), strings.Join(ids[1], "\n"))
	}
}
