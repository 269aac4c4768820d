package fleettest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ansible runs playbooks on this machine, and leaves nothing behind.
type ansible struct{ program, dir, home string }

// newAnsible runs playbooks that lie in dir.
func newAnsible(t *testing.T, dir string) ansible {
	t.Helper()
	program, err := exec.LookPath("ansible-playbook")
	if err != nil {
		t.Skip("needs ansible-playbook (Debian: ansible-core)")
	}
	return ansible{program, dir, t.TempDir()}
}

func (a ansible) play(t *testing.T, playbook string, args ...string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, "playbook.yml"), []byte(playbook), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(a.program, append(args, "-i", "localhost,", "-c", "local", "playbook.yml")...)
	cmd.Dir = a.dir
	cmd.Env = append(os.Environ(), "HOME="+a.home, "ANSIBLE_HOME="+a.home, "ANSIBLE_LOCAL_TEMP="+a.home, "ANSIBLE_REMOTE_TMP="+a.home,
		"ANSIBLE_NOCOLOR=1", "ANSIBLE_LOCALHOST_WARNING=false")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("ansible-playbook %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// The playbook is one that Ansible understands.
func TestPlaybookSyntax(t *testing.T) {
	t.Parallel()
	newAnsible(t, t.TempDir()).play(t, example(t, "ansible-playbook.yml"), "--syntax-check")
}

// Its tasks do what they should: --check shows a plan and changes nothing, the first run
// changes, the second does not.
func TestPlaybookTasks(t *testing.T) {
	t.Parallel()
	if raced {
		t.Skip("the race detector sees nothing of Ansible")
	}
	m := newMachine(t)
	a := newAnsible(t, m.etc)
	m.moveRegistry(t)

	// No service is restarted here, but that it would be is seen.
	const restart = "ansible.builtin.service:\n        name: workflow\n        state: restarted"
	playbook := example(t, "ansible-playbook.yml")
	if !strings.Contains(playbook, restart) {
		t.Fatal("the handler is not the one expected")
	}
	playbook = strings.Replace(playbook, restart, "ansible.builtin.debug:\n        msg: RESTARTED", 1)
	vars := fmt.Sprintf(`{"workflow_hosts": "localhost", "ansible_become": false,
		"ansible_python_interpreter": "{{ ansible_playbook_python }}", "plugins_program": %q, "workflow_config": %q,
		"workflow_plugins": %q, "workflow_metrics": %q}`, program(t), m.etc, m.plugins, m.scratch)
	run := func(args ...string) string {
		t.Helper()
		return a.play(t, playbook, append(args, "-e", vars)...)
	}

	if out := run("--check", "-v", "--tags", "plan"); !strings.Contains(out, "Plan: 2 install.") || strings.Contains(out, "RESTARTED") {
		t.Errorf("--check:\n%s", out)
	}
	if _, err := os.Stat(m.plugins); err == nil {
		t.Error("--check made the plugin directory")
	}
	if out := run("--tags", "apply"); !strings.Contains(out, "RESTARTED") {
		t.Errorf("the first run told nobody:\n%s", out)
	}
	m.check(t)
	if out := run("--tags", "apply"); strings.Contains(out, "RESTARTED") || !strings.Contains(out, "changed=0") {
		t.Errorf("the second run changed something:\n%s", out)
	}
}
