package citest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// workflow is what is looked at of one of GitHub's.
type workflow struct {
	On          map[string]any
	Permissions map[string]string
	Jobs        map[string]workflowJob
}

type workflowJob struct {
	If          string
	Permissions map[string]string
	Steps       []workflowStep
}

type workflowStep struct {
	Name, If, Uses, Run string
	Env, With           map[string]string
}

func readWorkflow(t *testing.T, name string) workflow {
	t.Helper()
	var w workflow
	if err := yaml.Unmarshal([]byte(file(t, name)), &w); err != nil {
		t.Fatal(err)
	}
	return w
}

var own = regexp.MustCompile(`^plugins-hcl/plugins@v\d+\.\d+\.\d+$`)

// The workflows have no more than they need, run nothing that is not pinned, and have no
// text of an event in a script. What they give the action is what it takes.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	inputs := readAction(t).Inputs
	for _, name := range []string{"examples/ci/github.yml", "examples/ci/lock-after-bot.yml"} {
		w := readWorkflow(t, name)
		if _, bad := w.On["pull_request_target"]; bad || w.On["pull_request"] == nil {
			t.Errorf("%s: it runs on %v", name, w.On)
		}
		if w.Permissions == nil || len(w.Permissions) > 0 {
			t.Errorf("%s: every job has the permissions %v", name, w.Permissions)
		}
		for id, job := range w.Jobs {
			if job.Permissions == nil {
				t.Errorf("%s: job %s does not say what it may", name, id)
			}
			for _, step := range job.Steps {
				if step.Uses != "" && !pinned.MatchString(step.Uses) && !own.MatchString(step.Uses) {
					t.Errorf("%s: %s is not pinned", name, step.Uses)
				}
				if strings.Contains(step.Run, "${{") {
					t.Errorf("%s: job %s has an expression in a script:\n%s", name, id, step.Run)
				}
				for input := range step.With {
					if _, ok := inputs[input]; own.MatchString(step.Uses) && !ok {
						t.Errorf("%s: the action has no input %s", name, input)
					}
				}
			}
		}
	}
}

// Of the two jobs that lock after a bot, the one that looks at the branch can write
// nothing and knows nothing, and the one that can runs nothing of it.
func TestLockAfterBotIsSafe(t *testing.T) {
	t.Parallel()
	w := readWorkflow(t, "examples/ci/lock-after-bot.yml")
	lock, push := w.Jobs["lock"], w.Jobs["push"]
	mustSay(t, lock.If, "github.event.pull_request.user.login == 'renovate[bot]'", "head.repo.full_name == github.repository")
	if len(lock.Permissions) != 1 || lock.Permissions["contents"] != "read" || len(push.Permissions) != 0 {
		t.Errorf("the jobs may %v and %v", lock.Permissions, push.Permissions)
	}
	for _, step := range lock.Steps {
		if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != "false" {
			t.Error("the job that locks keeps its token")
		}
		for _, texts := range []map[string]string{step.Env, step.With} {
			for key, text := range texts {
				if strings.Contains(text, "secrets.") {
					t.Errorf("the job that locks is given %s", key)
				}
			}
		}
	}
	for _, step := range push.Steps {
		if own.MatchString(step.Uses) || regexp.MustCompile(`\bplugins (?:lock|plan|apply|validate)\b`).MatchString(strings.ReplaceAll(step.Run, `"plugins lock"`, "")) {
			t.Errorf("the job that pushes runs plugins: %s%s", step.Uses, step.Run)
		}
	}
}

// bash runs a script as GitHub's runner does, in a folder.
func bash(t *testing.T, dir, script string, env ...string) string {
	t.Helper()
	cmd := exec.Command(shell(t), "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), bareGitEnv()...), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
	return string(out)
}

// run is the script of the step of this name.
func (j workflowJob) run(t *testing.T, name string) string {
	t.Helper()
	for _, step := range j.Steps {
		if step.Name == name {
			return step.Run
		}
	}
	t.Fatalf("there is no step %q", name)
	return ""
}

// hidden is what is another one each time.
var hidden = regexp.MustCompile(`(?m)^(?:commit [0-9a-f]+|(?:Author|Commit)Date:.*)\n`)

// After a bot raised a version, its branch gets one commit, with the lock that goes with
// it; run again, there is nothing to add. A link in the lock's place leads nowhere.
func TestLockAfterBot(t *testing.T) {
	t.Parallel()
	w := readWorkflow(t, "examples/ci/lock-after-bot.yml")
	const branch = "renovate/hello $(touch pwned)"
	work := sample(t)
	origin := filepath.Join(t.TempDir(), "origin.git")
	git(t, work, "clone", "-q", "--bare", work, origin)
	git(t, work, "remote", "add", "origin", "file://"+origin)
	git(t, work, "checkout", "-q", "-b", "topic")
	replace(t, filepath.Join(work, "plugins.hcl"), `"1.0.0"`, `"1.1.0"`)
	bot := commit(t, work)
	ref := "refs/heads/" + strings.NewReplacer(" ", "-", "(", "", ")", "", "$", "").Replace(branch)
	git(t, work, "push", "-q", "origin", "HEAD:"+ref)
	checkout := func(revision string) string {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "checkout")
		git(t, ".", "clone", "-q", "--no-checkout", "file://"+origin, dir)
		git(t, dir, "checkout", "-q", "--detach", revision)
		return dir
	}
	scratch := t.TempDir()
	env := []string{
		"PLUGINS_CACHE_DIR=" + filepath.Join(scratch, "cache"), "BRANCH=" + strings.TrimPrefix(ref, "refs/heads/"),
		"LOCK=" + filepath.Join(scratch, "plugins.lock.hcl"), "AUTHOR=plugins-lock[bot]",
	}
	tip := func() string { return git(t, origin, "rev-parse", ref) }

	locked := checkout(bot)
	bash(t, locked, w.Jobs["lock"].run(t, "The lock that goes with it"), env...)
	write(t, filepath.Join(scratch, "plugins.lock.hcl"), read(t, filepath.Join(locked, "plugins.lock.hcl")))

	add := w.Jobs["push"].run(t, "Add it")
	bash(t, checkout(bot), add, env...)
	pushed := tip()
	if got := git(t, origin, "log", "--format=%an <%ae> %s", "--name-only", bot+".."+pushed); got != "plugins-lock[bot] <plugins-lock[bot]@users.noreply.github.com> plugins lock\n\nplugins.lock.hcl" {
		t.Errorf("what was pushed:\n%s", got)
	}
	shows(t, "output lock-after-bot", "console", "$ git log -1 --format=fuller --name-status\n"+
		hidden.ReplaceAllString(git(t, origin, "log", "-1", "--format=fuller", "--name-status", ref), "")+"\n")
	mustSay(t, file(t, "examples/ci/renovate.json"), `"gitIgnoredAuthors"`, `"plugins-lock[bot]@users.noreply.github.com"`)
	after := checkout(pushed)
	bash(t, after, "plugins lock --check", env...)
	bash(t, after, add, env...)
	if tip() != pushed {
		t.Error("the second run pushed something")
	}

	victim := filepath.Join(scratch, "victim")
	write(t, victim, "mine")
	if err := os.Remove(filepath.Join(after, "plugins.lock.hcl")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, filepath.Join(after, "plugins.lock.hcl")); err != nil {
		t.Fatal(err)
	}
	commit(t, after)
	git(t, after, "push", "-q", "origin", "HEAD:"+ref)
	bash(t, after, add, env...)
	if read(t, victim) != "mine" || tip() == pushed {
		t.Error("the link was followed")
	}
}
