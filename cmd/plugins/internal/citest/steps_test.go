package citest

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// upgraded is a repository with a pull request that raises hello to 1.1.0, and the base.
func upgraded(t *testing.T) (dir, base string) {
	t.Helper()
	dir = sample(t)
	base = git(t, dir, "rev-parse", "HEAD")
	git(t, dir, "checkout", "-q", "-b", "renovate/hello")
	replace(t, filepath.Join(dir, "plugins.hcl"), `"1.0.0"`, `"1.1.0"`)
	if out, err := exec.Command("plugins", "-C", dir, "--cache-dir", filepath.Join(t.TempDir(), "cache"), "lock").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	commit(t, dir)
	return dir, base
}

// What is done follows from the event; what has secrets and somebody else's files is
// refused.
func TestPrepare(t *testing.T) {
	t.Parallel()
	r := newRunner(t, sample(t))
	for _, c := range []struct{ event, ref, command, want string }{
		{"pull_request", "refs/pull/7/merge", "auto", "plan"},
		{"push", "refs/heads/main", "auto", "apply"},
		{"push", "refs/heads/topic", "auto", "plan"},
		{"push", "refs/tags/main", "auto", "plan"},
		{"schedule", "refs/heads/main", "auto", "plan"},
		{"workflow_dispatch", "refs/heads/main", "auto", "plan"},
		{"workflow_dispatch", "refs/heads/main", "apply", "apply"},
		{"pull_request", "refs/pull/7/merge", "check", "check"},
		{"pull_request_target", "refs/heads/main", "auto", ""},
		{"pull_request_target", "refs/heads/main", "plan", ""},
		{"workflow_run", "refs/heads/main", "apply", ""},
		{"pull_request_target", "refs/heads/main", "none", "none"},
		{"push", "refs/heads/main", "destroy", ""},
	} {
		r.event(c.event, c.ref)
		d := r.step(t, "prepare.sh", map[string]string{"COMMAND": c.command, "DEFAULT_BRANCH": "main", "ARGS": ""})
		if got := d.outputs["command"]; got != c.want || (d.code == 0) != (c.want != "") {
			t.Errorf("%s of %s with %q: %q (exit %d), not %q\n%s", c.event, c.ref, c.command, got, d.code, c.want, d.log)
		}
	}
}

// The cache is where the program has it, and known by the locks alone.
func TestPrepareCache(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	r := newRunner(t, dir)
	r.event("push", "refs/heads/main")
	locks := func() string {
		t.Helper()
		d := r.mustStep(t, "prepare.sh", map[string]string{"COMMAND": "auto", "DEFAULT_BRANCH": "main", "ARGS": "--cache-dir " + r.at("elsewhere")})
		if d.outputs["cache"] != r.at("elsewhere") {
			t.Errorf("the cache is in %q", d.outputs["cache"])
		}
		return d.outputs["locks"]
	}
	first := locks()
	write(t, filepath.Join(dir, "README.md"), "something else")
	if again := locks(); again != first || len(first) != 64 {
		t.Errorf("%q, then %q", first, again)
	}
	write(t, filepath.Join(dir, "plugins.lock.hcl"), read(t, filepath.Join(dir, "plugins.lock.hcl"))+"\n")
	if locks() == first {
		t.Error("another lock, but the same key")
	}
}

// A pull request is told what its lock changes and what an apply would do; nothing is
// installed. The one comment is kept up to date, and only the action's own.
func TestPullRequest(t *testing.T) {
	t.Parallel()
	dir, base := upgraded(t)
	r := newRunner(t, dir)
	forged := comment{1, map[string]string{"type": "User"}, "<!-- plugins: . -->\nmine"}
	r.withGitHub(t, forged, comment{2, map[string]string{"type": "Bot"}, "<!-- plugins: other -->\nof another folder"})
	r.event("pull_request", "refs/pull/7/merge")
	env := map[string]string{"FOLDER": ".", "BASE_SHA": base}

	command, d := r.do(t, "auto", env)
	if command != "plan" || d.code != 0 || d.outputs["changes"] != "true" {
		t.Fatalf("%s: exit %d, %v\n%s", command, d.code, d.outputs, d.log)
	}
	markdown := read(t, d.outputs["markdown"])
	mustSay(t, markdown, "### Plugins\n", "hello | 1.0.0 → 1.1.0 |", "<details>", "clock", "</details>")
	before, _, _ := strings.Cut(strings.ReplaceAll(markdown, base, "6ec2a1f08c5d4b1f9f2b0c6f5e3d1a7b8c9d0e1f"), "\n<details>")
	shows(t, "output comment", "markdown", before)
	if summary := read(t, r.at("summary.md")); summary != markdown {
		t.Errorf("the summary is not what the pull request is told:\n%s", summary)
	}
	if _, err := os.Stat(filepath.Join(dir, "plugins")); err == nil {
		t.Error("something was installed")
	}

	r.mustStep(t, "comment.sh", pullRequest(d.outputs["markdown"]))
	write(t, r.at("next.md"), "the next plan\n")
	r.mustStep(t, "comment.sh", pullRequest(r.at("next.md")))
	all := r.comments(t)
	if len(all) != 3 || all[0].Body != forged.Body || !strings.HasSuffix(all[1].Body, "of another folder") || all[2].Body != "<!-- plugins: . -->\nthe next plan\n" {
		t.Errorf("the comments: %+v", all)
	}
}

// A checkout of one commit is enough: the base is fetched. Where it cannot be, that is
// said, and the plan stands.
func TestPullRequestShallow(t *testing.T) {
	t.Parallel()
	origin, base := upgraded(t)
	dir := filepath.Join(t.TempDir(), "shallow")
	git(t, ".", "clone", "-q", "--depth=1", "--branch=renovate/hello", "file://"+origin, dir)
	r := newRunner(t, dir)
	r.event("pull_request", "refs/pull/7/merge")
	for _, c := range []struct{ base, says string }{
		{strings.Repeat("0", 40), "It cannot be compared with the base"},
		{"$(touch pwned)", "The base is not known"},
		{base, "hello | 1.0.0 → 1.1.0 |"},
	} {
		_, d := r.do(t, "auto", map[string]string{"FOLDER": ".", "BASE_SHA": c.base})
		if d.code != 0 {
			t.Fatalf("exit %d\n%s", d.code, d.log)
		}
		mustSay(t, read(t, d.outputs["markdown"]), c.says, "<details>")
	}
	if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
		t.Error("a text was run")
	}
}

// What is wrong fails the job, and the pull request is told all the same.
func TestPullRequestOutOfDate(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	base := git(t, dir, "rev-parse", "HEAD")
	replace(t, filepath.Join(dir, "plugins.hcl"), `"1.0.0"`, `"1.1.0"`)
	r := newRunner(t, dir)
	r.event("pull_request", "refs/pull/7/merge")
	_, d := r.do(t, "auto", map[string]string{"FOLDER": ".", "BASE_SHA": base})
	if d.code != 3 || d.outputs["changes"] != "" {
		t.Errorf("exit %d, %v\n%s", d.code, d.outputs, d.log)
	}
	mustSay(t, d.log, "hello")
	mustSay(t, read(t, d.outputs["markdown"]), "**`plugins plan` ended with exit code 3:**\n\n    ", "hello", "plugins lock")
}

// A fork's token cannot comment: no error, and the summary has it. One that should be
// able to is warned of, and so is a runner without gh.
func TestCommentNotAllowed(t *testing.T) {
	t.Parallel()
	r := newRunner(t, sample(t))
	write(t, r.at("plan.md"), "the plan\n")
	r.withGitHub(t)
	for _, c := range []struct{ from, says string }{
		{"somebody/host", "::notice title=plugins::The pull request is from a fork"},
		{"", "::notice"}, // the fork is gone
		{repository, "::warning title=plugins::The pull request was not commented: gh: Resource not accessible by integration (HTTP 403)."},
	} {
		env := pullRequest(r.at("plan.md"))
		env["GH_TOKEN"], env["HEAD_REPO"] = "reads", c.from
		mustSay(t, r.mustStep(t, "comment.sh", env).log, c.says)
	}
	if all := r.comments(t); len(all) != 0 {
		t.Errorf("the comments: %+v", all)
	}

	bare := newRunner(t, sample(t))
	bare.only(t, "mktemp")
	mustSay(t, bare.mustStep(t, "comment.sh", pullRequest(r.at("plan.md"))).log, "::warning", "no gh on this runner")
}

// What is longer than a comment may be is cut between lines, and says where the rest is.
func TestCommentLong(t *testing.T) {
	t.Parallel()
	r := newRunner(t, sample(t))
	r.withGitHub(t)
	write(t, r.at("plan.md"), strings.Repeat("| a row of a plan → that is long |\n", 3000))
	env := pullRequest(r.at("plan.md"))
	env["FOLDER"] = `a b"; touch pwned #-->`
	r.mustStep(t, "comment.sh", env)
	all := r.comments(t)
	if len(all) != 1 {
		t.Fatalf("%d comments", len(all))
	}
	lines := strings.Split(strings.TrimSuffix(all[0].Body, "\n"), "\n")
	if len(all[0].Body) > 65536 || lines[0] != "<!-- plugins: a_b___touch_pwned__--_ -->" || lines[len(lines)-1] != "**The rest is in the summary of the step.**" {
		t.Errorf("%d bytes, from %q to %q", len(all[0].Body), lines[0], lines[len(lines)-1])
	}
	for _, line := range lines[1 : len(lines)-4] {
		if line != "| a row of a plan → that is long |" {
			t.Errorf("a line was cut: %q", line)
		}
	}
}

// A push to the default branch applies, once; one to another branch only plans.
func TestPush(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	r := newRunner(t, dir)
	r.event("push", "refs/heads/topic")
	command, d := r.do(t, "auto", map[string]string{"FOLDER": "."})
	if command != "plan" || d.code != 0 || d.outputs["changes"] != "true" {
		t.Fatalf("%s: exit %d, %v\n%s", command, d.code, d.outputs, d.log)
	}
	if text := read(t, d.outputs["markdown"]); strings.Contains(text, "What the lock changes") {
		t.Errorf("a push has no base:\n%s", text)
	}
	installed := filepath.Join(dir, "plugins", "hello", "plugin.json")
	if _, err := os.Stat(installed); err == nil {
		t.Fatal("a push to another branch installed something")
	}

	r.event("push", "refs/heads/main")
	for _, changes := range []string{"true", "false"} {
		command, d = r.do(t, "auto", map[string]string{"FOLDER": ".", "APPLY_ARGS": "--lock-timeout 1m"})
		if command != "apply" || d.code != 0 || d.outputs["changes"] != changes {
			t.Fatalf("%s: exit %d, %v\n%s", command, d.code, d.outputs, d.log)
		}
		if _, err := os.Stat(installed); err != nil {
			t.Error(err)
		}
	}

	// An apply that fails fails the job, and says nothing of changes.
	if err := os.Remove(filepath.Join(dir, "plugins.lock.hcl")); err != nil {
		t.Fatal(err)
	}
	if _, d = r.do(t, "auto", map[string]string{"FOLDER": "."}); d.code != 3 || d.outputs["changes"] != "" {
		t.Errorf("exit %d, %v\n%s", d.code, d.outputs, d.log)
	}
}

// Flags of every command reach every command; check looks at all there is.
func TestCheckAndArgs(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	for _, name := range []string{"plugins.hcl", "plugins.lock.hcl", "registry"} {
		if err := os.MkdirAll(filepath.Join(dir, "conf"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(dir, "conf", name)); err != nil {
			t.Fatal(err)
		}
	}
	r := newRunner(t, dir)
	r.event("push", "refs/heads/topic")
	args := map[string]string{"FOLDER": ".", "ARGS": "-C conf --plugin-dir " + r.at("plugins")}
	if _, d := r.do(t, "check", args); d.code != 0 {
		t.Fatalf("exit %d\n%s", d.code, d.log)
	}
	if _, d := r.do(t, "apply", args); d.code != 0 {
		t.Fatalf("exit %d\n%s", d.code, d.log)
	}
	if _, err := os.Stat(r.at("plugins/hello/plugin.json")); err != nil {
		t.Error(err)
	}
	configuration := filepath.Join(dir, "conf", "plugins.hcl")
	replace(t, configuration, `  version = "1.0.0"`, `version   =   "1.1.0"`)
	_, d := r.do(t, "check", args)
	if d.code != 2 {
		t.Errorf("exit %d\n%s", d.code, d.log)
	}
	mustSay(t, d.log, "is valid", "canonical format", "hello")
}
