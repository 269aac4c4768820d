package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

// source is what a release is made of.
type source struct {
	repo, tag, commit string
	version           plugin.Version
	time              time.Time // of the commit; of all that is made, too
}

// openSource looks whether a release can be made of what is checked out.
func openSource(ctx context.Context, repo, tag string) (source, error) {
	s := source{repo: repo, tag: tag}
	var err error
	if s.version, err = plugin.ParseVersion(tag); err != nil || "v"+s.version.String() != tag || strings.Contains(tag, "+") {
		return s, fmt.Errorf("%q is no version to release: write it as vX.Y.Z or vX.Y.Z-rc.1", tag)
	}
	changed, err := git(ctx, repo, "status", "--porcelain")
	if err != nil {
		return s, err
	}
	if changed != "" {
		return s, fmt.Errorf("the working copy is not clean, and what is in it alone would not be released:\n%s", changed)
	}
	if s.commit, err = git(ctx, repo, "rev-parse", "HEAD"); err != nil {
		return s, err
	}
	tagged, err := git(ctx, repo, "rev-parse", "--verify", "refs/tags/"+tag+"^{commit}")
	if err != nil {
		return s, fmt.Errorf("there is no tag %s: %w", tag, err)
	}
	if tagged != s.commit {
		return s, fmt.Errorf("%s is another commit than the one that is checked out (%s, not %s)", tag, tagged, s.commit)
	}
	seconds, err := git(ctx, repo, "show", "--no-patch", "--format=%cI", s.commit)
	if err != nil {
		return s, err
	}
	if s.time, err = time.Parse(time.RFC3339, seconds); err != nil {
		return s, err
	}
	s.time = s.time.UTC()
	return s, s.hasChanges()
}

// hasChanges demands that the changelog knows the version as released. A prerelease
// has no chapter of its own.
func (s source) hasChanges() error {
	if s.version.Prerelease() != "" {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(s.repo, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "## "+s.version.String()+" "); ok {
			if strings.Contains(rest, "unreleased") {
				return fmt.Errorf("CHANGELOG.md says that %s is unreleased: write its day there, and tag that commit", s.version)
			}
			return nil
		}
	}
	return fmt.Errorf("CHANGELOG.md has no chapter \"## %s (DAY)\"", s.version)
}

// clone makes a folder that holds the tag's files, and of this machine nothing else.
func (s source) clone(ctx context.Context, dir string) error {
	from, err := filepath.Abs(s.repo)
	if err != nil {
		return err
	}
	_, err = git(ctx, ".", "-c", "core.autocrlf=false", "-c", "advice.detachedHead=false", "clone", "--quiet", "--branch", s.tag, from, dir)
	return err
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	return command(ctx, nil, dir, "git", args...)
}

// command runs a program and returns what it prints; env nil is this program's.
func command(ctx context.Context, env []string, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, bytes.TrimSpace(exit.Stderr))
	}
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(out)), nil
}
