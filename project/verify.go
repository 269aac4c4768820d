package project

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// Report is what verifying found, in the form that --json prints.
type Report struct {
	FormatVersion string     `json:"format_version"`
	PluginDir     string     `json:"plugin_dir"`
	Plugins       []Verified `json:"plugins"` // sorted by name
	Interrupted   bool       `json:"interrupted"`
	Drifted       int        `json:"drifted"` // plugins that are not OK

	changed int // plugins, named or not, whose files are not as they were installed
}

// Verified is one plugin of a report.
type Verified struct {
	Name     plugin.Name    `json:"name"`
	Version  plugin.Version `json:"version,omitzero"`
	OK       bool           `json:"ok"`
	Blocked  bool           `json:"-"` // no folder stands at its place: apply will not mend that
	Problems []Problem      `json:"problems"`
}

// Problem is one thing that is not as it should be; Path is the file, where it is
// about one.
type Problem struct {
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
}

// Verify rehashes every file of the installed plugins, or of those named, against
// its record, and holds the records against the lock. It changes nothing. Without a
// configuration a lock file that cannot be read is a warning, and only the records
// count.
func (p *Project) Verify(ctx context.Context, names ...plugin.Name) (*Report, error) {
	if _, err := os.Stat(p.PluginDir); p.blind && err != nil {
		return nil, err // nothing else tells that there should be something
	}
	l, err := lock.Load(p.LockPath)
	withoutLock := err != nil && p.blind
	if withoutLock {
		p.options.Observe.Tell(plugin.WarningEvent{Message: "comparing with the records only: " + err.Error()})
		l, err = &lock.File{}, nil
	}
	if err != nil {
		return nil, err
	}
	snap, err := p.scan(ctx, l, true)
	if err != nil {
		return nil, err
	}
	report := &Report{
		FormatVersion: plan.FormatVersion, PluginDir: p.ShownDir, Interrupted: snap.Interrupted, Plugins: []Verified{},
		changed: len(snap.Changed()),
	}
	for _, name := range p.toVerify(l, snap) {
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		now, _ := snap.Plugin(name)
		r := verified(now)
		r.Name = name
		if now.Present && now.Record != nil && !withoutLock {
			r.compare(now.Record, l, p.Platform)
		}
		if r.OK = len(r.Problems) == 0; !r.OK {
			report.Drifted++
		}
		report.Plugins = append(report.Plugins, r)
	}
	for _, name := range names {
		if !slices.ContainsFunc(report.Plugins, func(r Verified) bool { return r.Name == name }) {
			return nil, fmt.Errorf("no plugin %q is locked or installed", name)
		}
	}
	return report, nil
}

// toVerify are the plugins that should be installed here, and those that are.
func (p *Project) toVerify(l *lock.File, snap *installed.Snapshot) []plugin.Name {
	var names []plugin.Name
	for _, locked := range l.Plugins {
		if p.wantsHere(locked) {
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

// wantsHere reports whether a locked plugin should be installed on this platform;
// without a configuration, whether it can be.
func (p *Project) wantsHere(locked lock.Plugin) bool {
	if p.blind {
		_, ok := locked.Package(p.Platform)
		return ok
	}
	r, ok := p.Config.Plugin(locked.Name)
	return !ok || r.WantedOn(p.Platform)
}

// verified tells how a plugin differs from its record.
func verified(now installed.Plugin) Verified {
	r := Verified{Version: now.Version, Blocked: now.Blocked != nil, Problems: []Problem{}}
	switch {
	case now.Blocked != nil:
		r.add("", now.Blocked.Error())
	case !now.Present:
		r.add("", "it is not installed")
	case now.Record == nil:
		r.add("", "it was not installed by plugins")
	default:
		for _, d := range now.Drift {
			r.add(d.Path, string(d.Kind))
		}
		if now.ManifestError != nil && len(now.Drift) == 0 {
			r.add(plugin.ManifestFile, now.ManifestError.Error())
		}
	}
	return r
}

func (r *Verified) add(path, message string) {
	r.Problems = append(r.Problems, Problem{Path: path, Message: message})
}

// compare tells how a record differs from the lock.
func (r *Verified) compare(record *installed.Record, l *lock.File, platform plugin.Platform) {
	locked, isLocked := l.Plugin(r.Name)
	pkg, _ := locked.Package(platform)
	switch {
	case !isLocked:
		r.add("", "it is installed, but not locked")
	case !record.Version.Equal(locked.Version):
		r.add("", fmt.Sprintf("version %s is installed, but %s is locked", record.Version, locked.Version))
	case record.Digest != pkg.Digest:
		r.add("", fmt.Sprintf("it was installed from the package %s, but %s is locked", record.Digest, pkg.Digest))
	}
}
