//go:build unix

package command

import (
	"os/exec"
	"syscall"
)

// group is a command and all that it starts.
type group struct{}

// together makes cancelling end a command's children too.
func together(cmd *exec.Cmd) *group {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return &group{}
}

// started does nothing: children are born into the group.
func (*group) started(*exec.Cmd) {}

func (*group) close() {}
