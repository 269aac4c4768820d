package fleettest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

// machine is a machine as the examples describe it, with the quickstart's files.
type machine struct{ etc, plugins, scratch string }

func newMachine(t *testing.T) machine {
	t.Helper()
	dir := t.TempDir()
	m := machine{filepath.Join(dir, "etc"), filepath.Join(dir, "plugins"), filepath.Join(dir, "scratch")}
	if err := os.CopyFS(m.etc, os.DirFS("../../../../examples/quickstart")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(m.scratch, 0o755); err != nil {
		t.Fatal(err)
	}
	return m
}

// moveRegistry makes the files ones that are right wherever they are copied to.
func (m machine) moveRegistry(t *testing.T) {
	t.Helper()
	path := filepath.Join(m.etc, "plugins.hcl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	moved := bytes.Replace(text, []byte(`"./registry"`), fmt.Appendf(nil, "%q", filepath.Join(m.etc, "registry")), 1)
	if err := os.WriteFile(path, moved, 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if code := cli.Run([]string{"-C", m.etc, "--cache-dir", m.scratch, "lock"}, strings.NewReader(""), &out, &out); code != 0 {
		t.Fatalf("plugins lock: exit %d\n%s", code, out.String())
	}
}

// run runs a command of an example, with this machine's folders for its own.
func (m machine) run(t *testing.T, args []string, folders ...string) {
	t.Helper()
	replace := strings.NewReplacer(folders...)
	for i := range args {
		args[i] = replace.Replace(args[i])
	}
	var out bytes.Buffer
	if code := cli.Run(args, strings.NewReader(""), &out, &out); code != 0 {
		t.Fatalf("plugins %s: exit %d\n%s", strings.Join(args, " "), code, out.String())
	}
	m.check(t)
}

// check demands that the plugins are there.
func (m machine) check(t *testing.T) {
	t.Helper()
	for _, name := range []string{"hello", "clock"} {
		if _, err := os.Stat(filepath.Join(m.plugins, name, "plugin.json")); err != nil {
			t.Error(err)
		}
	}
}

// The init container's command does what it should.
func TestInitContainer(t *testing.T) {
	t.Parallel()
	_, d := readDeployment(t, "kubernetes-init-container.yaml")
	m := newMachine(t)
	m.run(t, d.Spec.Template.Spec.InitContainers[0].Args, "=/config", "="+m.etc, "=/plugins", "="+m.plugins, "=/scratch", "="+m.scratch)
}

// So does the unit's.
func TestUnitCommand(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile(`(?m)^ExecStart=(\S+) (.*)$`).FindStringSubmatch(example(t, "workflow-plugins.service"))
	if command == nil {
		t.Fatal("the unit starts nothing")
	}
	m := newMachine(t)
	m.run(t, strings.Fields(command[2]), "/etc/workflow", m.etc, "/var/lib/workflow-plugins/plugins", m.plugins,
		"/var/lib/workflow-plugins/metrics", m.scratch, "/var/cache", m.scratch)
	if _, err := os.Stat(filepath.Join(m.scratch, "workflow-plugins.prom")); err != nil {
		t.Error(err)
	}
}

// The job's commands are ones that the program and the shell understand.
func TestJob(t *testing.T) {
	t.Parallel()
	var job struct {
		Jobs map[string]struct {
			Steps []struct{ Uses, Run string }
		}
	}
	if err := yaml.Unmarshal([]byte(example(t, "ci-github.yml")), &job); err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile(`(?m)^plugins ([^|>\n]*)`)
	pinned := regexp.MustCompile(`@[0-9a-f]{40}$`)
	commands := 0
	for name, j := range job.Jobs {
		for _, step := range j.Steps {
			if step.Uses != "" && !pinned.MatchString(step.Uses) {
				t.Errorf("%s: %s is not pinned", name, step.Uses)
			}
			if bash, err := exec.LookPath("bash"); err == nil && runtime.GOOS != "windows" {
				check := exec.Command(bash, "-n")
				check.Stdin = strings.NewReader(step.Run)
				if out, err := check.CombinedOutput(); err != nil {
					t.Errorf("%s: %v\n%s\n%s", name, err, step.Run, out)
				}
			}
			for _, m := range command.FindAllStringSubmatch(strings.ReplaceAll(step.Run, "\\\n", ""), -1) {
				commands++
				var out bytes.Buffer
				if code := cli.Run(append(strings.Fields(m[1]), "--help"), strings.NewReader(""), &out, &out); code != 0 {
					t.Errorf("%s: plugins %s: exit %d\n%s", name, m[1], code, out.String())
				}
			}
		}
	}
	if commands < 5 {
		t.Errorf("%d commands were found", commands)
	}
}
