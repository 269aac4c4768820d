package trust

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/internal/command"
	"github.com/plugins-hcl/plugins/plugin"
)

// DefaultTimeout is how long a verify command may take that says nothing else.
const DefaultTimeout = time.Minute

// Run runs the user's own verify command on the package at path, without a shell.
// That it refuses, or takes too long, is a [*plugin.RefusedError]; that it cannot
// be started is not.
func Run(ctx context.Context, v plugin.Verification, path string) error {
	c := plugin.Command{Sensitive: v.Sensitive, Dir: v.Dir, Timeout: v.Timeout}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	for _, arg := range v.Command {
		c.Args = append(c.Args, strings.ReplaceAll(arg, plugin.PackageVariable, path))
	}
	output, err := command.Run(ctx, c)
	var exit *exec.ExitError
	var late *command.TimeoutError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &late):
		return &plugin.RefusedError{Rule: fmt.Sprintf("the verify command %q did not end within %s", v.Shown()[0], late.After)}
	case errors.As(err, &exit):
		return &plugin.RefusedError{Rule: fmt.Sprintf("the verify command %q refused it (%s)%s", v.Shown()[0], exit, v.Hide(command.Indented(output)))}
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
