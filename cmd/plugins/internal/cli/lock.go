package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/pin"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
	"github.com/plugins-hcl/plugins/source"
)

type lockFlags struct {
	upgrade   []string
	platforms []string
	check     bool
}

// upgradeAll is what --upgrade without names means.
const upgradeAll = "*"

func (a *app) lockCommand() *cobra.Command {
	var flags lockFlags
	cmd := &cobra.Command{
		Use:   "lock",
		Short: "Choose versions and write plugins.lock.hcl",
		Long: `What is locked stays while the configuration allows it; everything else gets the
newest version allowed. Each package's checksum is taken from its publisher, or
computed from a download, and the package for this machine is opened and checked:
what can't be installed can't be locked. The plugin directory is not touched.

The command of a verify block is run: whoever wrote the configuration chose it.
Where the lock file is a symbolic link, what it leads to is written, if that is in
the project.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.check && (cmd.Flags().Changed("upgrade") || cmd.Flags().Changed("platform")) {
				return usage(cmd, errors.New("--check changes nothing: it takes neither --upgrade nor --platform"))
			}
			return a.lock(cmd.Context(), flags)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&flags.upgrade, "upgrade", nil, "take the newest version allowed, of all plugins or of `NAME,…`")
	f.Lookup("upgrade").NoOptDefVal = upgradeAll
	f.StringSliceVar(&flags.platforms, "platform", nil, "lock for the platform `OS/ARCH`, too")
	f.BoolVar(&flags.check, "check", false, "only tell whether the lock file is up to date, without network; exit 2 if not")
	return cmd
}

func (a *app) lock(ctx context.Context, flags lockFlags) error {
	var view ui.View
	if !flags.check {
		view = a.show(true)
	}
	p, err := a.open()
	if err != nil {
		return err
	}
	if flags.check {
		return p.checkLock(ctx)
	}
	a.left = p.lockPath + " was left as it was."
	if err := p.supported(); err != nil {
		return err
	}
	if err := p.allowed(); err != nil {
		return err
	}
	previous, err := p.lock()
	if errors.Is(err, fs.ErrNotExist) {
		previous, err = &lock.File{}, nil
	}
	if err != nil {
		return err
	}
	next, err := p.resolve(ctx, flags, previous, view.Event)
	if err != nil {
		return err
	}
	if err := lock.SaveWithin(p.config.Dir, p.lockPath, next); err != nil {
		return err
	}
	a.left = ""
	view.Close()
	return p.showLocked(previous, next)
}

// resolve chooses versions and pins them.
func (p *project) resolve(ctx context.Context, flags lockFlags, previous *lock.File, observe plugin.Observer) (next *lock.File, err error) {
	extra, err := parsePlatforms(flags.platforms)
	if err != nil {
		return nil, err
	}
	upgrade, err := p.upgrades(flags.upgrade)
	if err != nil {
		return nil, err
	}
	access, err := p.access(observe)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, access.Close()) }()
	sources := &source.Set{
		Platforms: p.config.Platforms, Documents: access, Opener: access, Abs: p.config.Abs, Platform: p.platform,
	}
	for _, r := range p.config.Registries {
		sources.Registries = append(sources.Registries, source.Registry{
			Name: r.Name, URL: r.URL, Path: r.Local && !strings.HasPrefix(r.URL, "file:"),
		})
	}
	choices, unmet := resolve.Choose(ctx, resolve.Input{
		Required: p.config.Plugins, Sources: sources.For, Previous: previous, Upgrade: upgrade,
		Host: p.host(), Platforms: p.config.Platforms, Jobs: p.app.flags.jobs,
		MinAge: p.policy().MinAge, Now: time.Now(),
	})
	if ctx.Err() != nil {
		return nil, unmet
	}
	// What can be chosen is pinned all the same, so that every failure is told.
	next, err = pin.Pin(ctx, pin.Input{
		Choices: choices, Previous: previous, Platforms: p.config.Platforms, Extra: extra,
		Platform: p.platform, Access: access, Abs: p.config.Abs, Offline: p.app.flags.offline,
		RequireSignature: p.policy().RequireSignature, Observe: observe,
	})
	return next, errors.Join(unmet, err)
}

// host is the program whose version the configuration declares; "workflow", the
// engine that minEngineVersion is about, among several.
func (p *project) host() resolve.Host {
	h, ok := p.config.Host("workflow")
	if !ok && len(p.config.Hosts) > 0 {
		h = p.config.Hosts[0]
	}
	return resolve.Host{Name: h.Name, Version: h.Version}
}

// upgrades tells which plugins may leave their locked version.
func (p *project) upgrades(names []string) (func(plugin.Name) bool, error) {
	if slices.Contains(names, upgradeAll) {
		return func(plugin.Name) bool { return true }, nil
	}
	chosen, err := p.names(names)
	return func(n plugin.Name) bool { return slices.Contains(chosen, n) }, err
}

func parsePlatforms(texts []string) ([]plugin.Platform, error) {
	var platforms []plugin.Platform
	for _, text := range texts {
		platform, err := plugin.ParsePlatform(text)
		if err == nil && platform == plugin.AnyPlatform {
			err = fmt.Errorf("--platform takes one platform, as OS/ARCH")
		}
		if err != nil {
			return nil, err
		}
		platforms = append(platforms, platform)
	}
	return platforms, nil
}

// checkLock tells whether the lock file is up to date.
func (p *project) checkLock(ctx context.Context) error {
	l, err := p.lock()
	if err == nil {
		err = l.Check(p.config.Plugins, p.config.Platforms, p.local(ctx, l))
	}
	var outOfDate *lock.OutOfDateError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &outOfDate) {
		p.app.tell(err, exitDiffers)
		return &exitError{code: exitDiffers}
	}
	if err != nil {
		return err
	}
	p.app.say("%s is up to date.", filepath.Base(p.lockPath))
	return nil
}

// showLocked tells how the lock changed.
func (p *project) showLocked(previous, next *lock.File) error {
	a := p.app
	counts := map[string]int{}
	var rows [][]string
	for _, c := range lock.Diff(previous, next) {
		counts[c.Action]++
		if a.stream != nil {
			a.stream.Event(plugin.LockEvent{Plugin: c.Name, Action: c.Action, From: c.From, To: c.To})
		}
		if c.Action != lock.Keep {
			locked, _ := next.Plugin(c.Name)
			rows = append(rows, []string{lockSymbol(c.Action) + " " + string(c.Name), ui.Versions(c.From, c.To), ui.Line(plugin.Redact(locked.Source))})
		}
	}
	if a.stream != nil {
		a.stream.Write(lockSummary{
			Type: "summary", LockFile: p.lockPath, Add: counts[lock.Add], Change: counts[lock.Update],
			Remove: counts[lock.Remove], Keep: counts[lock.Keep],
		})
		return nil
	}
	if a.flags.quiet {
		return nil
	}
	name := ui.Line(filepath.Base(p.lockPath))
	if len(rows) == 0 {
		_, err := fmt.Fprintf(a.stdout, "%s is up to date: %s.\n", name, ui.Count(counts[lock.Keep], "plugin"))
		return err
	}
	text := ""
	for _, line := range ui.Columns(rows) {
		mark, rest, _ := strings.Cut(line, " ")
		text += "  " + lockColor(a.out, mark) + " " + rest + "\n"
	}
	_, err := fmt.Fprintf(a.stdout, "%s\nWrote %s: %s.\n", text, name, lockCounts(counts))
	return err
}

type lockSummary struct {
	Type     string `json:"type"`
	LockFile string `json:"lock_file"`
	Add      int    `json:"add"`
	Change   int    `json:"change"`
	Remove   int    `json:"remove"`
	Keep     int    `json:"keep"`
}

func lockSymbol(action string) string {
	return map[string]string{lock.Add: "+", lock.Update: "~", lock.Remove: "-"}[action]
}

func lockColor(c ui.Palette, mark string) string {
	switch mark {
	case "+":
		return c.Green(mark)
	case "-":
		return c.Red(mark)
	}
	return c.Yellow(mark)
}

func lockCounts(counts map[string]int) string {
	var words []string
	for _, c := range []struct{ action, word string }{
		{lock.Add, "added"}, {lock.Update, "changed"}, {lock.Remove, "removed"}, {lock.Keep, "unchanged"},
	} {
		if n := counts[c.action]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, c.word))
		}
	}
	return strings.Join(words, ", ")
}
