package crashtest

import (
	"errors"
	"hash/maphash"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/installed"
)

// A model of a file system that keeps of what was not synced whatever it likes, in
// the manner of ALICE. Source: Pillai et al., "All File Systems Are Not Created
// Equal: On the Complexity of Crafting Crash-Consistent Applications", OSDI 2014.
//
// It promises less than any file system in use:
//
//   - What a file holds, and its mode, are on the disk once that file was synced;
//     before, they may be missing, or the file may have its length and hold zeros.
//   - A name is on the disk once its folder was synced, and one that moved from a
//     folder to another once both were. That syncing a new file keeps its name too,
//     as ext4 and xfs do, is not relied on, nor that changes arrive in their order.
//   - A rename happens or does not, for both names; and of the changes of one and the
//     same name, a later one does not arrive without the earlier ones.

// inode is the number of a file or a folder; 0 is none.
type inode int

// effect is one change that an operation made, which is on the disk as a whole or
// not at all.
type effect struct {
	what  string
	end   int            // the line of the trace in which it was done
	needs []int          // the effects without which this one is not on the disk
	names map[name]inode // what the names stand for after it; 0: nothing
	inode inode          // of what contents or mode change
	at    int            // where data is written
	data  []byte         // nil: only the mode changes
	mode  fs.FileMode
}

// name is a name in a folder.
type name struct {
	folder inode
	name   string
}

// file is a file or a folder.
type file struct {
	inode   inode
	folder  bool
	mode    fs.FileMode
	data    []byte
	history uint64 // another one for each combination of effects
}

// model is a file system: what was on the disk in the beginning, and what was done.
type model struct {
	files   []file         // by inode; the first is none, the second the project
	begin   map[name]inode // the names on the disk in the beginning
	now     map[name]inode // the names as the program sees them
	size    map[inode]int  // of files, as the program sees them
	effects []effect
	last    map[any]int // the last effect on a name, or on the mode of an inode
}

const project inode = 1

// loadModel reads the folder root.
func loadModel(root string) (*model, error) {
	m := &model{files: make([]file, 1), begin: map[name]inode{}, size: map[inode]int{}, last: map[any]int{}}
	at := map[string]inode{}
	known := map[uint64]inode{} // by the true ones: a file may have several names
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		f := file{folder: d.IsDir(), mode: info.Mode().Perm()}
		if !f.folder {
			if f.data, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		number := installed.StatOf(info).Inode
		if at[path] = known[number]; at[path] == 0 {
			at[path] = m.make(f)
		}
		if known[number] = at[path]; number == 0 {
			delete(known, number) // there are no inodes here
		}
		if path != root {
			m.begin[name{at[filepath.Dir(path)], d.Name()}] = at[path]
		}
		return nil
	})
	m.now = maps.Clone(m.begin)
	return m, err
}

func (m *model) make(f file) inode {
	i := inode(len(m.files))
	f.inode, f.history = i, uint64(i)
	m.files = append(m.files, f)
	m.size[i] = len(f.data)
	return i
}

// contents is what the program sees in a file.
func (m *model) contents(i inode) []byte {
	data := slices.Clone(m.files[i].data)
	for _, e := range m.effects {
		if e.inode == i && e.data != nil {
			data = append(data[:e.at], e.data...)
		}
	}
	return data
}

// lookup is what the program sees at path, relative to the project.
func (m *model) lookup(path string) inode {
	at := project
	if path == "." {
		return at
	}
	for _, part := range strings.Split(path, "/") {
		at = m.now[name{at, part}]
	}
	return at
}

// split is the name that path stands for.
func (m *model) split(path string) name {
	return name{m.lookup(filepath.Dir(path)), filepath.Base(path)}
}

// did remembers an effect.
func (m *model) did(e effect) {
	var touched []any
	for n, to := range e.names {
		touched = append(touched, n)
		if m.now[n] = to; to == 0 {
			delete(m.now, n)
		}
	}
	if e.names == nil && e.data == nil {
		touched = append(touched, e.inode)
	}
	for _, key := range touched {
		if i, ok := m.last[key]; ok {
			e.needs = append(e.needs, i)
		}
		m.last[key] = len(m.effects)
	}
	m.effects = append(m.effects, e)
}

// fate is what became of an effect.
type fate byte

const (
	lost   fate = iota
	zeroed      // of data: the length arrived, the contents did not
	kept
)

// disk is what is on the disk after a crash.
type disk struct {
	files map[string]file // by path, relative to the project
}

// crash tells what is on the disk if the effects had these fates; those that are
// beyond the end of fates had not happened.
func (m *model) crash(fates []fate) disk {
	names, changed := maps.Clone(m.begin), map[inode]file{}
	for i, f := range fates {
		if f == lost {
			continue
		}
		e := &m.effects[i]
		for n, to := range e.names {
			if names[n] = to; to == 0 {
				delete(names, n)
			}
		}
		if e.names == nil {
			file, ok := changed[e.inode]
			if !ok {
				file = m.files[e.inode]
			}
			if e.data != nil || e.mode != file.mode {
				file.history = file.history*1_000_003 + uint64(3*i) + uint64(f)
			}
			changed[e.inode] = e.change(file, f)
		}
	}
	inside := map[inode][]name{}
	for n := range names {
		inside[n.folder] = append(inside[n.folder], n)
	}
	d := disk{files: map[string]file{}}
	var walk func(at inode, path string)
	walk = func(at inode, path string) {
		for _, n := range inside[at] {
			to, p := names[n], filepath.Join(path, n.name)
			f, ok := changed[to]
			if !ok {
				f = m.files[to]
			}
			d.files[p] = f
			walk(to, p)
		}
	}
	walk(project, ".")
	return d
}

// change makes the change of contents or mode.
func (e *effect) change(f file, fate fate) file {
	if e.data == nil {
		f.mode = e.mode
		return f
	}
	data := make([]byte, max(len(f.data), e.at+len(e.data)))
	copy(data, f.data)
	if fate == kept {
		copy(data[e.at:], e.data)
	}
	f.data = data
	return f
}

var seed = maphash.MakeSeed()

// key tells disks apart; the same files and folders in another order are the same.
func (d disk) key() (key uint64) {
	type entry struct {
		path    string
		history uint64
	}
	for path, f := range d.files {
		key += maphash.Comparable(seed, entry{path, f.history})
	}
	return key
}

// writeTo makes the folder root hold what is on the disk.
func (d disk) writeTo(root string) error {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	written := map[inode]string{}
	for _, p := range slices.Sorted(maps.Keys(d.files)) {
		f, path := d.files[p], filepath.Join(root, p)
		var err error
		switch first, again := written[f.inode]; {
		case f.folder:
			err = os.Mkdir(path, f.mode)
		case again:
			err = os.Link(first, path)
		default:
			err = errors.Join(os.WriteFile(path, f.data, f.mode), os.Chmod(path, f.mode))
			written[f.inode] = path
		}
		if err != nil {
			return err
		}
	}
	return nil
}
