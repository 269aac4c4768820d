package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/internal/wfctl"
	"github.com/plugins-hcl/plugins/plugin"
)

// InitOptions says what to start from. The zero value is for nothing but an example.
type InitOptions struct {
	// From is a wfctl.yaml, or a directory of installed plugins; "": neither.
	From string
}

// Started is what [Init] wrote.
type Started struct {
	Path      string
	PluginDir string // as the file says it
	Plugins   []plugin.Name
	Notes     []Note // what was not taken over, or is to be looked at
}

// Note is a remark of [Init], about a place in what it read.
type Note struct {
	Pos  plugin.Pos // zero: about no place
	Text string
}

func (n Note) String() string {
	if n.Pos.File == "" {
		return n.Text
	}
	return n.Pos.String() + ": " + n.Text
}

// ExistsError says that there is a configuration already, which is left as it is. It
// is [fs.ErrExist].
type ExistsError struct{ Path string }

func (e *ExistsError) Error() string {
	return e.Path + " is there already, and was left as it is"
}

// Is makes every ExistsError an [fs.ErrExist].
func (e *ExistsError) Is(target error) bool { return target == fs.ErrExist }

// Init writes a configuration to start from at path, where none may be yet. What it
// says of plugins has the versions that [InitOptions.From] has, so that moving in upgrades
// nothing; where a registry may call a plugin by several names, it is asked, unless
// [Options.Offline]. Nothing else is written: what is installed is looked at only.
func Init(ctx context.Context, path string, from InitOptions, o Options) (*Started, error) {
	if err := free(path); err != nil {
		return nil, err
	}
	p := &Project{options: o, Platform: plugin.CurrentPlatform()}
	m, err := p.move(from.From, filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	if err := m.ask(ctx, path); err != nil {
		return nil, err
	}
	draft := m.draft()
	text, err := draft.Text()
	if err != nil {
		return nil, fmt.Errorf("the configuration that %s asks for is none: %w", m.from, err)
	}
	if err := swap.CreateFile(path, text, 0o644); errors.Is(err, fs.ErrExist) {
		return nil, &ExistsError{Path: path}
	} else if err != nil {
		return nil, err
	}
	out := &Started{Path: path, PluginDir: m.pluginDir, Notes: m.notes}
	for _, d := range draft.Plugins {
		out.Plugins = append(out.Plugins, d.Name)
	}
	return out, nil
}

// free says whether a configuration can be written at path: nothing may be there, nor a
// configuration in the other syntax beside it, which would make it two.
func free(path string) error {
	if strings.HasSuffix(path, ".json") {
		return fmt.Errorf("%s would be JSON; init writes HCL's native syntax only", path)
	}
	taken := []string{path}
	if filepath.Base(path) == ConfigFile {
		taken = append(taken, filepath.Join(filepath.Dir(path), ConfigFileJSON))
	}
	for _, name := range taken {
		if _, err := os.Lstat(name); err == nil {
			return &ExistsError{Path: name}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return &swap.NoFolderError{Path: filepath.Dir(path)}
	}
	return nil
}

// move reads what there is to start from.
func (p *Project) move(from, dir string) (*moving, error) {
	m := &moving{project: p, dir: dir, from: from}
	err := m.read()
	if err != nil {
		return nil, err
	}
	if p.options.PluginDir != "" {
		m.pluginDir, err = m.relative(p.options.PluginDir)
	}
	m.nameRegistries()
	m.remark()
	return m, err
}

// read describes what [InitOptions.From] names: a directory is what is installed, a file
// one of wfctl's.
func (m *moving) read() (err error) {
	m.pluginDir, m.setup = config.DefaultPluginDir, &wfctl.Setup{}
	if m.from == "" {
		return nil
	}
	info, err := os.Stat(m.from)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		m.pluginDir = wfctl.PluginDir
		m.setup, err = wfctl.Load(m.from)
		return err
	}
	m.installed = true
	if m.setup, err = wfctl.Scan(m.from); err != nil {
		return err
	}
	m.pluginDir, err = m.relative(m.from)
	return err
}

// relative is a path as the configuration can say it: one that is absolute stays so,
// another is seen from the configuration's folder.
func (m *moving) relative(path string) (string, error) {
	if filepath.IsAbs(path) {
		return filepath.ToSlash(filepath.Clean(path)), nil
	}
	dir, err := filepath.Abs(m.dir)
	if err != nil {
		return "", err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(dir, abs)
	if err != nil {
		return filepath.ToSlash(abs), nil // on another drive
	}
	return filepath.ToSlash(rel), nil
}
