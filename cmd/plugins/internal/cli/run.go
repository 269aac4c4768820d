package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
)

// app is one run of the program.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) (string, bool)
	flags          globalFlags

	out, err   ui.Palette    // how to color standard output and standard error
	view       ui.View       // nil until a command shows events
	work       ui.Work       // what is under way
	stream     *ui.Stream    // of lock and apply with --json, else nil
	recovering bool          // a recover that failed ran something for the host, and its stream tells so in the end
	closing    string        // the last line, behind the errors; "" for none
	left       string        // what an error left as it was; "" where that goes without saying
	shownDir   string        // the plugin directory, as it is written
	summary    *applySummary // of apply and rollback, until it is told
	host       hostSummary   // how what is run after a change ended
	changes    bool          // the command changes something
	pipes      chan os.Signal
	actions    *onActions // nil but on GitHub Actions
}

// Run runs the command line and returns the exit code.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// net/http tells what a server did wrong through package log; the errors say it.
	log.SetOutput(io.Discard)
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)

	a := &app{stdin: stdin, stdout: output{stdout}, stderr: stderr, env: os.LookupEnv, pipes: make(chan os.Signal, 1)}
	defer signal.Stop(a.pipes)
	a.beginActions()
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if a.view != nil {
		a.view.Close()
	}
	code := a.report(ctx, err)
	a.endActions(cmd.CommandPath(), code)
	return code
}

// exitError ends the program with a code of the contract, its message already
// told or none needed.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit status %d", e.code) }

// The exit codes; docs and every command's help list them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitDiffers     = 2
	exitOutOfDate   = 3
	exitRefused     = 4
	exitInterrupted = 130
)

// report tells the error, if there is one, and is the exit code.
func (a *app) report(ctx context.Context, err error) int {
	if err == nil {
		err = a.endStream(nil)
	}
	if err == nil {
		return exitDone
	}
	defer func() { _ = a.endStream(err) }() // the exit code tells of a failure already
	var exit *exitError
	if errors.As(err, &exit) {
		return exit.code
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		a.tellInterrupted()
		return exitInterrupted
	}
	a.tell(err, exitCode)
	if a.closing != "" {
		if _, err := fmt.Fprintln(a.stdout, a.closing); err != nil {
			fmt.Fprintln(a.stderr, a.closing)
		}
	}
	return exitCode(err)
}

// usage makes every mistake on the command line point to the command's help.
func usage(cmd *cobra.Command, err error) error {
	return &usageError{command: cmd.CommandPath(), err: err}
}

type usageError struct {
	command string
	err     error
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// Command is the command line with all that it can be told, for those who describe it: it
// is not to be executed, see [Run].
func Command() *cobra.Command {
	a := &app{env: func(string) (string, bool) { return "", false }, stdout: io.Discard, stderr: io.Discard}
	return a.rootCommand()
}
