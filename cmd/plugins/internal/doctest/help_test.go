package doctest

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

// exampleWorld is one in which the examples of all help texts work: a project that was
// locked and applied a few times, and what they name besides.
const exampleWorld = `
publish gocodealone ledger 1.0.0 -platforms linux/amd64,linux/arm64,darwin/arm64
publish gocodealone authz 0.6.0 -platforms linux/amd64,linux/arm64,darwin/arm64
publish gocodealone billing 2.1.0 -platforms linux/amd64,linux/arm64,darwin/arm64
setjson gocodealone/plugins/billing/manifest.json dependencies '[{"name": "ledger"}]'
setjson gocodealone/plugins/billing/versions.json versions.0.dependencies '[{"name": "ledger"}]'
append gocodealone/index.json '[{"name": "authz", "version": "0.6.0", "description": "authorization, with oauth login"}]'
at https://gocodealone.github.io/workflow-registry/v1/ gocodealone
publish acme billing 2.1.0 -platforms linux/amd64,linux/arm64,darwin/arm64
at https://plugins.acme.example/v1/ acme
github -as github.com GH
ghrelease -pkg -platforms linux/amd64,linux/arm64,darwin/arm64 GH acme/workflow-plugin-payments v1.2.0
at https://github.com/ $GH_URL/
at https://api.github.com/ $GH_URL/api/v3/
pkg dl/report/2.0.1/report_$GOOS.tar.gz report 2.0.1
pkg dl/report/2.0.1/report_$OTHER_OS.tar.gz report 2.0.1
at https://dl.example.com/ dl
registry OCI
stand registry.example.com $OCI_HOST

cd locked
mkdir conf
cp plugins.hcl conf/plugins.hcl
pkg ../started/plugins-src/scratch scratch 0.1.0
exec git init -q -b main
exec git add plugins.hcl
exec git commit -q -m base
exec git update-ref refs/remotes/origin/main HEAD
exec plugins lock
exec plugins apply --auto-approve
applied 13
exec plugins plan --out saved.plan
mkdir ../other ../srv
cp plugins.lock.hcl ../other/plugins.lock.hcl
copytree plugins ../srv/plugins
mkdir ../empty/data
copytree plugins ../empty/data/plugins

-- locked/plugins.hcl --
platforms = ["linux/amd64", "linux/arm64", "darwin/arm64"]

registry "gocodealone" {
  url = "https://gocodealone.github.io/workflow-registry/v1"
}

registry "acme" {
  url = "https://plugins.acme.example/v1"
}

plugin "authz" {}

plugin "billing" {}
-- started/plugins.hcl --
platforms = ["linux/amd64", "linux/arm64", "darwin/arm64"]

registry "gocodealone" {
  url = "https://gocodealone.github.io/workflow-registry/v1"
}

registry "acme" {
  url = "https://plugins.acme.example/v1"
}
-- empty/wfctl.yaml --
plugins:
  - name: workflow-plugin-authz
    version: v0.6.0
`

// exampleExits are the exit codes of examples that show another one than 0.
var exampleExits = map[string]string{}

// exampleFrom says from which folder of the world a command is run where that is not the
// locked one.
var exampleFrom = map[string]string{"plugins": "empty", "plugins init": "empty", "plugins add": "started"}

// The examples of all help texts, which the reference of the commands shows, do what is
// expected of them: each in a folder of its own, a command's exit code being 0.
func TestHelpExamples(t *testing.T) {
	t.Parallel()
	if here := runtime.GOOS + "/" + runtime.GOARCH; here != "linux/amd64" {
		t.Skipf("they speak of linux/amd64, not of %s", here)
	}
	w := &world{}
	setup, files, _ := strings.Cut(exampleWorld, "\n-- ")
	var script strings.Builder
	script.WriteString(setup + "\ncd $WORK\n")
	var examples [][2]string // folder, command line
	add := func(from, line string) {
		fmt.Fprintf(&script, "# %s\nexample %d\n", strings.ReplaceAll(line, "\n", "; "), len(examples))
		examples = append(examples, [2]string{from, line})
	}
	everyCommand(cli.Command(), func(c *cobra.Command) {
		from := cmp.Or(exampleFrom[c.CommandPath()], "locked")
		lines := strings.Split(strings.TrimSpace(c.Example), "\n")
		if !c.HasParent() { // one after the other
			add(from, strings.Join(lines, "\n"))
			return
		}
		for _, line := range lines {
			if line = strings.TrimSpace(line); line != "" {
				add(from, line)
			}
		}
	})
	params := w.params(t, script.String()+"-- "+files)
	params.Cmds["applied"] = cmdApplied
	params.Cmds["example"] = func(ts *testscript.TestScript, _ bool, args []string) {
		var n int
		_, err := fmt.Sscan(args[0], &n)
		ts.Check(err)
		w.example(ts, examples[n][0], examples[n][1])
	}
	testscript.Run(t, params)
}

func everyCommand(c *cobra.Command, do func(*cobra.Command)) {
	do(c)
	for _, sub := range c.Commands() {
		everyCommand(sub, do)
	}
}

// cmdApplied makes that many entries in the history.
func cmdApplied(ts *testscript.TestScript, _ bool, args []string) {
	var n int
	_, err := fmt.Sscan(args[0], &n)
	ts.Check(err)
	for range n - 1 {
		ts.Check(ts.Exec("plugins", "rollback", "--auto-approve"))
	}
}

// example runs one example in a copy of a folder of the world.
func (w *world) example(ts *testscript.TestScript, from, line string) {
	w.work = ts.Getenv("WORK")
	project := filepath.Join(w.work, "project")
	ts.Check(os.RemoveAll(project))
	ts.Check(os.CopyFS(project, os.DirFS(filepath.Join(w.work, from))))
	ts.Check(ts.Chdir(project))
	if code := w.run(ts, line, "yes"); code != cmp.Or(exampleExits[line], "0") {
		ts.Fatalf("this example of a help text exits with %s; if that is right, write it into exampleExits, else mend it or exampleWorld:\n$ %s\n%s",
			code, line, strings.Join(w.leave(ts.ReadFile("stdout"), ""), "\n"))
	}
}
