package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// errDeclined ends a command whose question was not answered with yes.
var errDeclined = errors.New("not approved: the answer was not yes")

// beginAsking is begin for a command that asks unless needs is given, which is
// refused with --json, and whose stream ends with what was done.
func (a *app) beginAsking(cmd *cobra.Command, asks bool, needs string) error {
	a.begin()
	a.summary = &applySummary{Type: "summary"}
	if asks && a.flags.json {
		return usage(cmd, errors.New("--json cannot ask: it needs "+needs))
	}
	return nil
}

// ask asks a question on standard error; anything on standard input but "yes"
// declines, its end included.
func (a *app) ask(ctx context.Context, question string) error {
	fmt.Fprintf(a.stderr, "\n%s\n  Only \"yes\" is taken for an answer: ", a.err.Bold(question))
	answer := make(chan string, 1)
	go func() {
		line, err := bufio.NewReader(io.LimitReader(a.stdin, 1024)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			line = ""
		}
		answer <- strings.TrimRight(line, "\r\n")
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.stderr)
		return context.Canceled
	case line := <-answer:
		fmt.Fprintln(a.stderr)
		if line != "yes" {
			return errDeclined
		}
		return nil
	}
}
