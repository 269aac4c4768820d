package project

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/internal/command"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// OnChangeError says that the on_change command failed: the plugins are changed, and the
// host may not know of it.
type OnChangeError struct {
	Command []string // as it may be shown
	Output  string   // the end of what it printed
	Err     error
	Pos     plugin.Pos
}

func (e *OnChangeError) Error() string {
	return fmt.Sprintf("on_change, %q, failed (%s)%s", e.Command[0], e.Err, command.Indented(e.Output))
}

func (e *OnChangeError) Unwrap() error { return e.Err }

// UnhealthyError says that the host is not well, as often as its health was asked for.
type UnhealthyError struct {
	Command []string // as it may be shown
	Tries   int
	Output  string // the end of what the last try printed
	Err     error  // of the last try
	Pos     plugin.Pos
}

func (e *UnhealthyError) Error() string {
	tries := "once"
	if e.Tries > 1 {
		tries = fmt.Sprintf("%d times", e.Tries)
	}
	return fmt.Sprintf("the host is not well: health, %q, failed %s (%s)%s", e.Command[0], tries, e.Err, command.Indented(e.Output))
}

func (e *UnhealthyError) Unwrap() error { return e.Err }

// TurnedBackError says that an apply was undone, since the host was not well with what it
// had made, and that its lock is refused from now on.
type TurnedBackError struct {
	Plugins []plugin.Name // that it had changed
	Cause   error         // an [*OnChangeError] or an [*UnhealthyError]
	Err     error         // why it could not be undone; nil where it was
	After   error         // what the host made of what is there again; nil where it is well
}

func (e *TurnedBackError) Error() string {
	text := e.Cause.Error()
	if e.Err != nil {
		return text + "\nWhat the apply did could not be undone, and stays: " + e.Err.Error()
	}
	text += "\nWhat was there before is there again (" + names(e.Plugins) + "). "
	if e.After == nil {
		return text + "The host was told, and is well with it."
	}
	return text + "With that, too: " + e.After.Error()
}

// Unwrap is why it was undone.
func (e *TurnedBackError) Unwrap() error { return e.Cause }

// Is finds an interrupt of what came after that, too.
func (e *TurnedBackError) Is(target error) bool { return errors.Is(e.After, target) }

// RefusedLockError says that the host was not well with what the lock file asks for, and
// that it is not tried again by itself.
type RefusedLockError struct{ plan.Refused }

func (e *RefusedLockError) Error() string {
	return fmt.Sprintf("the set that the lock file asks for was taken back on %s: %s", e.Since.Local().Format("2006-01-02 15:04:05"), e.Why)
}

// OwedError says that the host was not told of a change, or not found well, before
// something, mostly an interrupt, came between: the next apply or recover does that.
type OwedError struct {
	Since time.Time
	Err   error
}

func (e *OwedError) Error() string {
	return "the plugins are changed, and the host is still owed that it hears of it: " + e.Err.Error()
}

func (e *OwedError) Unwrap() error { return e.Err }

// NoProgramError says that the program of on_change or health is not there.
type NoProgramError struct {
	Block string
	Pos   plugin.Pos
	Err   error
}

func (e *NoProgramError) Error() string {
	return fmt.Sprintf("%s: the program of %s cannot be run: %s", e.Pos, e.Block, e.Err)
}

func (e *NoProgramError) Unwrap() error { return e.Err }

// oneLine tells in a line why the host is not well.
func oneLine(err error) string {
	var change *OnChangeError
	var health *UnhealthyError
	what, cause, output := "", err, ""
	switch {
	case errors.As(err, &change):
		what, cause, output = "on_change failed", change.Err, change.Output
	case errors.As(err, &health):
		what, cause, output = "the host was not well", health.Err, health.Output
	}
	line := what + " (" + cause.Error() + ")"
	if last := command.LastLine(output); last != "" {
		line += ": " + last
	}
	return command.LastLine(line)
}

func names(all []plugin.Name) string {
	texts := make([]string, len(all))
	for i, n := range all {
		texts[i] = string(n)
	}
	return strings.Join(texts, ", ")
}
