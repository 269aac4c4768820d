package project

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/plugin"
)

// The names of the files of a project.
const (
	ConfigFile     = "plugins.hcl"
	ConfigFileJSON = "plugins.hcl.json"
	LockFile       = "plugins.lock.hcl"
)

// Options says what differs from the usual. The zero value is what the command
// plugins does without flags.
type Options struct {
	LockFile   string // path of the lock file; "": LockFile beside the configuration
	PluginDir  string // the plugin directory; "": the configuration's
	ShownDir   string // how it is named in results; "": as PluginDir or the configuration writes it
	CacheDir   string // see [CacheDir]; "": the user's
	UserConfig string // the user's own file, which must exist; "": the usual place, where it may be missing

	// Env looks a variable up; nil: [os.LookupEnv].
	Env func(string) (string, bool)

	Offline     bool          // use no network
	Jobs        int           // downloads at once; 0: 8
	LockTimeout time.Duration // to wait for another process that changes the directory; 0: as long as it takes

	// Program is the version that required_version is about; zero: it is not checked.
	Program plugin.Version
	// UserAgent is how requests introduce themselves; "": "plugins".
	UserAgent string
	// Observe is told what happens on the way, by several goroutines at once.
	Observe plugin.Observer
}

// Project is a configuration and the places that belong to it. It may be used by
// several goroutines at once.
type Project struct {
	Config    *config.File
	LockPath  string
	PluginDir string // absolute
	ShownDir  string // the plugin directory, as the configuration or the options write it
	Platform  plugin.Platform

	blind   bool // the configuration is not known, and Config is an empty one
	options Options
}

// Open reads the configuration at path: a file, or the folder of a [ConfigFile] or a
// [ConfigFileJSON]. The errors are those of [config.Load].
func Open(path string, o Options) (*Project, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if path, err = Find(path); err != nil {
			return nil, err
		}
	}
	p := &Project{options: o, Platform: plugin.CurrentPlatform()}
	home, _ := os.UserHomeDir() // config explains where a "~" needs it
	load := config.Options{Env: p.env, Home: home, ProgramVersion: o.Program}
	load.UserConfig, load.UserConfigRequired = p.userConfig()
	c, err := config.Load(path, load)
	if err != nil {
		return nil, err
	}
	p.Config = c
	p.LockPath = filepath.Join(filepath.Dir(path), LockFile)
	p.ShownDir = p.Config.PluginDir
	p.PluginDir = p.Config.Abs(p.Config.PluginDir)
	return p, p.place()
}

// OpenDirectory is for what can be done without a configuration: to roll back, to
// recover and to verify the plugin directory that [Options.PluginDir] names. What
// needs one is [ErrNoConfig].
func OpenDirectory(o Options) (*Project, error) {
	if o.PluginDir == "" {
		return nil, errors.New("without a configuration, Options.PluginDir must say which directory is meant")
	}
	p := &Project{options: o, Platform: plugin.CurrentPlatform(), Config: &config.File{}, blind: true, LockPath: LockFile}
	return p, p.place()
}

// ErrNoConfig is found in the error for what cannot be done without a configuration.
var ErrNoConfig = errors.New("it cannot be done without a configuration")

// place puts lock file and plugin directory where the options say.
func (p *Project) place() (err error) {
	if p.options.LockFile != "" {
		p.LockPath = p.options.LockFile
	}
	if p.options.PluginDir != "" {
		p.ShownDir = cmp.Or(p.options.ShownDir, p.options.PluginDir)
		p.PluginDir, err = filepath.Abs(p.options.PluginDir)
	}
	return err
}

// Find is the configuration in a folder: of the two usual names, the one that is
// there.
func Find(folder string) (path string, err error) {
	native, json := filepath.Join(folder, ConfigFile), filepath.Join(folder, ConfigFileJSON)
	_, nativeErr := os.Lstat(native)
	_, jsonErr := os.Lstat(json)
	switch {
	case nativeErr == nil && jsonErr == nil:
		return "", &TwoConfigsError{Paths: [2]string{native, json}}
	case jsonErr == nil && errors.Is(nativeErr, fs.ErrNotExist):
		return json, nil
	}
	return native, nil
}

// TwoConfigsError says that a folder has a configuration in either syntax, and that
// nothing tells which one counts.
type TwoConfigsError struct{ Paths [2]string }

func (e *TwoConfigsError) Error() string {
	return fmt.Sprintf("there are both %s and %s: say with --file which one counts", e.Paths[0], e.Paths[1])
}

func (p *Project) env(name string) (string, bool) {
	if p.options.Env != nil {
		return p.options.Env(name)
	}
	return os.LookupEnv(name)
}

// userConfig is the user's own file; one that somebody names must exist.
func (p *Project) userConfig() (path string, required bool) {
	if p.options.UserConfig != "" {
		return p.options.UserConfig, true
	}
	if path, _ := p.env("PLUGINS_CONFIG"); path != "" {
		return path, true
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", false
	}
	return filepath.Join(dir, "plugins", "config.hcl"), false
}

// CacheDir is where packages are kept for a user who says nothing else: the folder
// that PLUGINS_CACHE_DIR names, else one in the user's cache directory; "" where the
// system knows none, and packages are kept for one run only.
func CacheDir(env func(string) (string, bool)) string {
	if dir, _ := env("PLUGINS_CACHE_DIR"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "plugins")
}
