package installed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/plugins-hcl/plugins/plugin"
)

// Snapshot is what is in a plugin directory.
type Snapshot struct {
	Dir         string
	Plugins     []Plugin // sorted by name
	Unmanaged   []string // folders that are neither recorded nor asked about; sorted
	Interrupted bool     // an apply was cut off while it committed
}

// Plugin is one plugin of a snapshot: it has a record, a folder, or both.
type Plugin struct {
	Name    plugin.Name
	Record  *Record // nil: this program did not install it
	Present bool    // its folder exists
	// Version is what its plugin.json says; zero where that cannot be read, and
	// ManifestError tells why.
	Version       plugin.Version
	ManifestError error
	Drift         []Drift // what differs from the record; sorted by path
}

// Plugin finds the plugin of that name.
func (s *Snapshot) Plugin(name plugin.Name) (Plugin, bool) {
	i, ok := slices.BinarySearchFunc(s.Plugins, name, func(p Plugin, n plugin.Name) int { return cmp.Compare(p.Name, n) })
	if !ok {
		return Plugin{}, false
	}
	return s.Plugins[i], true
}

// Options says how to look.
type Options struct {
	Wanted map[plugin.Name][]string // plugins asked about, each with its patterns of kept files
	Rehash bool                     // every file, however untouched it looks
}

// maxManifest bounds an installed plugin.json, in bytes; what a package may hold is
// bounded when it is installed.
const maxManifest = 64 << 20

// NotADirectoryError says that what should be a folder is something else.
type NotADirectoryError struct {
	Path string
	Mode fs.FileMode
}

func (e *NotADirectoryError) Error() string {
	what := "a file"
	switch {
	case e.Mode&fs.ModeSymlink != 0:
		what = "a symbolic link, which hosts skip and apply will not follow"
	case !e.Mode.IsRegular():
		what = "not a folder"
	}
	return fmt.Sprintf("%s is %s; it must be a folder", e.Path, what)
}

// Scan looks at a plugin directory. That it does not exist is an empty snapshot;
// that anything in it cannot be read is an error: what is unreadable is not
// absent. What vanishes while it is looked at, because an apply is just committing,
// is looked for again.
func Scan(ctx context.Context, dir string, o Options) (*Snapshot, error) {
	const attempts = 10
	for i := 1; ; i++ {
		snap, err := scan(ctx, dir, o)
		if i == attempts || !errors.Is(err, fs.ErrNotExist) {
			return snap, err
		}
	}
}

func scan(ctx context.Context, dir string, o Options) (*Snapshot, error) {
	s := State{Dir: dir}
	snap := &Snapshot{Dir: dir}
	entries, err := os.ReadDir(dir)
	// Looked at first: to Windows, the contents of a file do not exist.
	if info, statErr := os.Stat(dir); err != nil && statErr == nil && !info.IsDir() {
		return nil, &NotADirectoryError{Path: dir, Mode: info.Mode()}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return snap, nil
	}
	if err != nil {
		return nil, err
	}
	if snap.Interrupted, err = exists(s.Journal()); err != nil {
		return nil, err
	}
	recorded, err := s.recorded()
	if err != nil {
		return nil, err
	}
	names := map[plugin.Name]bool{}
	for _, n := range recorded {
		names[n] = false
	}
	for _, e := range entries {
		name := plugin.Name(e.Name())
		_, isRecorded := names[name]
		_, isWanted := o.Wanted[name]
		switch {
		case e.Name() == StateDir:
		case isRecorded || isWanted:
			names[name] = true
		case e.IsDir() || e.Type()&fs.ModeSymlink != 0:
			snap.Unmanaged = append(snap.Unmanaged, e.Name())
		}
	}
	snap.Plugins, err = scanPlugins(ctx, s, names, o)
	return snap, err
}

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func scanPlugins(ctx context.Context, s State, names map[plugin.Name]bool, o Options) ([]Plugin, error) {
	plugins := make([]Plugin, 0, len(names))
	for name, present := range names {
		plugins = append(plugins, Plugin{Name: name, Present: present})
	}
	slices.SortFunc(plugins, func(a, b Plugin) int { return cmp.Compare(a.Name, b.Name) })
	errs := make([]error, len(plugins))
	var g errgroup.Group
	g.SetLimit(2 * runtime.GOMAXPROCS(0))
	for i := range plugins {
		g.Go(func() error {
			if err := plugins[i].look(ctx, s, o); err != nil {
				errs[i] = &plugin.Error{Plugin: plugins[i].Name, Err: err}
			}
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs
	return plugins, errors.Join(errs...)
}

func (p *Plugin) look(ctx context.Context, s State, o Options) error {
	record, written, err := s.ReadRecord(p.Name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	p.Record = record
	if !p.Present {
		return nil
	}
	dir := s.Plugin(p.Name)
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &NotADirectoryError{Path: dir, Mode: info.Mode()}
	}
	if err := p.readManifest(dir); err != nil {
		return err
	}
	if record == nil {
		return nil
	}
	p.Drift, err = check(ctx, dir, record, written, o.Wanted[p.Name], o.Rehash)
	return err
}

// readManifest tells a plugin.json that is missing or makes no sense, which
// repairing mends, from one that cannot be read.
func (p *Plugin) readManifest(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	m, err := plugin.ReadManifest(root, maxManifest)
	var pathError *fs.PathError
	if errors.As(err, &pathError) && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", filepath.Join(dir, plugin.ManifestFile), pathError.Err)
	}
	p.Version, p.ManifestError = m.Version, err
	return nil
}
