package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
)

// outOfDateHint sends nobody to a lock that must fail.
func outOfDateHint(e *lock.OutOfDateError) string {
	if slices.ContainsFunc(e.Reasons, func(r lock.Reason) bool { return r.Err != nil }) {
		return "Make what its source names readable again, or change its block in plugins.hcl; then run: plugins lock"
	}
	return "Run: plugins lock"
}

// noVersionHint goes by what rules out the newest version that the constraint allows,
// if there is one.
func noVersionHint(e *resolve.NoVersionError) string {
	if len(e.RuledOut) == 0 {
		return "Its source has no version of it: check its block in plugins.hcl, or ask its publisher."
	}
	for _, x := range slices.Backward(e.RuledOut) {
		switch x.Rule {
		case resolve.ByHost:
			return "Once the host is that new, raise the version in its host block; or allow an older version of the plugin in its block."
		case resolve.ByEvidence:
			return "Use another version of the host and say so in its host block, or allow another version of the plugin in its block."
		case resolve.ByAge:
			return "Wait until it is old enough, allow an older version in its block, or lower min_age in the policy."
		case resolve.ByPrerelease:
			if x.Version.Prerelease() == "" {
				return hintFlagged(x.Version.String())
			}
			return fmt.Sprintf("To take a prerelease, name one in its block, as in: version = %q", ">= "+x.Version.String())
		}
	}
	return "Change the version in its block to one that exists."
}

// permissionHint tells what cannot be read from what cannot be written, where that
// can be told.
func (a *app) permissionHint(err error) string {
	var path *fs.PathError
	if a.changes && errors.As(err, &path) && strings.Contains(filepath.ToSlash(path.Path), "/"+installed.StateDir+"/") {
		return "Run it as a user who may write to " + a.shownDir + ", its owner, say: what is in there is that user's alone."
	}
	switch denied(err) {
	case "read":
		return "Run it as a user who may read it, or make it readable."
	case "write":
		return "Run it as a user who may write there, or make it writable."
	}
	return "Run it as a user who may read and write there, or give this one access."
}

// denied is "read" or "write", or "" where it can be either.
func denied(err error) string {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &link):
		return "write"
	case !errors.As(err, &path):
		return ""
	}
	switch path.Op {
	case "stat", "lstat", "fstatat", "statat", "lstatat", "read", "readdirent", "fdopendir", "readlink", "readlinkat":
		return "read"
	case "open":
	case "openat":
		return "" // seen from a folder that is not known here
	default:
		return "write"
	}
	// Opening is for both: what can be opened for reading was to be written.
	f, err := os.Open(path.Path)
	if err == nil {
		_ = f.Close()
	}
	if errors.Is(err, fs.ErrPermission) {
		return "read"
	}
	return "write"
}

func isAboutPlugin(err error) bool {
	var failed *plugin.Error
	var path *fs.PathError
	return errors.As(err, &failed) && failed.Pos.Line > 0 && errors.As(err, &path)
}
