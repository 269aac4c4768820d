package scripttest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// runOnWindows runs an executable where a shell script is none: of those it plays
// the part, and a program it starts by its full name, whatever that ends in, as a
// host's CreateProcess does.
func runOnWindows(ts *testscript.TestScript, name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if script, ok := strings.CutPrefix(string(data), "#!/bin/sh\n"); ok {
		out, err := playScript(script)
		fmt.Fprint(ts.Stdout(), out)
		return err
	}
	env, err := environ(ts)
	if err != nil {
		return err
	}
	// Not exec.Command: it insists on a name that PATHEXT knows.
	cmd := exec.Cmd{Path: name, Args: []string{name}, Dir: ts.MkAbs("."), Env: env}
	out, err := cmd.CombinedOutput()
	fmt.Fprint(ts.Stdout(), string(out))
	return err
}

// playScript is what a script prints that does nothing but print.
func playScript(script string) (string, error) {
	var out strings.Builder
	for line := range strings.Lines(script) {
		text, echo := strings.CutPrefix(line, "echo ")
		switch {
		case echo:
			out.WriteString(strings.TrimSuffix(text, "\n") + "\n")
		case !strings.HasPrefix(line, "#"):
			return "", fmt.Errorf("on Windows a plugin's script can only echo, not %q", line)
		}
	}
	return out.String(), nil
}
