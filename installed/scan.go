package installed

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/plugins-hcl/plugins/internal/commit"
	"github.com/plugins-hcl/plugins/internal/parallel"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// Snapshot is what is in a plugin directory.
type Snapshot struct {
	Dir         string
	Plugins     []Plugin // sorted by name
	Unmanaged   []string // folders that are neither recorded nor asked about; sorted
	Interrupted bool     // an apply was cut off while it committed

	// Stale are the plugins that nobody asks about and whose record outlived their
	// folder; one of that name that somebody made since is unmanaged. Sorted.
	Stale []plugin.Name
}

// Plugin is one plugin of a snapshot: it has a record, a folder, or both.
type Plugin struct {
	Name    plugin.Name
	Record  *Record // nil: this program did not install it
	Present bool    // its folder exists, or something else at its place
	// Blocked tells what stands at its place, if that is no folder. Nothing else is
	// known then.
	Blocked *NotADirectoryError
	// Version is what its plugin.json says; zero where that cannot be read, and
	// ManifestError tells why.
	Version       plugin.Version
	ManifestError error
	Drift         []Drift // what differs from the record; sorted by path
	// Others are the files in its folder that did not come with its package, or are not
	// as they came: those that it keeps first, then by path. They are listed where all
	// would be deleted: in a folder that this program did not install, less what is
	// asked to be kept there, and in one that nobody asks about.
	Others []string
}

// Plugin finds the plugin of that name.
func (s *Snapshot) Plugin(name plugin.Name) (Plugin, bool) {
	i, ok := slices.BinarySearchFunc(s.Plugins, name, func(p Plugin, n plugin.Name) int { return cmp.Compare(p.Name, n) })
	if !ok {
		return Plugin{}, false
	}
	return s.Plugins[i], true
}

// Changed are the plugins whose files are not those that were installed, or that are
// gone.
func (s *Snapshot) Changed() []plugin.Name {
	var names []plugin.Name
	for _, p := range s.Plugins {
		if p.Record != nil && (!p.Present || p.Blocked != nil || len(p.Drift) > 0) {
			names = append(names, p.Name)
		}
	}
	return names
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
type NotADirectoryError = swap.NotADirectoryError

// DanglingLinkError says that the plugin directory is a link that leads nowhere: a
// disk that is not mounted, say.
type DanglingLinkError = swap.DanglingLinkError

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
		return snap, swap.CheckDir(dir)
	}
	if err != nil {
		return nil, err
	}
	if snap.Interrupted, err = commit.Interrupted(dir); err != nil {
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
	snap.leaveAlone(o)
	return snap, err
}

// leaveAlone makes what nobody asks about, and what this program did not install
// after all, unmanaged.
func (s *Snapshot) leaveAlone(o Options) {
	kept := s.Plugins[:0]
	for _, p := range s.Plugins {
		_, wanted := o.Wanted[p.Name]
		if wanted || p.Present && p.Record != nil {
			kept = append(kept, p)
			continue
		}
		s.Stale = append(s.Stale, p.Name)
		switch {
		case !p.Present:
			kept = append(kept, p)
		case p.Blocked == nil || p.Blocked.Mode&fs.ModeSymlink != 0:
			s.Unmanaged = append(s.Unmanaged, string(p.Name))
		}
	}
	s.Plugins = kept
	slices.Sort(s.Unmanaged)
}

func scanPlugins(ctx context.Context, s State, names map[plugin.Name]bool, o Options) ([]Plugin, error) {
	plugins := make([]Plugin, 0, len(names))
	for name, present := range names {
		plugins = append(plugins, Plugin{Name: name, Present: present})
	}
	slices.SortFunc(plugins, func(a, b Plugin) int { return cmp.Compare(a.Name, b.Name) })
	err := parallel.Each(len(plugins), 2*runtime.GOMAXPROCS(0), func(i int) error {
		if err := plugins[i].look(ctx, s, o); err != nil {
			return &plugin.Error{Plugin: plugins[i].Name, Err: err}
		}
		return nil
	})
	return plugins, err
}

// Look looks at one plugin whose folder exists, as [Scan] does where nobody asks about
// it: its Record is nil unless it is surely the one that was installed.
func (s State) Look(ctx context.Context, name plugin.Name) (Plugin, error) {
	p := Plugin{Name: name, Present: true}
	err := p.look(ctx, s, Options{})
	return p, err
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
		p.Blocked = &NotADirectoryError{Path: dir, Mode: info.Mode()}
		p.Record = nil
		return nil
	}
	if err := p.readManifest(dir); err != nil {
		return err
	}
	keep, wanted := o.Wanted[p.Name]
	if record != nil {
		if p.Drift, err = Check(ctx, dir, record, written, keep, o.Rehash); err != nil {
			return err
		}
		if p.Record, err = record.ifOf(dir, p.Drift, wanted); err != nil {
			return err
		}
	}
	if p.Record == nil {
		p.Drift = nil
	}
	if wanted && p.Record != nil {
		return nil
	}
	p.Others, err = p.others(ctx, dir, keep)
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
		return &fs.PathError{Op: "open", Path: filepath.Join(dir, plugin.ManifestFile), Err: pathError.Err}
	}
	p.Version, p.ManifestError = m.Version, err
	return nil
}
