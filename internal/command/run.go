package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/plugins-hcl/plugins/plugin"
)

// maxOutput bounds what is kept of a command's output, in bytes.
const maxOutput = 4 << 10

// TimeoutError says that a command did not end in time, and was ended.
type TimeoutError struct{ After time.Duration }

func (e *TimeoutError) Error() string { return fmt.Sprintf("it did not end within %s", e.After) }

// Run runs a command, with these variables besides those of the environment, and
// returns the end of what it printed. That it ran too long is a [*TimeoutError], that it
// exited with something else than 0 an [*exec.ExitError]; what else is wrong kept it from
// starting. A program's name without a slash is looked for in PATH, any other path is
// relative to the command's folder.
func Run(ctx context.Context, c plugin.Command, env ...string) (output string, err error) {
	limited, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	cmd := exec.CommandContext(limited, c.Args[0], c.Args[1:]...)
	cmd.Dir = c.Dir
	if env != nil {
		cmd.Env = append(os.Environ(), env...)
	}
	g := together(cmd)
	defer g.close()
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	// Children that keep the output open must not keep us waiting.
	cmd.WaitDelay = time.Second
	if err = cmd.Start(); err == nil {
		g.started(cmd)
		err = cmd.Wait()
	}
	switch {
	case errors.Is(err, exec.ErrWaitDelay):
		err = nil // it did what it was to do, and left something behind
	case err == nil:
	case ctx.Err() != nil:
		err = ctx.Err()
	case limited.Err() != nil:
		err = &TimeoutError{After: c.Timeout}
	}
	return c.Hide(strings.TrimSpace(string(out.kept))), err
}

// Find tells beforehand that a command cannot be started, since there is no such
// program.
func Find(c plugin.Command) error {
	name := c.Args[0]
	if filepath.Base(name) != name && !filepath.IsAbs(name) {
		name = filepath.Join(c.Dir, name)
	}
	_, err := exec.LookPath(name)
	return err
}

// LastLine is the last line of an output, shortened, without what could play tricks.
func LastLine(output string) string {
	const most = 300
	line := output[strings.LastIndexByte(output, '\n')+1:]
	line = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && !unicode.Is(unicode.Bidi_Control, r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(line, "?"))
	line = strings.TrimSpace(line)
	if runes := []rune(line); len(runes) > most {
		line = string(runes[:most]) + " …"
	}
	return line
}

// Indented is an output to stand behind a message; "" where there is none.
func Indented(output string) string {
	if output == "" {
		return ""
	}
	return ":\n  " + strings.ReplaceAll(output, "\n", "\n  ")
}

// tail keeps the end of what is written to it. It is no [bytes.Buffer] with another
// Write: what is copied to one of those is read by itself, and never bounded.
type tail struct{ kept []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - maxOutput; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}
