package cli

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/internal/revision"
	"github.com/plugins-hcl/plugins/project"
)

type diffFlags struct{ markdown, detailedExit bool }

func (a *app) diffCommand() *cobra.Command {
	var flags diffFlags
	cmd := &cobra.Command{
		Use:   "diff [REV|FILE]",
		Short: "Show what a changed lock file means",
		Long: `The lock file is compared with what it was in the git revision REV, by default HEAD, or
with another lock FILE: which plugins came, went, or have another version, source,
platform or signature, and, loudly, which have other bytes under the same version. It
is for whoever reviews a pull request: only the two locks are read, so that it needs
neither a plugin directory nor the configuration nor the network.

An argument is a FILE if there is one of that name, or if it is absolute or starts with
"./" or "../"; else it is a REV. For a revision that is called like a file, write its
full name: refs/heads/NAME. In a revision without a lock file, there were no plugins.`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) > 1:
				return usage(cmd, fmt.Errorf("%s takes one revision or file, not %d: it compares that with the lock file", cmd.CommandPath(), len(args)))
			case len(args) == 1 && args[0] == "":
				return usage(cmd, errors.New("the revision is empty: leave it out to compare with HEAD"))
			case flags.markdown && a.flags.json:
				return usage(cmd, errors.New("--json and --markdown exclude each other"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.diff(cmd, args, flags) },
	}
	cmd.Flags().BoolVar(&flags.markdown, "markdown", false, "print Markdown, for a pull request or a step summary")
	cmd.Flags().BoolVar(&flags.detailedExit, "detailed-exitcode", false, "exit 2 if they differ")
	return cmd
}

func (a *app) diff(cmd *cobra.Command, args []string, flags diffFlags) error {
	path, err := a.lockPath()
	if err != nil {
		return err
	}
	before := ""
	if len(args) == 1 {
		before = args[0]
	}
	c, err := project.DiffLock(cmd.Context(), a.flags.chdir, path, before)
	if err != nil {
		return err
	}
	shown := ui.LockDiff{Before: c.Before, After: c.After, Changes: c.Changes, Summary: c.Summary}
	if !flags.markdown {
		a.actions.show(shown.Markdown())
	}
	switch {
	case a.flags.json:
		err = a.document(c)
	case flags.markdown:
		_, err = fmt.Fprint(a.stdout, shown.Markdown())
	default:
		_, err = fmt.Fprint(a.stdout, shown.Text(a.out))
	}
	if err == nil && flags.detailedExit && len(c.Changes) > 0 {
		return &exitError{code: exitDiffers}
	}
	return err
}

// lockPath is where the lock file is, whatever the configuration says.
func (a *app) lockPath() (string, error) {
	if a.flags.lockFile != "" {
		return a.at(a.flags.lockFile), nil
	}
	path, err := a.configPath()
	return filepath.Join(filepath.Dir(path), project.LockFile), err
}

// hintRevision is for what git does not have.
func hintRevision(err error) string {
	var noGit *revision.NoGitError
	var none *revision.NoRepositoryError
	var unknown *revision.UnknownError
	const file = "name another lock file to compare with: plugins diff FILE"
	switch {
	case errors.As(err, &noGit):
		return "Install git, or " + file
	case errors.As(err, &none):
		return "Run it where the project is checked out, or " + file
	case errors.As(err, &unknown):
		return "Check the name. A runner that fetches one commit alone does not have it: fetch it first, as in\n" +
			"  git fetch --depth=1 origin main && plugins diff FETCH_HEAD"
	}
	return ""
}
