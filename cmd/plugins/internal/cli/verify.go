package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify [NAME…]",
		Short: "Rehash every installed file and compare it with what was installed",
		Long: `Every file is read and compared with the record of what was installed, and every
record with the lock file. Nothing is changed; exit 2 says that something drifted.`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.verify(cmd.Context(), args) },
	}
}

// verifyReport is what verify --json prints.
type verifyReport struct {
	FormatVersion string         `json:"format_version"`
	PluginDir     string         `json:"plugin_dir"`
	Plugins       []verifyResult `json:"plugins"`
	Interrupted   bool           `json:"interrupted"`
	Drifted       int            `json:"drifted"`
}

// verifyResult is one plugin of it.
type verifyResult struct {
	Name     plugin.Name    `json:"name"`
	Version  plugin.Version `json:"version,omitzero"`
	OK       bool           `json:"ok"`
	Problems []problem      `json:"problems"`
}

// problem is one thing that is not as it should be; Path is the file, where it is
// about one.
type problem struct {
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
}

func (a *app) verify(ctx context.Context, args []string) error {
	p, err := a.open()
	if err != nil {
		return err
	}
	l, err := p.lock()
	if err != nil {
		return err
	}
	snap, err := p.scan(ctx, l, true)
	if err != nil {
		return err
	}
	report := verifyReport{
		FormatVersion: plan.FormatVersion, PluginDir: p.shownDir, Interrupted: snap.Interrupted, Plugins: []verifyResult{},
	}
	for _, name := range p.toVerify(l, snap) {
		if len(args) > 0 && !slices.Contains(args, string(name)) {
			continue
		}
		r := p.verifyOne(name, l, snap)
		if !r.OK {
			report.Drifted++
		}
		report.Plugins = append(report.Plugins, r)
	}
	for _, arg := range args {
		if !slices.ContainsFunc(report.Plugins, func(r verifyResult) bool { return string(r.Name) == arg }) {
			return fmt.Errorf("no plugin %q is locked or installed", arg)
		}
	}
	if err := a.showVerified(report); err != nil {
		return err
	}
	if report.Drifted > 0 {
		return &exitError{code: exitDiffers}
	}
	return nil
}

// toVerify are the plugins that should be installed here, and those that are.
func (p *project) toVerify(l *lock.File, snap *installed.Snapshot) []plugin.Name {
	var names []plugin.Name
	for _, locked := range l.Plugins {
		if r, ok := p.config.Plugin(locked.Name); !ok || r.WantedOn(p.platform) {
			names = append(names, locked.Name)
		}
	}
	for _, now := range snap.Plugins {
		if now.Present && now.Record != nil {
			names = append(names, now.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (p *project) verifyOne(name plugin.Name, l *lock.File, snap *installed.Snapshot) verifyResult {
	r := verifyResult{Name: name, Problems: []problem{}}
	say := func(path, format string, args ...any) {
		r.Problems = append(r.Problems, problem{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	locked, isLocked := l.Plugin(name)
	now, _ := snap.Plugin(name)
	r.Version = now.Version
	switch {
	case now.Blocked != nil:
		say("", "%s", now.Blocked)
	case !now.Present:
		say("", "it is not installed")
	case now.Record == nil:
		say("", "it was not installed by plugins")
	default:
		for _, d := range now.Drift {
			say(d.Path, "%s", d.Kind)
		}
		if now.ManifestError != nil && len(now.Drift) == 0 {
			say(plugin.ManifestFile, "%s", now.ManifestError)
		}
		pkg, _ := locked.Package(p.platform)
		switch {
		case !isLocked:
			say("", "it is installed, but not locked")
		case !now.Record.Version.Equal(locked.Version):
			say("", "version %s is installed, but %s is locked", now.Record.Version, locked.Version)
		case now.Record.Digest != pkg.Digest:
			say("", "it was installed from the package %s, but %s is locked", now.Record.Digest, pkg.Digest)
		}
	}
	r.OK = len(r.Problems) == 0
	return r
}

func (a *app) showVerified(r verifyReport) error {
	if a.flags.json {
		return a.document(r)
	}
	var b strings.Builder
	if r.Interrupted {
		b.WriteString(a.out.Yellow("An interrupted apply was found") + "; the next apply finishes or undoes it.\n\n")
	}
	for _, v := range r.Plugins {
		if v.OK {
			continue
		}
		fmt.Fprintf(&b, "%s %s %s\n", a.out.Red("!"), a.out.Bold(string(v.Name)), v.Version)
		for _, problem := range v.Problems {
			text := problem.Message
			if problem.Path != "" {
				text = string(v.Name) + "/" + problem.Path + ": " + text
			}
			b.WriteString("    " + ui.Line(text) + "\n")
		}
	}
	switch {
	case r.Drifted > 0:
		fmt.Fprintf(&b, "\n%s %d of %s drifted; plugins apply mends that.\n", a.out.Bold("Verified:"), r.Drifted, ui.Count(len(r.Plugins), "plugin"))
	default:
		fmt.Fprintf(&b, "%s %s, every file as installed.\n", a.out.Bold("Verified:"), ui.Count(len(r.Plugins), "plugin"))
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}
