package citest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// hooks are this repository as it lies here, committed, for pre-commit to clone.
func hooks(t *testing.T) (repository, revision string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		t.Skip("needs a git checkout of this repository")
	}
	dir := filepath.Join(t.TempDir(), "hooks")
	for _, name := range strings.Split(git(t, root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"), "\x00") {
		info, err := os.Lstat(filepath.Join(root, name))
		if name == "" || err != nil || !info.Mode().IsRegular() {
			continue
		}
		write(t, filepath.Join(dir, name), read(t, filepath.Join(root, name)))
	}
	git(t, dir, "init", "-q", "-b", "main")
	return dir, commit(t, dir)
}

// preCommit is Debian's pre-commit in a repository, without network.
type preCommit struct {
	dir string
	env []string
}

func newPreCommit(t *testing.T, dir string) preCommit {
	t.Helper()
	if _, err := exec.LookPath("pre-commit"); err != nil {
		t.Skip("needs pre-commit (Debian: pre-commit)")
	}
	home := t.TempDir()
	p := preCommit{dir, append(os.Environ(), gitEnv()...)}
	for _, name := range []string{"GOMODCACHE", "GOCACHE"} {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		p.env = append(p.env, name+"="+strings.TrimSpace(string(out)))
	}
	// What would reach for the network finds a proxy that is not there.
	const nowhere = "http://127.0.0.1:9"
	p.env = append(p.env, "HOME="+home, "PRE_COMMIT_HOME="+filepath.Join(home, "pre-commit"), "PRE_COMMIT_COLOR=never",
		"GOPROXY=off", "GOSUMDB=off", "GOTOOLCHAIN=local", "GOFLAGS=", "PLUGINS_CACHE_DIR="+filepath.Join(home, "cache"),
		"http_proxy="+nowhere, "https_proxy="+nowhere, "HTTP_PROXY="+nowhere, "HTTPS_PROXY="+nowhere)
	return p
}

// run runs the hooks as "git commit" does, on all files, and demands that they pass or
// that this one fails.
func (p preCommit) run(t *testing.T, fails string, args ...string) string {
	t.Helper()
	git(t, p.dir, "add", "-A", ".")
	cmd := exec.Command("pre-commit", append([]string{"run", "--all-files"}, args...)...)
	cmd.Dir, cmd.Env = p.dir, p.env
	data, err := cmd.CombinedOutput()
	out := string(data)
	if passed := err == nil; passed != (fails == "") {
		t.Fatalf("pre-commit run: %v\n%s", err, out)
	}
	var failed []string
	lines := strings.Split(out, "\n")
	for i, line := range lines {
		if strings.HasSuffix(line, ".Failed") && i+1 < len(lines) {
			failed = append(failed, strings.TrimPrefix(lines[i+1], "- hook id: "))
		}
	}
	if strings.Join(failed, " ") != fails {
		t.Errorf("failed: %q, not %q\n%s", failed, fails, out)
	}
	return out
}

// mustSay demands that each text is there.
func mustSay(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("it does not say %q:\n%s", text, out)
		}
	}
}

// The hooks, built from this repository as pre-commit builds them, and those of the
// installed program: they pass on what is right, and say what is not. Only fmt writes.
func TestPreCommit(t *testing.T) {
	t.Parallel()
	if raced {
		t.Skip("the race detector sees nothing of pre-commit")
	}
	dir := sample(t)
	p := newPreCommit(t, dir)
	repository, revision := hooks(t)
	config := strings.NewReplacer("https://github.com/plugins-hcl/plugins", repository, "v0.1.0", revision).Replace(file(t, "examples/ci/pre-commit-config.yaml"))
	for _, suffix := range []string{"", "-system"} {
		with := config
		for _, id := range []string{"plugins-validate", "plugins-fmt", "plugins-lock-check"} {
			with = strings.ReplaceAll(with, "id: "+id, "id: "+id+suffix)
		}
		write(t, filepath.Join(dir, ".pre-commit-config.yaml"), with)
		p.judge(t, suffix)
	}
}

// judge has the hooks look at what is right, and at one mistake after the other.
func (p preCommit) judge(t *testing.T, suffix string) {
	t.Helper()
	configuration, lock := filepath.Join(p.dir, "plugins.hcl"), filepath.Join(p.dir, "plugins.lock.hcl")
	right, locked := read(t, configuration), read(t, lock)
	if out := p.run(t, ""); strings.Count(out, ".Passed\n") != 3 {
		t.Errorf("%s: not three hooks passed:\n%s", suffix, out)
	}

	replace(t, configuration, `  version = "1.0.0"`, `version   =   "1.0.0"`)
	out := p.run(t, "plugins-fmt"+suffix)
	mustSay(t, out, "- files were modified by this hook\n\nplugins.hcl\n")
	if suffix == "" {
		// The first run told of the build before.
		shows(t, "output pre-commit", "console", "$ pre-commit run --all-files\n"+out)
	}
	if read(t, configuration) != right {
		t.Errorf("plugins-fmt%s did not format:\n%s", suffix, read(t, configuration))
	}

	replace(t, configuration, `"1.0.0"`, `"1.1.0"`)
	mustSay(t, p.run(t, "plugins-lock-check"+suffix), "- exit code: 2", "hello", "plugins lock")
	if read(t, lock) != locked {
		t.Errorf("plugins-lock-check%s wrote the lock", suffix)
	}

	replace(t, configuration, "  version = \"1.1.0\"", "  verison = \"1.1.0\"")
	mustSay(t, p.run(t, "plugins-validate"+suffix, "plugins-validate"+suffix), "- exit code: 1", "plugins.hcl line 10", `Did you mean "version"?`)

	write(t, configuration, right)
	p.run(t, "")
	if _, err := os.Stat(filepath.Join(p.dir, "plugins")); err == nil {
		t.Error("a hook made the plugin directory")
	}
}

// There are three hooks in two languages, and none gets the names of files.
func TestHooksManifest(t *testing.T) {
	t.Parallel()
	var all []struct {
		ID, Entry, Language, Files string
		PassFilenames              *bool `yaml:"pass_filenames"`
	}
	if err := yaml.Unmarshal([]byte(file(t, ".pre-commit-hooks.yaml")), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 6 {
		t.Fatalf("%d hooks", len(all))
	}
	for i, h := range all {
		twin := all[(i+3)%6]
		if h.PassFilenames == nil || *h.PassFilenames || h.Files == "" {
			t.Errorf("%s gets names of files, or is run for any", h.ID)
		}
		if i < 3 && (h.Language != "golang" || twin.Language != "system" || twin.ID != h.ID+"-system" || twin.Entry != h.Entry || twin.Files != h.Files) {
			t.Errorf("%s and %s are not the same in two languages", h.ID, twin.ID)
		}
	}
}
