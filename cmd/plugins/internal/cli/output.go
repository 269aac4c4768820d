package cli

import (
	"fmt"
	"io"
	"os/signal"
	"syscall"
)

// output is standard output: that it cannot be written is an [*outputError].
type output struct{ io.Writer }

func (o output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if err != nil {
		err = &outputError{err}
	}
	return n, err
}

// outputError says that a result could not be told.
type outputError struct{ err error }

func (e *outputError) Error() string {
	return fmt.Sprintf("standard output cannot be written: %s", e.err)
}

func (e *outputError) Unwrap() error { return e.err }

// outlivePipes makes writing to a pipe that nobody reads an error, where it would
// end the program: not while it changes something, nor before it has told what it
// did.
func (a *app) outlivePipes() { signal.Notify(a.pipes, syscall.SIGPIPE) }
