package cli

import (
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/plugin"
)

// nextVersion is what a build is on the way to that has no version of its own: one of a
// working copy ("go run", "go test"), or of a commit before the first release.
const nextVersion = "0.1.0"

// build is what this program knows of where it comes from.
type build struct {
	version  plugin.Version
	commit   string // "" where it is not known
	modified bool   // the working copy was not just that commit
}

// thisBuild is what the linker wrote into this program.
func thisBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return buildOf(info)
}

// pseudoVersion ends a version that Go made up for a commit without a tag.
// Source: https://go.dev/ref/mod#pseudo-versions.
var pseudoVersion = regexp.MustCompile(`[-.]\d{14}-([0-9a-f]{12})(?:\+.*)?$`)

func buildOf(info *debug.BuildInfo) build {
	var b build
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = s.Value[:min(len(s.Value), 12)]
		case "vcs.modified":
			b.modified = s.Value == "true"
		}
	}
	if m := pseudoVersion.FindStringSubmatch(info.Main.Version); m != nil && b.commit == "" {
		b.commit = m[1]
	}
	v, err := plugin.ParseVersion(info.Main.Version)
	if err != nil || strings.HasPrefix(v.String(), "0.0.0-") {
		v = plugin.MustVersion(nextVersion + "-devel")
	}
	b.version = v
	return b
}

// String is what a person reads: "plugins 1.2.0 linux/amd64 go1.26.5 (commit …)".
func (b build) String() string {
	text := fmt.Sprintf("plugins %s %s %s", b.version, plugin.CurrentPlatform(), runtime.Version())
	switch {
	case b.commit == "":
		return text
	case b.modified:
		return text + " (commit " + b.commit + ", modified)"
	}
	return text + " (commit " + b.commit + ")"
}

func programVersion() plugin.Version { return thisBuild().version }

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the program's version",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			b := thisBuild()
			if a.flags.json {
				return a.document(struct {
					FormatVersion string         `json:"format_version"`
					Version       plugin.Version `json:"version"`
					Commit        string         `json:"commit,omitempty"`
					Modified      bool           `json:"modified,omitempty"`
					Platform      string         `json:"platform"`
					Go            string         `json:"go"`
				}{"1.0", b.version, b.commit, b.modified, plugin.CurrentPlatform().String(), runtime.Version()})
			}
			_, err := fmt.Fprintln(a.stdout, b)
			return err
		},
	}
}
