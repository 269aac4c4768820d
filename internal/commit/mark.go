package commit

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/plugin"
)

// The mark is a file of the state that a commit replaces together with the names: all of
// it or nothing, whatever happens. It waits under another name, durable since before the
// journal, which says that there is one; the journal goes only when the mark is in its
// place. So the mark needs no room on a full disk when there is no way back any more.

// maxMark bounds a mark, in bytes.
const maxMark = 8 << 20

// Mark says what the mark is to hold once the commit is done.
func (t *Transaction) Mark(data []byte) { t.mark = data }

// ID is what the transaction is called.
func (t *Transaction) ID() string { return t.id }

// ReadMark reads the mark of the directory dir; nil if there is none.
func ReadMark(dir string) ([]byte, error) {
	f, err := swap.Open(dir, markRel)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "read", Path: MarkPath(dir), Err: errors.New("it is no file")}
	}
	if err != nil {
		return nil, err
	}
	return plugin.ReadAtMost(f, maxMark)
}

// MarkPath is where the mark of the directory dir is.
func MarkPath(dir string) string { return layout{dir}.mark() }

// SetMark replaces the mark, durably; nil removes it. One that still waits for its commit
// to be tidied up does not count any more.
func (d *Directory) SetMark(data []byte) error {
	if err := os.Remove(d.layout.nextMark()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if data == nil {
		return swap.Remove(d.layout.mark())
	}
	if err := swap.WriteFile(d.layout.mark(), data, 0o644); err != nil {
		return err
	}
	return d.layout.adopt(d.layout.mark())
}

// writeMark writes what is to become the mark, before the commit.
func (t *Transaction) writeMark() error {
	if t.mark == nil {
		return nil
	}
	if err := swap.WriteFile(t.layout.nextMark(), t.mark, 0o644); err != nil {
		return err
	}
	return t.layout.adopt(t.layout.nextMark())
}

// placeMark makes it the mark. That it does not wait any more means that it was done
// before a crash.
func (j *journal) placeMark(l layout) error {
	if !j.Marks {
		return nil
	}
	if err := swap.Rename(l.nextMark(), l.mark()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return swap.SyncDir(l.state())
}

// Kept tells where what a transaction replaced is kept: apart, or for a rollback; not at
// all, if something took its place.
func (d *Directory) Kept(id string) (kept, apart bool, err error) {
	for _, apart := range []bool{false, true} {
		j := &journal{ID: id, Apart: apart}
		if kept, err := j.isKept(d.layout); err != nil || kept {
			return kept, apart, err
		}
	}
	return false, false, nil
}

// Former is what a name stood for before a transaction.
type Former struct {
	Name   string
	Folder string // where it lies now, relative to the directory; "": there was none
	File   string // that of the file that goes with it
}

// BeforeRepair lists what was there before the transaction of that id, which is kept apart,
// in the order of its changes.
func (d *Directory) BeforeRepair(id string) ([]Former, error) {
	j, err := readJournal(d.layout, filepath.Join(d.layout.repaired(), "journal"))
	if err != nil {
		return nil, err
	}
	if j == nil || j.ID != id {
		return nil, ErrNothingPrevious
	}
	var formers []Former
	at := map[string]int{}
	for _, s := range j.Steps {
		name := s.folder()
		if name == "" {
			name = s.file()
		}
		i, known := at[name]
		if !known {
			i = len(formers)
			at[name], formers = i, append(formers, Former{Name: name})
		}
		place, _, err := j.places(d.layout, s)
		if err != nil {
			return nil, err
		}
		if s.folder() != "" {
			formers[i].Folder = place
		} else {
			formers[i].File = place
		}
	}
	return formers, nil
}

// mark is the file of the mark.
func (l layout) mark() string { return filepath.Join(l.dir, filepath.FromSlash(markRel)) }

// nextMark waits, while a commit is made, to become it.
func (l layout) nextMark() string { return l.mark() + ".next" }

var markRel = path.Join(StateDir, "host")
