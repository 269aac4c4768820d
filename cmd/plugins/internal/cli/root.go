package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plugin"
)

// globalFlags are the flags that every command has.
type globalFlags struct {
	chdir, file, lockFile, pluginDir, cacheDir string
	jobs                                       int
	offline, json, quiet, verbose              bool
	color                                      string
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "plugins",
		Short: "Reconcile a directory of plugins with a file",
		Long: `plugins makes a directory of plugins what plugins.hcl says it should be.

  plugins init     write a plugins.hcl to start from
  plugins add      declare one more plugin, and lock it
  plugins lock     choose versions, and pin them with checksums in plugins.lock.hcl
  plugins plan     show what apply would do
  plugins apply    do it: stage, verify and atomically swap each change
`,
		SuggestionsMinimumDistance: 2,

		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       programVersion().String(),
		Args:          a.noSuchCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return a.setUp(cmd)
		},
	}
	f := root.PersistentFlags()
	f.StringVarP(&a.flags.chdir, "chdir", "C", "", "do as if started in `DIR`")
	f.StringVarP(&a.flags.file, "file", "f", "", "the configuration `FILE` (default plugins.hcl or plugins.hcl.json)")
	f.StringVar(&a.flags.lockFile, "lock-file", "", "the lock `FILE` (default plugins.lock.hcl beside the configuration)")
	f.StringVar(&a.flags.pluginDir, "plugin-dir", "", "the plugin `DIR`, in place of the configuration's plugin_dir")
	f.StringVar(&a.flags.cacheDir, "cache-dir", "", "where to keep downloaded packages: a `DIR` (default $PLUGINS_CACHE_DIR, else in the user's cache directory)")
	f.IntVarP(&a.flags.jobs, "jobs", "j", 8, "do `N` downloads at once, at most 16 from one host")
	f.BoolVar(&a.flags.offline, "offline", false, "use no network: only what is cached or on this machine")
	f.BoolVar(&a.flags.json, "json", false, "print JSON: plan, list, verify, diff, history, outdated, why, info, search, init, validate, fmt, cache info, cache clean and version one document; lock, add, remove, apply, rollback, recover, mirror and image an object a line")
	f.StringVar(&a.flags.color, "color", "auto", "color output: `auto|always|never`")
	f.BoolVarP(&a.flags.quiet, "quiet", "q", false, "print only results and errors")
	f.BoolVarP(&a.flags.verbose, "verbose", "v", false, "print each step")
	root.AddCommand(
		a.initCommand(), a.lockCommand(), a.planCommand(), a.applyCommand(), a.rollbackCommand(), a.recoverCommand(),
		a.verifyCommand(), a.listCommand(), a.diffCommand(), a.historyCommand(), a.outdatedCommand(), a.whyCommand(), a.mirrorCommand(), a.imageCommand(),
		a.addCommand(), a.removeCommand(), a.infoCommand(), a.searchCommand(),
		a.validateCommand(), a.fmtCommand(), a.cacheCommand(), a.versionCommand(),
	)
	root.SetFlagErrorFunc(usage)
	root.SetVersionTemplate(thisBuild().String() + "\n")
	for _, cmd := range root.Commands() {
		cmd.Long = strings.TrimSpace(cmd.Short + ".\n\n" + cmd.Long)
	}
	explain(root, manuals())
	a.complete(root)
	return root
}

// noSuchCommand names the command that was meant, where one is near.
func (a *app) noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("there is no command %q", args[0])
	if means := meant(cmd.Root(), args); means != "" {
		text += "; " + means
	} else if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		text += fmt.Sprintf("; did you mean %q?", near[0])
	}
	return usage(cmd, errors.New(text))
}

// noArguments refuses arguments, and tells where one was meant for a flag.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("%s takes no arguments, but %q was given", cmd.CommandPath(), args[0])
	if cmd.Flags().Changed("upgrade") {
		text += fmt.Sprintf("; to upgrade one plugin: --upgrade=%s", args[0])
	}
	return usage(cmd, errors.New(text))
}

// setUp checks the global flags and decides what to color.
func (a *app) setUp(cmd *cobra.Command) error {
	switch {
	case a.flags.jobs < 1:
		return usage(cmd, fmt.Errorf("--jobs must be at least 1, not %d", a.flags.jobs))
	case a.flags.quiet && a.flags.verbose:
		return usage(cmd, errors.New("--quiet and --verbose exclude each other"))
	}
	out, err := a.colors(a.stdout), a.colors(a.stderr)
	switch a.flags.color {
	case "auto":
	case "always":
		out, err = true, true
	case "never":
		out, err = false, false
	default:
		return usage(cmd, fmt.Errorf("--color is auto, always or never, not %q", a.flags.color))
	}
	a.out, a.err = ui.NewPalette(out), ui.NewPalette(err)
	a.show(false) // before there are goroutines that tell of events
	return nil
}

// colors is what --color=auto means for w.
// Sources: https://no-color.org, https://bixense.com/clicolors.
func (a *app) colors(w io.Writer) bool {
	if v, _ := a.env("NO_COLOR"); v != "" {
		return false
	}
	if v, _ := a.env("CLICOLOR_FORCE"); v != "" && v != "0" {
		return true
	}
	if v, _ := a.env("TERM"); v == "dumb" {
		return false
	}
	return isTerminal(w)
}

func isTerminal(stream any) bool {
	if o, ok := stream.(output); ok {
		stream = o.Writer
	}
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// width is that of a terminal; 0 where the stream is none.
func width(stream any) int {
	if o, ok := stream.(output); ok {
		stream = o.Writer
	}
	if f, ok := stream.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
	}
	return 0
}

// at is a path of the command line, seen from --chdir.
func (a *app) at(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(a.flags.chdir, path)
}

// atIf is at for a path that may be missing.
func (a *app) atIf(path string) string {
	if path == "" {
		return ""
	}
	return a.at(path)
}

// begin prepares a command that changes something: it outlives who reads its
// output, and with --json its stream starts.
func (a *app) begin() {
	a.changes = true
	a.outlivePipes()
	if a.flags.json {
		a.show(true)
	}
}

// tellEvery is how long a log may be silent while there is work.
const tellEvery = 10 * time.Second

// show starts showing events; the JSON stream, for commands that have one, is
// written to standard output.
func (a *app) show(streaming bool) {
	plain := &ui.Plain{
		Err: a.stderr, Color: a.err, Quiet: a.flags.quiet, Verbose: a.flags.verbose, Every: tellEvery, Work: &a.work,
	}
	switch {
	case streaming && a.flags.json:
		a.stream = ui.NewStream(a.stdout, programVersion().String())
		a.view = a.stream
	case isTerminal(a.stderr) && !a.flags.quiet && !a.flags.json:
		a.view = ui.NewProgress(a.stderr, plain, &a.work)
	default:
		a.view = plain
	}
}

// warn shows a warning.
func (a *app) warn(text string) {
	e := plugin.WarningEvent{Message: text}
	a.actions.warned(e)
	if a.stream != nil {
		a.stream.Event(e)
		return
	}
	fmt.Fprintln(a.stderr, ui.Warning(e, a.err))
}

// say writes a line for a person about what is being done, unless --quiet.
func (a *app) say(format string, args ...any) {
	if !a.flags.quiet && a.stream == nil {
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}
