package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

type lockFlags struct {
	upgrade   []string
	force     []string
	platforms []string
	check     bool
}

// upgradeAll is what --upgrade without names stands for; help shows "NAME,…" as what
// may follow the flag, and no plugin is called so.
const upgradeAll = "…"

func (a *app) lockCommand() *cobra.Command {
	var flags lockFlags
	cmd := &cobra.Command{
		Use:   "lock",
		Short: "Choose versions and write plugins.lock.hcl",
		Long: `What is locked stays while the configuration allows it, whatever its source lists
now; everything else gets the newest version allowed. --upgrade takes the newest,
--platform adds a platform, which stays. Each package's checksum is taken from its
publisher, or computed from a download, and the package for this machine is opened
and checked: what can't be installed can't be locked. The plugin directory is not
touched.

What plugins need is locked with them. Versions that need a newer host than the one that
the configuration declares, or that are known to fail with it, are not chosen;
--force-compat chooses them all the same, and the lock file says so.

Of a lock file with merge conflict markers, the pins of both sides are taken: what one
side alone locks, and where they differ the version that the configuration allows, of
two of those the newer. What is locked that way stays, as above.

The command of a verify block is run: whoever wrote the configuration chose it.
Where the lock file is a symbolic link, what it leads to is written, if that is in
the project.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.check && (cmd.Flags().Changed("upgrade") || cmd.Flags().Changed("platform") || cmd.Flags().Changed("force-compat")) {
				return usage(cmd, errors.New("--check changes nothing: it takes neither --upgrade nor --platform nor --force-compat"))
			}
			if cmd.Flags().Changed("upgrade") && (len(flags.upgrade) == 0 || slices.ContainsFunc(flags.upgrade, blank)) {
				return usage(cmd, errors.New("--upgrade= names no plugin: it is --upgrade for all of them, or --upgrade=NAME,…"))
			}
			if cmd.Flags().Changed("force-compat") && (len(flags.force) == 0 || slices.ContainsFunc(flags.force, blank)) {
				return usage(cmd, errors.New("--force-compat= names no plugin: it is --force-compat for all of them, or --force-compat=NAME,…"))
			}
			if slices.ContainsFunc(flags.platforms, blank) || cmd.Flags().Changed("platform") && len(flags.platforms) == 0 {
				return usage(cmd, errNoPlatform)
			}
			a.begin()
			return a.lock(cmd.Context(), flags)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&flags.upgrade, "upgrade", nil, "``take the newest version allowed, of all plugins or of those named")
	f.Lookup("upgrade").NoOptDefVal = "NAME," + upgradeAll
	f.StringSliceVar(&flags.force, "force-compat", nil, "``whatever the host, of all plugins or of those named")
	f.Lookup("force-compat").NoOptDefVal = "NAME," + upgradeAll
	f.StringSliceVar(&flags.platforms, "platform", nil, "lock for the platform `OS/ARCH`, too")
	f.BoolVar(&flags.check, "check", false, "only tell whether the lock file is up to date, without network; exit 2 if not")
	return cmd
}

var errNoPlatform = errors.New("--platform= names no platform: it is --platform OS/ARCH")

func blank(s string) bool { return strings.TrimSpace(s) == "" }

func (a *app) lock(ctx context.Context, flags lockFlags) error {
	p, err := a.open(0)
	if err != nil {
		return err
	}
	if flags.check {
		return a.checkLock(ctx, p)
	}
	a.left = p.LockPath + " was left as it was."
	o := project.LockOptions{UpgradeAll: slices.Contains(flags.upgrade, upgradeAll)}
	if !o.UpgradeAll {
		o.Upgrade = names(flags.upgrade)
	}
	if o.ForceCompatAll = slices.Contains(flags.force, upgradeAll); !o.ForceCompatAll {
		o.ForceCompat = names(flags.force)
	}
	if o.Platforms, err = parsePlatforms(flags.platforms); err != nil {
		return err
	}
	locked, err := p.Lock(ctx, o)
	if err != nil {
		return err
	}
	a.left = ""
	a.view.Close()
	a.showMerged(p, locked)
	return a.showLocked(p, locked, locked.HeldBack, a.next("plan"))
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
func (a *app) checkLock(ctx context.Context, p *project.Project) error {
	err := p.CheckLock(ctx)
	var outOfDate *lock.OutOfDateError
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.As(err, &outOfDate) && !errors.As(err, new(*lock.ConflictError)) {
		return err
	}
	if a.stream != nil {
		if outOfDate != nil {
			for _, r := range outOfDate.Reasons {
				a.stream.Write(outOfDateObject{Type: "out_of_date", Name: r.Plugin, Message: r.Text})
			}
		}
		defer a.stream.Write(lockCheckSummary{Type: "summary", LockFile: p.LockPath, UpToDate: err == nil})
	}
	if err != nil {
		a.tell(err, func(error) int { return exitDiffers })
		return &exitError{code: exitDiffers}
	}
	a.say("%s is up to date.", filepath.Base(p.LockPath))
	return nil
}

// outOfDateObject is one respect in which the lock file is out of date, in the
// stream of --check.
type outOfDateObject struct {
	Type    string      `json:"type"`
	Name    plugin.Name `json:"name"`
	Message string      `json:"message"`
}

// lockCheckSummary is the last object of that stream.
type lockCheckSummary struct {
	Type     string `json:"type"`
	LockFile string `json:"lock_file"`
	UpToDate bool   `json:"up_to_date"`
}

// showLocked tells how the lock changed, what is held back, and the next command.
func (a *app) showLocked(p *project.Project, locked *project.Locked, held []plugin.HeldBackEvent, next string) error {
	counts := map[string]int{}
	for _, c := range locked.Changes {
		counts[c.Action]++
	}
	if a.stream != nil {
		a.stream.Write(lockSummary{
			Type: "summary", LockFile: p.LockPath, Add: counts[lock.Add], Change: counts[lock.Update],
			Remove: counts[lock.Remove], Keep: counts[lock.Keep],
		})
	}
	shown := ui.Lock{Told: locked.Told, HeldBack: held, Sources: func(name plugin.Name) string {
		after, _ := locked.After.Plugin(name)
		return plugin.Redact(after.Source)
	}}
	text := ""
	for _, part := range []string{
		shown.Changes(width(a.stdout), a.out), shown.Newer(width(a.stdout), a.next("lock", "--upgrade"), a.next("outdated"), a.out),
	} {
		if part != "" {
			text += part + "\n"
		}
	}
	name := ui.Line(filepath.Base(p.LockPath))
	if counts[lock.Keep] == len(locked.Changes) && locked.Conflict == nil {
		return a.showWritten(text, fmt.Sprintf("%s is up to date: %s.", name, ui.Count(counts[lock.Keep], "plugin")), "")
	}
	return a.showWritten(text, fmt.Sprintf("Wrote %s: %s.", name, lockCounts(counts)), next)
}

// showWritten tells what changed and, where that cannot be told on standard output,
// the line that says so at least on standard error.
func (a *app) showWritten(changes, line, next string) error {
	err := a.stream.Err()
	if a.stream == nil && !a.flags.quiet {
		text := changes + line + "\n"
		if next != "" {
			text += "Next: " + a.out.Bold(next) + "\n"
		}
		_, err = fmt.Fprint(a.stdout, text)
	}
	if err != nil {
		a.left = line
	}
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
