package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// everywhere is what a release is for, in the words of Go.
const everywhere = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, log io.Writer) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.Usage = func() {
		fmt.Fprintln(log, "Usage: go run ./internal/release [flags] TAG\n\nTAG is vX.Y.Z, and the commit that is checked out has it.")
		flags.PrintDefaults()
	}
	repo := flags.String("repo", ".", "the clone that has the tag")
	dist := flags.String("dist", "dist", "the folder to make; it must not be there")
	platforms := flags.String("platforms", everywhere, "for which platforms; without Linux and macOS on both architectures there is no Homebrew formula")
	shared := flags.Bool("shared-cache", false, "build with the user's own build cache: quick, and a weaker proof; not for a release")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return errors.New("one argument is wanted, the tag")
	}
	r := release{log: log, repo: *repo, sharedCache: *shared, build: goBuild}
	for _, text := range strings.Split(*platforms, ",") {
		p, err := plugin.ParsePlatform(text)
		if err != nil {
			return err
		}
		r.platforms = append(r.platforms, p)
	}
	if _, err := os.Lstat(*dist); err == nil {
		return fmt.Errorf("%s is there: move it away first, so that nothing of another release is in this one", *dist)
	}
	artifacts, err := r.make(ctx, flags.Arg(0))
	if err != nil {
		return err
	}
	return write(*dist, artifacts)
}
