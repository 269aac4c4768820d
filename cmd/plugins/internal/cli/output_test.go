package cli_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
	"github.com/plugins-hcl/plugins/internal/scripttest"
)

// full is standard output that takes some writes, and then none.
type full struct{ room int }

var errFull = errors.New("no room")

func (f *full) Write(p []byte) (int, error) {
	if f.room == 0 {
		return 0, errFull
	}
	f.room--
	return len(p), nil
}

// project declares one plugin.
func project(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := (scripttest.Package{Name: "authz", Version: "1.0.0"}).Write(filepath.Join(dir, "authz.tar.gz")); err != nil {
		t.Fatal(err)
	}
	text := "plugin \"authz\" {\n  source = \"./authz.tar.gz\"\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "plugins.hcl"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// run runs the program's code and returns its exit code and what it prints on
// standard error.
func run(dir string, stdout io.Writer, args ...string) (code int, told string) {
	var stderr bytes.Buffer
	args = append([]string{"-C", dir, "--cache-dir", filepath.Join(dir, "cache")}, args...)
	code = cli.Run(args, strings.NewReader(""), stdout, &stderr)
	return code, stderr.String()
}

// Wherever standard output can be written no more: either nothing is done, or all is
// done, and what it was is said on standard error.
func TestOutputFull(t *testing.T) {
	t.Parallel()
	const (
		wrote      = "Wrote plugins.lock.hcl: 1 added."
		applied    = "Apply complete: 1 installed ("
		rolledBack = "Rollback complete: 1 removed ("
	)
	for _, test := range []struct {
		before []string // commands to run first
		args   string
		done   func(dir string) bool
		says   string // once it is done
	}{
		{nil, "lock", exists("plugins.lock.hcl"), wrote},
		{nil, "lock --json", exists("plugins.lock.hcl"), wrote},
		{[]string{"lock"}, "apply --auto-approve", exists("plugins/authz"), applied},
		{[]string{"lock"}, "apply --auto-approve --json", exists("plugins/authz"), applied},
		{[]string{"lock", "apply --auto-approve"}, "rollback --auto-approve", misses("plugins/authz"), rolledBack},
		{[]string{"lock", "apply --auto-approve"}, "rollback --auto-approve --json", misses("plugins/authz"), rolledBack},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			doneUntold := 0
			for room := 0; ; room++ {
				dir := project(t)
				for _, command := range test.before {
					if code, told := run(dir, io.Discard, strings.Fields(command)...); code != 0 {
						t.Fatalf("plugins %s: exit %d\n%s", command, code, told)
					}
				}
				code, told := run(dir, &full{room}, strings.Fields(test.args)...)
				done := test.done(dir)
				if code == 0 && done {
					break
				}
				if code != 1 || !strings.Contains(told, errFull.Error()) || strings.Contains(told, test.says) != done {
					t.Fatalf("after %d writes, done: %v, exit %d\n%s", room, done, code, told)
				}
				if done {
					doneUntold++
				}
			}
			if doneUntold == 0 {
				t.Error("it never failed once it was done")
			}
		})
	}
}

func exists(path string) func(dir string) bool {
	return func(dir string) bool {
		_, err := os.Lstat(filepath.Join(dir, path))
		return err == nil
	}
}

func misses(path string) func(dir string) bool {
	return func(dir string) bool { return !exists(path)(dir) }
}
