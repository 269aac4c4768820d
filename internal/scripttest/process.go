package scripttest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdExits runs a program and demands its exit code: exits N PROGRAM ARG…
func cmdExits(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 {
		return errors.New("it takes CODE PROGRAM ARG…")
	}
	want, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	return checkExit(want, ts.Exec(args[1], args[2:]...))
}

// checkExit compares the exit code that err tells with the one wanted.
func checkExit(want int, err error) error {
	got := 0
	if err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			return err
		}
		got = exit.ExitCode()
	}
	if got != want {
		return fmt.Errorf("it exited with %d, not with %d", got, want)
	}
	return nil
}

// process is a program that runs in the background.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr strings.Builder
	done           chan struct{} // closed when err is known
	err            error
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.done
}

// cmdStart starts a program in the background: start NAME PROGRAM ARG…
func cmdStart(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 {
		return errors.New("it takes NAME PROGRAM ARG…")
	}
	w := worldOf(ts)
	if w.processes[args[0]] != nil {
		return fmt.Errorf("%s runs already", args[0])
	}
	env, err := environ(ts)
	if err != nil {
		return err
	}
	p := &process{cmd: exec.Command(args[1], args[2:]...), done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = ts.MkAbs("."), env
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.WaitDelay = 5 * time.Second // for what it started itself and left behind
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	w.processes[args[0]] = p
	return nil
}

// environ is the script's environment. Testscript shows it only to the programs
// that it starts itself, so one of those writes it down.
func environ(ts *testscript.TestScript) ([]string, error) {
	if runtime.GOOS == "windows" {
		if err := ts.Exec("cmd", "/c", "set"); err != nil {
			return nil, err
		}
		return strings.Split(strings.TrimSuffix(ts.ReadFile("stdout"), "\r\n"), "\r\n"), nil
	}
	file := filepath.Join(ts.Getenv("WORK"), ".tmp", "environ")
	if err := ts.Exec("sh", "-c", `env -0 >"$1"`, "sh", file); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00"), os.Remove(file)
}

// cmdInterrupt sends a program what Ctrl-C sends; with -kill, what nobody can
// catch.
func cmdInterrupt(ts *testscript.TestScript, args []string) error {
	fs := flag.NewFlagSet("interrupt", flag.ContinueOnError)
	kill := fs.Bool("kill", false, "")
	ops, err := operands(fs, args, "NAME")
	if err != nil {
		return err
	}
	p := worldOf(ts).processes[ops[0]]
	if p == nil {
		return fmt.Errorf("no process is called %q", ops[0])
	}
	if *kill {
		return p.cmd.Process.Kill()
	}
	return p.cmd.Process.Signal(os.Interrupt)
}

// cmdFinish waits for a program and demands its exit code, which is "killed" for
// one that has none: finish NAME CODE.
func cmdFinish(ts *testscript.TestScript, args []string) error {
	ops, err := noFlags(args, "NAME CODE")
	if err != nil {
		return err
	}
	want := killedExit
	if ops[1] != "killed" {
		if want, err = strconv.Atoi(ops[1]); err != nil {
			return err
		}
	}
	w := worldOf(ts)
	p := w.processes[ops[0]]
	if p == nil {
		return fmt.Errorf("no process is called %q", ops[0])
	}
	select {
	case <-p.done:
	case <-time.After(time.Minute):
		return errors.New("it still runs after a minute")
	}
	delete(w.processes, ops[0])
	fmt.Fprint(ts.Stdout(), p.stdout.String())
	fmt.Fprint(ts.Stderr(), p.stderr.String())
	return checkExit(want, p.err)
}

// killedExit is what [exec.ExitError] tells of a process that was killed.
var killedExit = map[bool]int{false: -1, true: 1}[runtime.GOOS == "windows"]

// cmdRunPlugin runs an installed executable, as a host would.
func cmdRunPlugin(ts *testscript.TestScript, args []string) error {
	fs := flag.NewFlagSet("runplugin", flag.ContinueOnError)
	ops, err := operands(fs, args, "DIR NAME")
	if err != nil {
		return err
	}
	name := filepath.Join(ts.MkAbs(ops[0]), ops[1], ops[1])
	if runtime.GOOS == "windows" {
		return runOnWindows(ts, name)
	}
	return ts.Exec(name)
}
