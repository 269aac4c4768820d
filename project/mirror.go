package project

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/export"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// MirrorOptions says what to mirror. The zero value mirrors all that the lock names.
type MirrorOptions struct {
	Platforms []plugin.Platform // these alone
	// Config is the file of settings to write, for a repository; "": none.
	Config string
}

// Mirrored is what a mirror holds, in the form that --json prints.
type Mirrored struct {
	Mirror   string        `json:"mirror"`   // where it is: a folder, or a repository of an OCI registry
	Config   string        `json:"config"`   // the file that makes another machine use it; "" if none was written
	Plugins  int           `json:"plugins"`  // whose packages it holds
	Packages int           `json:"packages"` // each once, whoever needs it
	Bytes    int64         `json:"bytes"`
	Added    int           `json:"added"`   // packages that were missing there
	Present  int           `json:"present"` // packages that were there already
	Local    []plugin.Name `json:"local"`   // plugins whose source is a path: they come along with the configuration
}

// MirrorConfig is what, in the user's own file, makes a machine use a repository that
// packages were mirrored to.
func MirrorConfig(repository string) string { return export.RepositoryConfig(repository) }

// MirrorConfigError says that a file in the way of the one that a mirror would write is
// somebody's own.
type MirrorConfigError = export.NotOursError

// InPluginDirError says that a mirror would be in the plugin directory, where only
// apply writes and hosts look for plugins.
type InPluginDirError struct{ Dir, PluginDir string }

func (e *InPluginDirError) Error() string {
	return fmt.Sprintf("%s is in the plugin directory %s, which only apply changes", e.Dir, e.PluginDir)
}

// Mirror exports every package that the lock names to a folder, so that it can be carried
// to machines without network, or to a repository of an OCI registry that those machines
// reach, "oci://HOST/REPOSITORY": only what is missing there, and what is in the folder is
// rehashed. A file of settings is written beside the packages in a folder in the end, which
// makes another machine use it, wherever that is by then; for a repository, where
// [MirrorOptions.Config] says.
//
// The lock must be up to date; else the error is a [*lock.MissingError] or a
// [*lock.OutOfDateError]. Every package that cannot be exported is reported: the error
// joins a [*plugin.Error] for each. A result beside an error tells what is there all the
// same, for the next run to go on from.
func (p *Project) Mirror(ctx context.Context, to string, o MirrorOptions) (out *Mirrored, err error) {
	if err := p.Configured(); err != nil {
		return nil, err
	}
	to, config, err := p.mirrorAt(to, o.Config)
	if err != nil {
		return nil, err
	}
	pkgs, local, err := p.toMirror(ctx, o)
	if err != nil {
		return nil, err
	}
	reach, err := p.access()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reach.Close()) }()
	if err := reach.Missing(ctx, wantedOf(pkgs)); err != nil {
		return nil, err
	}
	exported := export.Options{Packages: pkgs, Access: reach, Jobs: p.options.Jobs}
	var done export.Outcome
	if plugin.IsOCI(to) {
		done, err = export.ToRepository(ctx, to, config, exported)
	} else {
		done, err = export.ToFolder(ctx, to, exported)
	}
	if done.Packages == 0 && err != nil {
		return nil, err
	}
	return &Mirrored{
		Mirror: to, Config: config, Plugins: pluginsOf(pkgs),
		Packages: done.Packages, Bytes: done.Bytes, Added: done.Added, Present: done.Present, Local: local,
	}, err
}

// mirrorAt is where a mirror is to be, and its file of settings; "" if there is none.
func (p *Project) mirrorAt(to, config string) (at, file string, err error) {
	if plugin.IsOCI(to) {
		ref, err := plugin.ParseOCI(to)
		if err == nil && ref.Digest != "" {
			err = errNoRepository
		}
		if err != nil {
			return "", "", fmt.Errorf("%s: %w", plugin.RedactURL(to), err)
		}
		if config != "" {
			config, err = filepath.Abs(config)
		}
		return ref.Name(), config, err
	}
	switch {
	case strings.Contains(to, "://"):
		return "", "", fmt.Errorf(`%s is no place for a mirror: that is a folder, or "oci://HOST/REPOSITORY"`, plugin.RedactURL(to))
	case config != "":
		return "", "", errFolderConfig
	}
	dir, err := filepath.Abs(to)
	if err != nil {
		return "", "", err
	}
	if isWithin(dir, p.PluginDir) {
		return "", "", &InPluginDirError{Dir: dir, PluginDir: p.ShownDir}
	}
	return dir, filepath.Join(dir, export.ConfigFile), nil
}

var (
	errNoRepository = errors.New(`a repository is written as "oci://HOST/REPOSITORY"`)
	errFolderConfig = errors.New("a folder has its own config.hcl: where another one is to be can be said for an oci:// repository only")
)

// isWithin reports whether path is the folder, or in it, links followed.
func isWithin(path, folder string) bool {
	for _, p := range []string{path, realPath(path)} {
		for _, f := range []string{folder, realPath(folder)} {
			if rel, err := filepath.Rel(f, p); err == nil && filepath.IsLocal(rel) {
				return true
			}
		}
	}
	return false
}

// realPath is a path without links, as far as it exists.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if parent := filepath.Dir(path); parent != path {
		return filepath.Join(realPath(parent), filepath.Base(path))
	}
	return path
}

// toMirror lists the packages that the lock names, and the plugins whose source is a
// path: wherever the lock can be applied, that must be readable anyway.
func (p *Project) toMirror(ctx context.Context, o MirrorOptions) (pkgs []export.Package, local []plugin.Name, err error) {
	if err := p.CheckLock(ctx); err != nil {
		return nil, nil, err
	}
	l, err := lock.Load(p.LockPath)
	if err != nil {
		return nil, nil, err
	}
	required := p.required(l)
	if err := p.allowed(required, o.Platforms...); err != nil {
		return nil, nil, err
	}
	local = []plugin.Name{}
	var errs []error
	for _, r := range required {
		locked, _ := l.Plugin(r.Name)
		if r.Source.Kind.Local() {
			local = append(local, locked.Name)
			continue
		}
		wanted, err := packagesFor(r, locked, o.Platforms)
		if err != nil {
			errs = append(errs, &plugin.Error{Plugin: r.Name, Pos: r.Pos, Err: err})
		}
		for _, pkg := range wanted {
			pkgs = append(pkgs, export.Package{Requirement: r, Version: locked.Version, Package: pkg})
		}
	}
	return pkgs, local, errors.Join(errs...)
}

// NotLockedError says that a plugin is not locked for platforms that it is wanted on.
type NotLockedError struct {
	Platforms []plugin.Platform
	Locked    []plugin.Platform
}

func (e *NotLockedError) Error() string {
	return fmt.Sprintf("it is not locked for %s, only for %s", plugin.PlatformList(e.Platforms), plugin.PlatformList(e.Locked))
}

// packagesFor are the packages of a locked plugin for these platforms; nil: all of them.
func packagesFor(r plugin.Requirement, locked lock.Plugin, platforms []plugin.Platform) ([]plugin.Package, error) {
	if platforms == nil {
		return locked.Packages, nil
	}
	var pkgs []plugin.Package
	var lacks []plugin.Platform
	for _, platform := range platforms {
		pkg, ok := locked.Package(platform)
		switch {
		case ok && !slices.Contains(pkgs, pkg):
			pkgs = append(pkgs, pkg)
		case !ok && r.WantedOn(platform):
			lacks = append(lacks, platform)
		}
	}
	if lacks != nil {
		return nil, &NotLockedError{Platforms: lacks, Locked: locked.Platforms()}
	}
	return pkgs, nil
}

func wantedOf(pkgs []export.Package) []access.Wanted {
	wanted := make([]access.Wanted, len(pkgs))
	for i, p := range pkgs {
		wanted[i] = access.Wanted{Requirement: p.Requirement, Package: p.Package}
	}
	return wanted
}

func pluginsOf(pkgs []export.Package) int {
	names := map[plugin.Name]bool{}
	for _, p := range pkgs {
		names[p.Requirement.Name] = true
	}
	return len(names)
}
