package commit

import (
	"path"
	"path/filepath"
)

const (
	// StateDir is the folder in a directory that holds this program's state. Its name
	// starts with a dot, as no plugin's does.
	StateDir = ".plugins"

	// FilesDir is the folder in it for files that go with folders: for each name, a
	// folder in the directory and a file there change together.
	FilesDir = "records"

	fileSuffix = ".json"
)

// layout is where things are in a directory's state.
type layout struct{ dir string } // the directory

func (l layout) state() string { return filepath.Join(l.dir, StateDir) }

// files is the folder of the files that go with folders.
func (l layout) files() string { return filepath.Join(l.state(), FilesDir) }

// journal is the file that exists while a set of changes is being committed.
func (l layout) journal() string { return filepath.Join(l.state(), "journal") }

// undo is where the journal's other version waits, that says to undo: turning back
// needs a rename, and no room on a full disk.
func (l layout) undo() string { return l.journal() + ".undo" }

// lock is the file whose lock lets one process at a time change the directory.
func (l layout) lock() string { return filepath.Join(l.state(), "lock") }

// staging is the folder in which new trees are made.
func (l layout) staging() string { return filepath.Join(l.state(), "staging") }

// previous is the folder of what the last commit replaced.
func (l layout) previous() string { return filepath.Join(l.dir, filepath.FromSlash(previousRel)) }

// previousJournal is the journal of what that folder holds.
func (l layout) previousJournal() string { return filepath.Join(l.previous(), "journal") }

// nextJournal waits, while a rollback is committed, to become it.
func (l layout) nextJournal() string { return l.previousJournal() + ".next" }

// repaired is the folder of what the last repair replaced, where that left previous
// alone.
func (l layout) repaired() string { return filepath.Join(l.state(), "repaired") }

// quarantine is the folder of what a recovery did not know what to do with.
func (l layout) quarantine() string { return filepath.Join(l.state(), "quarantine") }

const previousRel = StateDir + "/previous"

func stagingOf(id string) string { return path.Join(StateDir, "staging", id) }

func fileRel(name string) string { return path.Join(StateDir, FilesDir, name+fileSuffix) }

// Interrupted reports whether a commit in the directory dir was cut off: the next
// [Open] finishes or undoes it.
func Interrupted(dir string) (bool, error) { return exists(layout{dir}.journal()) }
