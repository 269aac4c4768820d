//go:build !unix && !windows

package command

import "os/exec"

// group is the command alone: what it starts is not ended with it.
type group struct{}

func together(*exec.Cmd) *group { return &group{} }

func (*group) started(*exec.Cmd) {}

func (*group) close() {}
