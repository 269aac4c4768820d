package trust

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

// DefaultTimeout is how long a verify command may take that says nothing else.
const DefaultTimeout = time.Minute

// maxOutput bounds what is kept of a command's output, in bytes.
const maxOutput = 4 << 10

// Run runs the user's own verify command on the package at path, without a shell.
// That it refuses, or takes too long, is a [*plugin.RefusedError]; that it cannot
// be started is not.
func Run(ctx context.Context, v plugin.Verification, path string) error {
	command, timeout := v.Command, v.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	args := make([]string, len(command))
	for i, arg := range command {
		args[i] = strings.ReplaceAll(arg, plugin.PackageVariable, path)
	}
	cmd := exec.CommandContext(limited, args[0], args[1:]...)
	cmd.Dir = v.Dir
	endTogether(cmd)
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	// Children that keep the output open must not keep us waiting.
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return &plugin.RefusedError{Rule: fmt.Sprintf("the verify command %q did not end within %s", v.Shown()[0], timeout)}
	case errors.As(err, &exit):
		return &plugin.RefusedError{Rule: fmt.Sprintf("the verify command %q refused it (%s)%s", v.Shown()[0], exit, v.Hide(out.text()))}
	}
	return &startError{text: fmt.Sprintf("the verify command %q: %s", v.Shown()[0], v.Hide(err.Error())), err: err}
}

// startError says why a command could not be started; its cause may quote more of it.
type startError struct {
	text string
	err  error
}

func (e *startError) Error() string { return e.text }
func (e *startError) Unwrap() error { return e.err }

// tail keeps the end of what is written to it.
type tail struct{ bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	n, err := t.Buffer.Write(p)
	if over := t.Len() - maxOutput; over > 0 {
		t.Next(over)
	}
	return n, err
}

func (t *tail) text() string {
	text := strings.TrimSpace(t.String())
	if text == "" {
		return ""
	}
	return ":\n  " + strings.ReplaceAll(text, "\n", "\n  ")
}
