//go:build unix

package command_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/internal/command"
	"github.com/plugins-hcl/plugins/plugin"
)

func sh(dir, script string) plugin.Command {
	return plugin.Command{Args: []string{"sh", "-c", script}, Dir: dir, Timeout: 10 * time.Second}
}

// A command runs in its folder, with no input, and its variables besides ours.
func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, err := command.Run(t.Context(), sh(dir, `cat; pwd; echo "$ONE" >&2; test -n "$PATH"`), "ONE=1")
	real, _ := filepath.EvalSymlinks(dir)
	if err != nil || out != real+"\n1" {
		t.Errorf("%q, %v", out, err)
	}
	var exit *exec.ExitError
	if out, err = command.Run(t.Context(), sh(dir, "echo why; exit 3")); !errors.As(err, &exit) || out != "why" {
		t.Errorf("exit 3: %q, %v", out, err)
	}
}

// A program with a slash is relative to the folder, another one is in PATH; that there
// is none is told beforehand.
func TestFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	own := filepath.Join(dir, "check.sh")
	if err := os.WriteFile(own, []byte("#!/bin/sh\necho own\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, found := range map[string]bool{"sh": true, "./check.sh": true, own: true, "./none": false, "no-such-program": false, "check.sh": false} {
		c := plugin.Command{Args: []string{name, "-c", "true"}, Dir: dir, Timeout: 10 * time.Second}
		if err := command.Find(c); (err == nil) != found {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := command.Run(t.Context(), c); (err == nil) != found {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What takes too long is ended, together with what it started; so is what is
// interrupted.
func TestEnded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	late := sh(dir, "(sleep 1; touch survived) & sleep 60")
	late.Timeout = 100 * time.Millisecond
	var timeout *command.TimeoutError
	if _, err := command.Run(t.Context(), late); !errors.As(err, &timeout) {
		t.Errorf("too slow: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err := command.Run(ctx, sh(dir, "(sleep 1; touch survived) & sleep 60")); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	time.Sleep(1500 * time.Millisecond)
	if _, err := os.Lstat(filepath.Join(dir, "survived")); err == nil {
		t.Error("what the command had started was not ended")
	}
}

// Something that a command leaves behind is left alone, and does not keep us waiting.
func TestLeftBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start := time.Now()
	if _, err := command.Run(t.Context(), sh(dir, "(sleep 3; touch served) & exit 0")); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 2500*time.Millisecond {
		t.Errorf("it took %s", took)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if _, err := os.Lstat(filepath.Join(dir, "served")); err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("what the command left behind was ended")
		}
	}
}

// Of much output the end is kept, and of that one line can be told without tricks.
func TestOutput(t *testing.T) {
	t.Parallel()
	c := sh(t.TempDir(), `i=0; while [ $i -lt 2000 ]; do echo "line $i"; i=$((i+1)); done; printf 'a\033[31mb\tsecret\n'`)
	c.Args, c.Sensitive = append(c.Args, "secret"), []bool{false, false, false, true}
	out, err := command.Run(t.Context(), c)
	if err != nil || len(out) > 5000 || !strings.Contains(out, "line 1999") {
		t.Errorf("%d bytes, %v", len(out), err)
	}
	if got := command.LastLine(out); got != "a [31mb (sensitive)" {
		t.Errorf("the last line is %q", got)
	}
	if got := command.LastLine(strings.Repeat("x", 1000)); len(got) > 400 {
		t.Errorf("a line of %d bytes", len(got))
	}
	if command.LastLine("") != "" || command.Indented("") != "" {
		t.Error("nothing was printed, and something is told")
	}
}
