//go:build unix

package trust

import (
	"os/exec"
	"syscall"
)

// endTogether makes cancelling end the command's children too.
func endTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
