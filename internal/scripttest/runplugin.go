package scripttest

import (
	"errors"
	"fmt"
	"io"
	"os"
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
	out, err := startByName(name, &os.ProcAttr{Dir: ts.MkAbs("."), Env: env})
	fmt.Fprint(ts.Stdout(), string(out))
	return err
}

// startByName runs a program and returns what it prints. Package exec would insist on
// a name that PATHEXT knows, which CreateProcess does not.
func startByName(name string, attr *os.ProcAttr) (out []byte, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	attr.Files = []*os.File{nil, w, w}
	p, err := os.StartProcess(name, []string{name}, attr)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	out, readErr := io.ReadAll(r)
	state, err := p.Wait()
	if err == nil && !state.Success() {
		err = fmt.Errorf("%s: %s", name, state)
	}
	return out, errors.Join(readErr, err)
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
