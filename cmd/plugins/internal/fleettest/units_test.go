package fleettest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The units are ones that systemd loads without a word, and that it thinks are confined.
func TestUnits(t *testing.T) {
	t.Parallel()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("needs systemd-analyze (Debian: systemd)")
	}
	dir, plugins := t.TempDir(), program(t)
	var units []string
	for _, name := range []string{"workflow-plugins.service", "workflow-plugins.timer"} {
		unit := strings.ReplaceAll(example(t, name), "/usr/local/bin/plugins", plugins)
		units = append(units, filepath.Join(dir, name))
		if err := os.WriteFile(units[len(units)-1], []byte(unit), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) {
		t.Helper()
		out, err := exec.Command(analyze, args...).CombinedOutput()
		if err != nil || args[0] == "verify" && len(bytes.TrimSpace(out)) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	run(append([]string{"verify", "--man=no"}, units...)...)
	run("security", "--no-pager", "--offline=yes", "--threshold=15", units[0])
}
