package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

const (
	configFile     = "plugins.hcl"
	configFileJSON = "plugins.hcl.json"
	lockFile       = "plugins.lock.hcl"
)

// project is a configuration and the paths that belong to it.
type project struct {
	app       *app
	config    *config.File
	lockPath  string
	pluginDir string // absolute
	shownDir  string // as the configuration or the flag writes it
	platform  plugin.Platform
}

// open reads the configuration and shows its warnings.
func (a *app) open() (*project, error) {
	path, err := a.configPath()
	if err != nil {
		return nil, err
	}
	home, _ := os.UserHomeDir() // config explains where a "~" needs it
	o := config.Options{Env: a.env, Home: home, ProgramVersion: programVersion()}
	o.UserConfig, o.UserConfigRequired = a.userConfig()
	c, err := config.Load(path, o)
	if err != nil {
		return nil, err
	}
	if len(c.Warnings) > 0 {
		if err := c.WriteWarnings(a.stderr, a.width(), a.err.On()); err != nil {
			return nil, err
		}
	}
	p := &project{app: a, config: c, lockPath: filepath.Join(filepath.Dir(path), lockFile), platform: plugin.CurrentPlatform()}
	if a.flags.lockFile != "" {
		p.lockPath = a.at(a.flags.lockFile)
	}
	p.shownDir = c.PluginDir
	p.pluginDir = c.Abs(c.PluginDir)
	if a.flags.pluginDir != "" {
		p.shownDir = a.flags.pluginDir
		if p.pluginDir, err = filepath.Abs(a.at(a.flags.pluginDir)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// configPath is the file that --file names, or the one of the usual two that is
// there.
func (a *app) configPath() (string, error) {
	if a.flags.file != "" {
		return a.at(a.flags.file), nil
	}
	native, json := a.at(configFile), a.at(configFileJSON)
	_, nativeErr := os.Lstat(native)
	_, jsonErr := os.Lstat(json)
	switch {
	case nativeErr == nil && jsonErr == nil:
		return "", fmt.Errorf("there are both %s and %s: say with --file which one counts", native, json)
	case jsonErr == nil && errors.Is(nativeErr, fs.ErrNotExist):
		return json, nil
	}
	return native, nil
}

// userConfig is the user's own file; one that PLUGINS_CONFIG names must exist.
func (a *app) userConfig() (path string, required bool) {
	if path, ok := a.env("PLUGINS_CONFIG"); ok && path != "" {
		return a.at(path), true
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", false
	}
	return filepath.Join(dir, "plugins", "config.hcl"), false
}

// access opens the way to documents and packages.
func (p *project) access(observe plugin.Observer) (*source.Access, error) {
	a := p.app
	o := source.AccessOptions{
		CacheDir: a.cacheDir(), Offline: a.flags.offline, Jobs: a.flags.jobs,
		Allow: p.trust().AllowURL, UserAgent: "plugins/" + Version, Abs: p.config.Abs, Observe: observe, Netrc: a.netrc(),
	}
	for _, m := range p.config.Mirrors {
		o.Mirrors = append(o.Mirrors, source.Mirror{Prefix: m.Prefix, URL: m.URL})
	}
	o.Credentials = a.credentials(p.config)
	return source.NewAccess(o)
}

// cacheDir is where packages are kept; "", kept for this run only, where the
// system knows no place.
func (a *app) cacheDir() string {
	if a.flags.cacheDir != "" {
		return a.at(a.flags.cacheDir)
	}
	if dir, ok := a.env("PLUGINS_CACHE_DIR"); ok && dir != "" {
		return a.at(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "plugins")
}

// supported refuses what the configuration asks for and this version cannot do.
func (p *project) supported() error {
	var errs []error
	for _, u := range p.config.Unsupported() {
		errs = append(errs, fmt.Errorf("%s: %s is %w", u.Pos, u.What, plugin.ErrNotSupported))
	}
	return errors.Join(errs...)
}

// lock reads the lock file, which must be there.
func (p *project) lock() (*lock.File, error) { return lock.Load(p.lockPath) }

// local digests what lies at the local sources that are locked for this platform.
func (p *project) local(ctx context.Context, l *lock.File) map[string]lock.Local {
	found := map[string]lock.Local{}
	for _, r := range p.config.Plugins {
		locked, ok := l.Plugin(r.Name)
		if !ok || r.Source.Kind != plugin.SourceLocal || !r.WantedOn(p.platform) {
			continue
		}
		if pkg, ok := locked.Package(p.platform); ok && pkg.Path != "" {
			digest, err := source.DigestLocal(ctx, p.config.Abs(pkg.Path))
			found[pkg.Path] = lock.Local{Digest: digest, Err: err}
		}
	}
	return found
}

// scan looks at the plugin directory.
func (p *project) scan(ctx context.Context, l *lock.File, rehash bool) (*installed.Snapshot, error) {
	wanted := map[plugin.Name][]string{}
	for _, locked := range l.Plugins {
		wanted[locked.Name] = nil
	}
	for _, r := range p.config.Plugins {
		if r.WantedOn(p.platform) {
			wanted[r.Name] = r.Keep
		} else {
			delete(wanted, r.Name)
		}
	}
	return installed.Scan(ctx, p.pluginDir, installed.Options{Wanted: wanted, Rehash: rehash})
}

// planned is a plan and what it was made from.
type planned struct {
	*plan.Plan
	inputs plan.Inputs
}

// plan compares the lock with the directory.
func (p *project) plan(ctx context.Context) (*planned, error) {
	l, err := p.lock()
	if err != nil {
		return nil, err
	}
	snap, err := p.scan(ctx, l, false)
	if err != nil {
		return nil, err
	}
	made, err := plan.Build(plan.Input{
		Required: p.config.Plugins, Platforms: p.config.Platforms, Host: p.host(), Lock: l, Local: p.local(ctx, l),
		Snapshot: snap, Platform: p.platform, PluginDir: p.shownDir,
	})
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(p.config.Path)
	if err != nil {
		return nil, err
	}
	inputs, err := plan.DigestInputs(text, l, snap)
	return &planned{Plan: made, inputs: inputs}, err
}

// names checks that every plugin of a command line is declared.
func (p *project) names(args []string) ([]plugin.Name, error) {
	var names []plugin.Name
	for _, arg := range args {
		name := plugin.Name(strings.TrimSpace(arg))
		if _, ok := p.config.Plugin(name); !ok {
			return nil, fmt.Errorf("no plugin %q is declared in %s", arg, p.config.Path)
		}
		names = append(names, name)
	}
	return names, nil
}
