package installed

import (
	"path/filepath"

	"github.com/plugins-hcl/plugins/plugin"
)

// StateDir is the folder in a plugin directory that holds this program's state.
// Its name starts with a dot, as no plugin's does.
const StateDir = ".plugins"

// State is the layout of a plugin directory's state.
type State struct{ Dir string } // the plugin directory

// Path is the folder of the state.
func (s State) Path() string { return filepath.Join(s.Dir, StateDir) }

// Plugin is the folder of a plugin.
func (s State) Plugin(name plugin.Name) string { return filepath.Join(s.Dir, string(name)) }

// Records is the folder of the records.
func (s State) Records() string { return filepath.Join(s.Path(), "records") }

// Record is the file of a plugin's record.
func (s State) Record(name plugin.Name) string {
	return filepath.Join(s.Records(), string(name)+recordSuffix)
}

// Journal is the file that exists while a set of changes is being committed.
func (s State) Journal() string { return filepath.Join(s.Path(), "journal") }

// Lock is the file whose lock lets one process at a time change the directory.
func (s State) Lock() string { return filepath.Join(s.Path(), "lock") }

// Staging is the folder in which new trees are made.
func (s State) Staging() string { return filepath.Join(s.Path(), "staging") }

// Previous is the folder of what the last apply replaced.
func (s State) Previous() string { return filepath.Join(s.Path(), "previous") }

// Repaired is the folder of what the last repair replaced, where that left Previous alone.
func (s State) Repaired() string { return filepath.Join(s.Path(), "repaired") }

const recordSuffix = ".json"
