package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	if err := command(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// subcommands are what this program is when it runs itself.
var subcommands = map[string]func([]string) error{"floor": floor, "measure": measureCommand}

func command(args []string, stdout, stderr io.Writer) error {
	if len(args) > 0 {
		if sub := subcommands[args[0]]; sub != nil {
			return sub(args[1:])
		}
	}
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return o.run(ctx, stdout, stderr)
}

// options are what the command line says.
type options struct {
	world   worldOptions
	runs    int
	names   []string // of the columns to measure; nil: all
	json    bool
	check   bool
	short   bool
	noPeers bool
	wait    bool
	grow    string // the folder for the plot; "": there is none
}

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.world.dir, "dir", "", "a folder of the file system to measure on (default the temporary one)")
	f.StringVar(&o.world.plugins, "plugins", "", "a program to measure (default: the one of this repository, built)")
	f.DurationVar(&o.world.latency, "latency", 0, "how long the server waits before it answers a request, in every column")
	f.BoolVar(&o.world.tls, "h2", false, "serve HTTP/2 over TLS")
	f.IntVar(&o.runs, "runs", 0, "runs of each (default 7; with -short 5)")
	names := f.String("columns", "", "the columns to measure, with commas between (default all)")
	f.BoolVar(&o.json, "json", false, "print JSON, with every sample")
	f.BoolVar(&o.check, "check", false, fmt.Sprintf("fail where a ratio, or the memory, is over %d times its target", slack))
	f.BoolVar(&o.noPeers, "no-peers", false, "leave out other programs, though they are there")
	f.BoolVar(&o.wait, "wait", false, "measure nothing: make everything, say where, and wait to be interrupted (for perf, strace and pprof)")
	grow := f.Bool("grow", false, "measure how the cost grows instead, and draw it")
	f.StringVar(&o.grow, "grow-dir", "docs", "where -grow writes performance-growth.svg and .csv")
	f.BoolVar(&o.short, "short", false, "fewer and smaller plugins, and no others' programs")
	count := f.Int("count", 0, "plugins (default 100; with -short 50)")
	size := f.Int("size", 0, "size of each in KiB (default 1024; with -short 256)")
	large := f.Int("large", 0, "size of the large one in MiB (default 200; with -short 24)")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("what is %q?", f.Arg(0))
	}
	if *names != "" {
		o.names = strings.Split(*names, ",")
	}
	if !*grow {
		o.grow = ""
	}
	short := o.short
	o.noPeers = o.noPeers || short
	o.world.far = 20 * time.Millisecond
	if *grow {
		o.runs = pick(o.runs, short, 3, 1)
		return o, nil // it makes sets of its own
	}
	o.runs = pick(o.runs, short, 7, 5)
	o.world.sets = []set{
		{name: "many", count: pick(*count, short, 100, 50), size: pick(*size, short, 1024, 256) << 10, files: 3, versions: 2},
		{name: "large", count: 1, size: pick(*large, short, 200, 24) << 20, files: 3, versions: 1},
	}
	return o, nil
}

// pick is what was said, or what is usual.
func pick(said int, short bool, usual, inShort int) int {
	switch {
	case said != 0:
		return said
	case short:
		return inShort
	}
	return usual
}

func (o *options) run(ctx context.Context, stdout, stderr io.Writer) (err error) {
	w, err := newWorld(ctx, o.world)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, w.close()) }()
	if o.wait {
		return wait(ctx, w, stdout)
	}
	if o.grow != "" {
		return w.grow(ctx, growths(o.short), o.runs, o.grow, stderr)
	}
	r, err := o.measure(ctx, w, stderr)
	if err != nil {
		return err
	}
	if o.json {
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		err = e.Encode(r)
	} else {
		err = r.write(stdout)
	}
	if err != nil || !o.check {
		return err
	}
	return check(r, stderr)
}

func (o *options) measure(ctx context.Context, w *world, progress io.Writer) (*report, error) {
	all := columns(fileSystem(w.dir) == "tmpfs" || reflinks(w.dir))
	for _, name := range o.names {
		if !slices.ContainsFunc(all, func(c column) bool { return c.name == name }) {
			return nil, fmt.Errorf("there is no column %q", name)
		}
	}
	if o.names != nil {
		all = slices.DeleteFunc(all, func(c column) bool { return !slices.Contains(o.names, c.name) })
	}
	if o.short {
		all = inShort(all)
	}
	var others []*program
	if !o.noPeers {
		others = peersHere()
	}
	return w.bench(ctx, all, contenders(w, others), o.runs, progress)
}

// wait leaves everything as it is before a run of cold and of idle, for other tools.
func wait(ctx context.Context, w *world, out io.Writer) error {
	for _, c := range columns(false)[:2] {
		for _, who := range contenders(w, nil) {
			t, err := who.prepare(ctx, w, c)
			if err != nil {
				return err
			}
			if t != nil {
				fmt.Fprintf(out, "%s: %s\n    %s\n", c.title, who.name, strings.Join(t.argv, " "))
			}
		}
	}
	<-ctx.Done()
	return nil
}

// check says how the program stands to its targets.
func check(r *report, out io.Writer) error {
	failed := 0
	fmt.Fprintln(out)
	for _, v := range r.verdicts() {
		fmt.Fprintln(out, v)
		if v.failed() {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%s over %d times the target", counted(failed, "figure"), slack)
	}
	return nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
