package cli

import (
	"path/filepath"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

// options are what the flags and the environment say, seen from --chdir.
func (a *app) options(lockTimeout time.Duration) project.Options {
	o := project.Options{
		LockFile: a.atIf(a.flags.lockFile), PluginDir: a.flags.pluginDir, CacheDir: a.cacheDir(), Env: a.env,
		Offline: a.flags.offline, Jobs: a.flags.jobs, LockTimeout: lockTimeout,
		Program: programVersion(), UserAgent: "plugins/" + programVersion().String(), Observe: a.observe,
	}
	if a.flags.pluginDir != "" {
		o.PluginDir, o.ShownDir = a.at(a.flags.pluginDir), a.flags.pluginDir
	}
	if path, _ := a.env("PLUGINS_CONFIG"); path != "" {
		o.UserConfig = a.at(path)
	}
	return o
}

// open reads the configuration and shows its warnings.
func (a *app) open(lockTimeout time.Duration) (*project.Project, error) {
	path, err := a.configPath()
	if err != nil {
		return nil, err
	}
	p, err := project.Open(path, a.options(lockTimeout))
	if err != nil {
		return nil, err
	}
	a.shownDir = p.ShownDir
	a.actions.opened(p)
	if len(p.Config.Warnings) > 0 {
		err = p.Config.WriteWarnings(a.stderr, uint(width(a.stderr)), a.err.On())
	}
	return p, err
}

// openDir is open for a command that can do without the configuration: where
// --plugin-dir tells the plugin directory, one that cannot be read is a warning.
func (a *app) openDir(lockTimeout time.Duration) (*project.Project, error) {
	p, err := a.open(lockTimeout)
	if err == nil || a.flags.pluginDir == "" {
		return p, err
	}
	a.warn("going on without the configuration: " + err.Error())
	o := a.options(lockTimeout)
	if path, err := a.configPath(); err == nil && o.LockFile == "" {
		o.LockFile = filepath.Join(filepath.Dir(path), project.LockFile)
	}
	p, err = project.OpenDirectory(o)
	if err != nil {
		return nil, err
	}
	a.shownDir = p.ShownDir
	return p, nil
}

// configPath is the file that --file names, or the one of the usual two that is
// there.
func (a *app) configPath() (string, error) {
	if a.flags.file != "" {
		return a.at(a.flags.file), nil
	}
	return project.Find(a.flags.chdir)
}

// cacheDir is where packages are kept; "", kept for this run only, where the
// system knows no place.
func (a *app) cacheDir() string {
	if a.flags.cacheDir != "" {
		return a.at(a.flags.cacheDir)
	}
	return a.atIf(project.CacheDir(a.env))
}

// observe shows what happens.
func (a *app) observe(e plugin.Event) {
	a.actions.happened(e)
	if r, ok := e.(plugin.RecoverEvent); ok {
		a.showRecovered(r)
		return
	}
	a.work.Note(e)
	a.observeHost(e)
	a.view.Event(e)
}
