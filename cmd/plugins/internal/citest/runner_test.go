package citest

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runner is a job on GitHub's runner: a checkout, and the files by which steps talk to it.
type runner struct {
	dir, workspace, bin string
	env                 map[string]string
}

const repository = "acme/host"

func newRunner(t *testing.T, workspace string) *runner {
	t.Helper()
	shell(t)
	dir := t.TempDir()
	r := &runner{dir: dir, workspace: workspace, bin: filepath.Join(dir, "bin")}
	for _, folder := range []string{r.bin, r.at("temp")} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	actionPath, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	r.env = map[string]string{
		"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_ACTION_PATH": actionPath, "GITHUB_WORKSPACE": workspace,
		"GITHUB_OUTPUT": r.at("output"), "GITHUB_PATH": r.at("path"), "GITHUB_STEP_SUMMARY": r.at("summary.md"),
		"GITHUB_REPOSITORY": repository, "RUNNER_TEMP": r.at("temp"), "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64",
		"HOME": dir, "PLUGINS_CACHE_DIR": r.at("cache"), "PATH": r.bin + string(os.PathListSeparator) + os.Getenv("PATH"),
	}
	return r
}

func (r *runner) at(name string) string { return filepath.Join(r.dir, name) }

// done is what a step did.
type done struct {
	code    int
	log     string
	outputs map[string]string
}

// step runs a script of the action as the step does that has it.
func (r *runner) step(t *testing.T, name string, env map[string]string) done {
	t.Helper()
	if err := os.RemoveAll(r.at("output")); err != nil {
		t.Fatal(err)
	}
	path, err := filepath.Abs(filepath.Join(root, scripts, name))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(shell(t), path)
	cmd.Dir = r.workspace
	cmd.Env = append(os.Environ(), gitEnv()...)
	for _, vars := range []map[string]string{r.env, env} {
		for _, key := range sorted(vars) {
			cmd.Env = append(cmd.Env, key+"="+vars[key])
		}
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	d := done{cmd.ProcessState.ExitCode(), string(out), map[string]string{}}
	text, _ := os.ReadFile(r.at("output"))
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		d.outputs[key] = value
	}
	return d
}

// mustStep is step for one that must end well.
func (r *runner) mustStep(t *testing.T, name string, env map[string]string) done {
	t.Helper()
	d := r.step(t, name, env)
	if d.code != 0 {
		t.Fatalf("%s: exit %d\n%s", name, d.code, d.log)
	}
	return d
}

// event is an event of a repository whose default branch is main.
func (r *runner) event(name, ref string) {
	r.env["GITHUB_EVENT_NAME"], r.env["GITHUB_REF"] = name, ref
}

// do decides and does, as the action with the input command.
func (r *runner) do(t *testing.T, command string, env map[string]string) (decided string, d done) {
	t.Helper()
	prepared := r.mustStep(t, "prepare.sh", map[string]string{"COMMAND": command, "DEFAULT_BRANCH": "main", "ARGS": env["ARGS"]})
	with := maps.Clone(env)
	if with == nil {
		with = map[string]string{}
	}
	with["COMMAND"] = prepared.outputs["command"]
	return prepared.outputs["command"], r.step(t, "run.sh", with)
}

// tool puts a program on the PATH.
func (r *runner) tool(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(r.bin, name), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// only makes these programs the only ones on the PATH, besides those that tool put there.
func (r *runner) only(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("needs %s", name)
		}
		if err := os.Symlink(path, filepath.Join(r.bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	r.env["PATH"] = r.bin
}

// gh is GitHub's command as far as comments go; a token that is not "writes" only reads.
const gh = `#!/usr/bin/env bash
set -euo pipefail
echo "$*" >>"$GH_LOG"
method=GET body='' filter=. path=''
shift # api
while [ $# -gt 0 ]; do
	case $1 in
	--method) method=$2; shift ;;
	-F) body=${2#body=@}; shift ;;
	--jq) filter=$2; shift ;;
	-*) ;;
	*) path=$1 ;;
	esac
	shift
done
if [ "$method" != GET ] && [ "$GH_TOKEN" != writes ]; then
	echo 'gh: Resource not accessible by integration (HTTP 403)' >&2
	exit 1
fi
if [[ $method:$path == GET:repos/acme/host/issues/7/comments* ]]; then
	exec jq -r "$filter" "$GH_COMMENTS"
fi
case $method:$path in
POST:repos/acme/host/issues/7/comments)
	jq --rawfile body "$body" '. + [{id: (length + 1), user: {type: "Bot"}, body: $body}]' "$GH_COMMENTS" ;;
PATCH:repos/acme/host/issues/comments/*)
	jq --rawfile body "$body" --argjson id "${path##*/}" 'map(if .id == $id then .body = $body else . end)' "$GH_COMMENTS" ;;
*) echo "gh: Not Found (HTTP 404): $method $path" >&2; exit 1 ;;
esac >"$GH_COMMENTS.new"
mv "$GH_COMMENTS.new" "$GH_COMMENTS"
`

type comment struct {
	ID   int               `json:"id"`
	User map[string]string `json:"user"`
	Body string            `json:"body"`
}

// withGitHub gives the runner a gh, and pull request 7 these comments.
func (r *runner) withGitHub(t *testing.T, comments ...comment) {
	t.Helper()
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("needs jq (Debian: jq)")
	}
	r.tool(t, "gh", gh)
	r.env["GH_LOG"], r.env["GH_COMMENTS"] = r.at("gh.log"), r.at("comments.json")
	if comments == nil {
		comments = []comment{}
	}
	data, err := json.Marshal(comments)
	if err != nil {
		t.Fatal(err)
	}
	write(t, r.at("comments.json"), string(data))
}

func (r *runner) comments(t *testing.T) (all []comment) {
	t.Helper()
	if err := json.Unmarshal([]byte(read(t, r.at("comments.json"))), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// pullRequest is what comment.sh is told of pull request 7, from a branch of its own
// repository, with a token that may comment.
func pullRequest(markdown string) map[string]string {
	return map[string]string{"GH_TOKEN": "writes", "MARKDOWN": markdown, "NUMBER": "7", "HEAD_REPO": repository, "FOLDER": "."}
}
