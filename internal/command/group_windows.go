package command

import (
	"errors"
	"os/exec"

	"golang.org/x/sys/windows"
)

// group is a command and all that it starts: a job, where one can be made. What is still
// running when the command has ended goes on.
type group struct{ job windows.Handle }

// together makes cancelling end a command's children too.
func together(cmd *exec.Cmd) *group {
	g := &group{}
	if job, err := windows.CreateJobObject(nil, nil); err == nil {
		g.job = job
	}
	cmd.Cancel = func() error {
		if g.job == 0 {
			return cmd.Process.Kill()
		}
		return errors.Join(windows.TerminateJobObject(g.job, 1), cmd.Process.Kill())
	}
	return g
}

// started takes the command into the group. Where that is refused, ending it ends the
// command alone.
func (g *group) started(cmd *exec.Cmd) {
	if g.job == 0 {
		return
	}
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(cmd.Process.Pid))
	if err != nil {
		return
	}
	defer windows.CloseHandle(process)
	_ = windows.AssignProcessToJobObject(g.job, process)
}

func (g *group) close() {
	if g.job != 0 {
		_ = windows.CloseHandle(g.job)
	}
}
