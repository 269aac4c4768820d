package citest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

// gitlabJob is what is looked at of one of GitLab's.
type gitlabJob struct {
	Extends      string
	Script       []string
	BeforeScript []string `yaml:"before_script"`
	Artifacts    struct{ Paths []string }
}

func pipeline(t *testing.T) map[string]gitlabJob {
	t.Helper()
	var raw map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(file(t, "examples/ci/gitlab.yml")), &raw); err != nil {
		t.Fatal(err)
	}
	jobs := map[string]gitlabJob{}
	for name, node := range raw {
		if name == "stages" || name == "variables" {
			continue
		}
		var j gitlabJob
		if err := node.Decode(&j); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		jobs[name] = j
	}
	return jobs
}

var command = regexp.MustCompile(`(?m)^\s*plugins ([^|>\n]*)`)

// Every command line is one that the program takes.
func TestCommandLines(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, j := range pipeline(t) {
		lines = append(lines, j.Script...)
	}
	for _, name := range []string{"examples/ci/github.yml", "examples/ci/lock-after-bot.yml"} {
		for _, job := range readWorkflow(t, name).Jobs {
			for _, step := range job.Steps {
				lines = append(lines, step.Run)
			}
		}
	}
	found := 0
	for _, m := range command.FindAllStringSubmatch(strings.Join(lines, "\n"), -1) {
		found++
		root := cli.Command()
		cmd, args, err := root.Find(strings.Fields(strings.ReplaceAll(m[1], `"`, "")))
		if err == nil {
			err = cmd.ParseFlags(args)
		}
		if err == nil && cmd.Args != nil {
			err = cmd.ValidateArgs(cmd.Flags().Args())
		}
		if err != nil || cmd == root {
			t.Errorf("plugins %s: %v", m[1], err)
		}
	}
	if found < 8 {
		t.Errorf("%d command lines were found", found)
	}
}

// GitLab's jobs do what they should, one after the other, on what a merge request changed.
func TestGitLab(t *testing.T) {
	t.Parallel()
	shell(t)
	dir, base := upgraded(t)
	origin := filepath.Join(t.TempDir(), "origin.git")
	git(t, dir, "clone", "-q", "--bare", dir, origin)
	git(t, dir, "remote", "add", "origin", "file://"+origin)
	scratch := t.TempDir()
	bin := filepath.Join(scratch, "bin")
	write(t, filepath.Join(bin, "go"), "#!/bin/sh\necho \"$*\" >>"+filepath.Join(scratch, "go.log")+"\n")
	if err := os.Chmod(filepath.Join(bin, "go"), 0o755); err != nil {
		t.Fatal(err)
	}
	env := []string{
		"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "CI_PROJECT_DIR=" + dir, "PLUGINS_VERSION=v0.1.0",
		"PLUGINS_CACHE_DIR=" + filepath.Join(dir, ".cache/plugins"), "CI_MERGE_REQUEST_DIFF_BASE_SHA=" + base,
	}
	jobs, plugins := pipeline(t), filepath.Join(scratch, "plugins")
	for _, name := range []string{"plugins-check", "plugins-plan", "plugins-apply"} {
		j := jobs[name]
		script := strings.Join(jobs[j.Extends].BeforeScript, "\n") + "\n"
		for _, line := range j.Script {
			script += "echo '$ " + line + "'\n" + line + "\n" // as GitLab shows it
		}
		out := bash(t, dir, strings.ReplaceAll(script, "/var/lib/workflow-plugins/plugins", plugins), env...)
		switch name {
		case "plugins-check":
			shows(t, "output gitlab", "console", out)
		case "plugins-plan":
			mustSay(t, out, "hello", "1.0.0 → 1.1.0")
			mustSay(t, read(t, filepath.Join(dir, j.Artifacts.Paths[0])), "hello | 1.0.0 → 1.1.0 |", "clock")
		}
		if _, err := os.Stat(filepath.Join(plugins, "hello", "plugin.json")); (err == nil) != (name == "plugins-apply") {
			t.Errorf("after %s: %v", name, err)
		}
	}
	if got := read(t, filepath.Join(scratch, "go.log")); got != strings.Repeat("install github.com/plugins-hcl/plugins/cmd/plugins@v0.1.0\n", 3) {
		t.Errorf("go was asked for:\n%s", got)
	}
}
