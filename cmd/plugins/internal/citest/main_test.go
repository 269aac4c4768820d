package citest

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

var update = flag.Bool("update", false, "put the examples, and what they print, into docs/ci.md")

// root is the root of this repository.
const root = "../../../.."

// TestMain puts this test's own binary on the PATH as the program.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"plugins": func() { os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }})
}

// file is the text of a file of this repository.
func file(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// replace replaces a text in a file, which must be there.
func replace(t *testing.T, path, old, by string) {
	t.Helper()
	text := read(t, path)
	if !strings.Contains(text, old) {
		t.Fatalf("%s does not say %q:\n%s", path, old, text)
	}
	write(t, path, strings.ReplaceAll(text, old, by))
}

// sample is a repository with the quickstart's files, all committed.
func sample(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sample")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "examples/quickstart"))); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, ".gitignore"), "/plugins/\n")
	git(t, dir, "init", "-q", "-b", "main")
	commit(t, dir)
	return dir
}

// commit commits all that there is, and gives the commit.
func commit(t *testing.T, dir string) string {
	t.Helper()
	git(t, dir, "add", "-A", ".")
	git(t, dir, "commit", "-q", "--allow-empty", "-m", "sample")
	return git(t, dir, "rev-parse", "HEAD")
}

// git runs git, with nobody's configuration.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), gitEnv()...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// gitEnv is the environment of somebody whom git knows by name.
func gitEnv() []string {
	return append(bareGitEnv(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
}

// bareGitEnv is that of a runner, where it knows nobody.
func bareGitEnv() []string {
	return []string{"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0"}
}

// shell is the bash that GitHub's and GitLab's runners have.
func shell(t *testing.T) string {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil || os.PathSeparator != '/' {
		t.Skip("needs bash")
	}
	return bash
}
