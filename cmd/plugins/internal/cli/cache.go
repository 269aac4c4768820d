package cli

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

func (a *app) cacheCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Show or empty the cache of packages",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "path",
			Short: "Print the folder of the cache",
			Args:  noArguments,
			RunE: func(*cobra.Command, []string) error {
				dir, err := a.requireCacheDir()
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(a.stdout, ui.Clean(dir))
				return err
			},
		},
		&cobra.Command{
			Use:   "info",
			Short: "Show what is in the cache, and how large it is",
			Args:  noArguments,
			RunE:  func(*cobra.Command, []string) error { return a.cacheInfo() },
		},
		a.cacheCleanCommand(),
	)
	return cmd
}

// cacheUsage is what cache info prints as JSON.
type cacheUsage struct {
	FormatVersion string    `json:"format_version"`
	Dir           string    `json:"dir"`
	Packages      int       `json:"packages"`
	Documents     int       `json:"documents"`
	Partial       int       `json:"partial"`
	Bytes         int64     `json:"bytes"`
	UnusedSince   time.Time `json:"unused_since,omitzero"`
}

// cacheCleaned is what cache clean prints as JSON.
type cacheCleaned struct {
	FormatVersion string `json:"format_version"`
	Packages      int    `json:"packages"`
	Bytes         int64  `json:"bytes"`
	Denied        int    `json:"denied"`
}

func (a *app) cacheInfo() error {
	dir, err := a.requireCacheDir()
	if err != nil {
		return err
	}
	u, err := project.UsageOfCache(dir)
	if err != nil {
		return err
	}
	if a.flags.json {
		return a.document(cacheUsage{"1.0", u.Dir, u.Packages, u.Documents, u.Partial, u.Bytes, u.Unused.UTC()})
	}
	fmt.Fprintf(a.stdout, "%s\n  %s, %s, %s; %s\n", ui.Clean(u.Dir), ui.Count(u.Packages, "package"),
		ui.Count(u.Documents, "document"), ui.Count(u.Partial, "partial download"), plugin.Size(u.Bytes))
	if !u.Unused.IsZero() {
		days := int(time.Since(u.Unused) / day)
		fmt.Fprintf(a.stdout, "  unused for longest: a package, since %s (%s)\n", u.Unused.Format(time.DateOnly), ui.Count(days, "day"))
	}
	return nil
}

func (a *app) cacheCleanCommand() *cobra.Command {
	var unused age
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Delete cached packages and documents",
		Long: `Without flags, everything that is kept is deleted, and with --unused what was not used for
that long. Packages that are being read and downloads under way are not harmed, and several
users, projects and processes may share one cache all the while.
`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := a.requireCacheDir()
			if err != nil {
				return err
			}
			cleaned, err := project.CleanCache(dir, time.Duration(unused))
			if a.flags.json {
				return errors.Join(err, a.document(cacheCleaned{"1.0", cleaned.Packages, cleaned.Bytes, cleaned.Denied}))
			}
			text := fmt.Sprintf("Deleted %s, %s.", ui.Count(cleaned.Packages, "package"), plugin.Size(cleaned.Bytes))
			if cleaned.Denied > 0 {
				text += fmt.Sprintf(" What belongs to other users stays: %s.", ui.Count(cleaned.Denied, "file"))
			}
			_, printed := fmt.Fprintln(a.stdout, text)
			return errors.Join(err, printed)
		},
	}
	cmd.Flags().Var(&unused, "unused", "only what was not used for `TIME`: 12h, 30d or 8w")
	return cmd
}

const day = 24 * time.Hour

// age is a flag's value: a time in hours, days or weeks.
type age time.Duration

func (a *age) String() string {
	if *a == 0 {
		return ""
	}
	return time.Duration(*a).String()
}

func (a *age) Type() string { return "time" }

// Set reads "12h", "30d" or "8w".
func (a *age) Set(s string) error {
	units := map[byte]time.Duration{'h': time.Hour, 'd': day, 'w': 7 * day}
	wrong := errors.New("write it as 12h, 30d or 8w")
	if s == "" || units[s[len(s)-1]] == 0 {
		return wrong
	}
	unit := units[s[len(s)-1]]
	n, err := strconv.ParseUint(s[:len(s)-1], 10, 32)
	if err != nil || n == 0 || n > uint64(100*365*day/unit) {
		return wrong
	}
	*a = age(time.Duration(n) * unit)
	return nil
}

func (a *app) requireCacheDir() (string, error) {
	dir := a.cacheDir()
	if dir == "" {
		return "", errors.New("the system names no cache directory: say with --cache-dir or PLUGINS_CACHE_DIR which one")
	}
	return dir, nil
}
